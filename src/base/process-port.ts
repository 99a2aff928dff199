/** What Holdfast needs to know of processes: its own, the programs that it runs, and everybody else's. */

export interface RunRequest {
  /** A program and its arguments; never through a shell. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Added to, and with `undefined` removed from, the inherited environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Of stdout and stderr each; what exceeds it is cut in the middle and said. */
  readonly outputBytesMax?: number;
  readonly signal?: AbortSignal;
  /** Strip every inherited `GIT_*` variable (default true); those in `env` stay. */
  readonly stripGit?: boolean;
}

export interface RunResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface ForegroundRequest {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Added to, and with `undefined` removed from, this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the program writes to its stdout goes to this process's stderr. */
  readonly stdoutToStderr?: boolean;
  onStart?(pid: number): void;
}

export interface ForegroundResult {
  /** As shells count: 128 and the signal's number, where a signal ended it. */
  readonly exitCode: number;
  readonly signal: string | null;
}

export interface ProcessPort {
  readonly pid: number;
  readonly platform: "linux" | "darwin";
  readonly uid: number;
  /** The Node that runs this process. */
  readonly nodePath: string;
  /** This package's `bin/holdfast`, absolute: what starts Holdfast again. */
  readonly launcher: string;
  /** Runs to its end in a process group of its own, which is killed afterwards, on timeout and on abort. Throws `ENOENT` … when it cannot start. */
  run(request: RunRequest): Promise<RunResult>;
  /**
   * Runs a program with this process's own terminal and streams, in its process group; signals are the program's as long as it runs.
   * Throws `ENOENT`, `EACCES` … when it cannot start.
   */
  runInForeground(request: ForegroundRequest): Promise<ForegroundResult>;
  /** Ends this process as `signal` would. */
  endBySignal(signal: string): void;
  /** The absolute path of a program on `PATH`, or `null`. */
  which(program: string): string | null;
  env(name: string): string | undefined;
  envNames(): string[];
  cwd(): string;
  home(): string;
  hostname(): string;
  userName(): string;
  /** False, too, for what has ended and was not collected by its parent. */
  isAlive(pid: number): boolean;
  /** This process and its parents, nearest first, with what can be read of each. Empty where `/proc` is missing. */
  ancestors(): ProcessFacts[];
  /**
   * Looks at the processes of this machine, newest first, and keeps those that `wanted` takes; ends after `budgetMs`, so that the
   * youngest, which may be gone in a millisecond, are seen first. Synchronous. `null` where there is no `/proc`: use `listProcesses`.
   */
  scanProcesses(scan: ProcessScan): ProcessSighting | null;
  /** One process, or `null` when it is gone (or there is no `/proc`). `valuesOf`: environment variables whose values are read too. */
  inspectProcess(pid: number, valuesOf: readonly string[]): SeenProcess | null;
  /** The same by `ps`, as a child: no folder, no environment, arguments split at spaces. For macOS, where nothing better is there. */
  listProcesses(): Promise<SeenProcess[]>;
  /** True for a process that has `path` open for writing, `false` for none seen, `null` where it cannot be told. */
  isOpenForWriting(path: string): boolean | null;
  readonly stdinIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** All of stdin, at most `bytesMax` of it. */
  readStdin(bytesMax: number): Promise<Buffer>;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  readonly sessionId: number;
  /** `null` where it may not be read. */
  readonly envNames: readonly string[] | null;
}

export interface ProcessScan {
  readonly budgetMs: number;
  /** So many are looked at even when the time is over: on a busy machine it passes without work being done. */
  readonly countMin?: number;
  /** Environment variables whose values are read, of those that are kept. */
  readonly valuesOf: readonly string[];
  wanted(process: Pick<SeenProcess, "pid" | "argv" | "cwd">): boolean;
}

export interface ProcessSighting {
  /** Newest first. */
  readonly processes: readonly SeenProcess[];
  readonly lookedAt: number;
  /** False when the time was over before all were looked at. */
  readonly isComplete: boolean;
}

/** A process at one moment. It may end while it is looked at: what could not be read then is `null`. */
export interface SeenProcess {
  readonly pid: number;
  /** Tells apart two processes of one id; `null` when it was gone. */
  readonly startKey: string | null;
  /** Unix ms, exact to about 20 ms. */
  readonly startedMs: number | null;
  readonly parentPid: number | null;
  readonly sessionId: number | null;
  /** It has a controlling terminal. */
  readonly hasTerminal: boolean;
  readonly userId: number | null;
  /** The kernel's short name, at most 15 bytes. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string | null;
  readonly envNames: readonly string[] | null;
  readonly envValues: Readonly<Record<string, string>>;
}
