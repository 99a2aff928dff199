/**
 * What Holdfast needs of the outside world. `platform/` implements it for real, `test/fakes/` for tests.
 *
 * Ports are thin and synchronous where the system call is: a synchronous `lstat` costs a third of the promise one. They exist so
 * that a crash test can simulate a disk that loses what was not synced. Failed calls throw Node's own `ErrnoException`.
 */

export interface Ports {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly process: ProcessPort;
  readonly git: GitPort;
  readonly stores: StorePort;
  readonly sockets: SocketPort;
  readonly watch: WatchPort;
  readonly log: Log;
}

// ---------------------------------------------------------------------------------------------------------------- disk

export type FileKind = "file" | "dir" | "link" | "other";

/** What `lstat` and `fstat` tell. Times are milliseconds with the fraction that a double holds (244 ns). */
export interface Stat {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** The twelve permission bits, `0o7777`. */
  readonly mode: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly dev: number;
  readonly nlink: number;
}

export interface ListedName {
  readonly name: string;
  readonly kind: FileKind;
}

/** A folder's names. A name that is not valid UTF-8 cannot be addressed: it is told apart, with its bytes escaped (`caf\xe9`). */
export interface Listing {
  readonly names: ListedName[];
  readonly undecodable: string[];
}

export type Fd = number;

export interface Disk {
  /** Never follows a link. `null` when nothing is there (`ENOENT`, `ENOTDIR`). */
  lstat(path: string): Stat | null;
  fstat(fd: Fd): Stat;
  list(path: string): Listing;
  realpath(path: string): string;
  readlink(path: string): string;

  /** Opens a regular file for reading, never through a link (`O_NOFOLLOW`, `ELOOP`), never blocking on a fifo (`O_NONBLOCK`). */
  openRead(path: string): Fd;
  /** Creates a new file for writing; fails with `EEXIST` when the name is taken. */
  createNew(path: string, mode: number): Fd;
  /** Opens for appending, creating it when absent. Never through a link. */
  openAppend(path: string, mode: number): Fd;
  read(fd: Fd, buffer: Uint8Array, offset: number, length: number, position: number): number;
  /** Writes all of `bytes` at `position` (`null`: at the file's own position). */
  write(fd: Fd, bytes: Uint8Array, position: number | null): void;
  truncate(fd: Fd, sizeBytes: number): void;
  fchmod(fd: Fd, mode: number): void;
  close(fd: Fd): void;

  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  /** A new name for an existing file; fails with `EEXIST` when the name is taken. The only way to install without overwriting. */
  link(existing: string, path: string): void;
  symlink(target: string, path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Of a file or folder; a link is refused with `ELOOP`. */
  chmod(path: string, mode: number): void;

  /** Makes a file's content and size durable. */
  fdatasync(fd: Fd): void;
  fsync(fd: Fd): void;
  /** Makes a folder's names durable. */
  syncDir(path: string): void;
  /**
   * One barrier for many: every file and folder named is durable when the promise resolves. Files are opened for it.
   * Many paths are synced side by side, or by one sync of the file system when that is cheaper.
   */
  syncAll(paths: { files: readonly string[]; dirs: readonly string[] }): Promise<void>;
  /** Free and total bytes of the file system that holds `path`. */
  space(path: string): { freeBytes: number; totalBytes: number };
}

// --------------------------------------------------------------------------------------------------------------- clock

export interface Clock {
  /** Wall clock, Unix milliseconds. May jump. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /** Resolves when the time is over, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets other work of the process run: called between slices of at most 5 ms. */
  breathe(): Promise<void>;
}

export interface Random {
  bytes(count: number): Buffer;
}

// ------------------------------------------------------------------------------------------------------------- process

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

export interface ProcessPort {
  readonly pid: number;
  readonly platform: "linux" | "darwin";
  readonly uid: number;
  /** The Node that runs this process. */
  readonly nodePath: string;
  /** Runs to its end in a process group of its own, which is killed afterwards, on timeout and on abort. Throws `ENOENT` … when it cannot start. */
  run(request: RunRequest): Promise<RunResult>;
  /** The absolute path of a program on `PATH`, or `null`. */
  which(program: string): string | null;
  env(name: string): string | undefined;
  envNames(): string[];
  cwd(): string;
  home(): string;
  hostname(): string;
  userName(): string;
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

// ----------------------------------------------------------------------------------------------------------------- git

/** Reads of git, each with `GIT_*` stripped, optional locks off, and nothing run that a repository configures. */
export interface GitPort {
  /** The repository that `dir` is in, or `null` when it is in none (or git is missing). Reads files only, starts no process. */
  locate(dir: string): GitLocation | null;
  /** `refs/heads/main` → `{branch: "main"}`; detached → `{branch: null, commit}`. Reads files only. */
  head(location: GitLocation): GitHead;
  /** Runs `git <args>` in `dir` and returns stdout; throws on a non-zero exit. */
  run(dir: string, args: readonly string[], options?: { timeoutMs?: number; stdin?: string }): Promise<Buffer>;
}

export interface GitLocation {
  /** The folder that holds `.git`. */
  readonly workTree: string;
  /** This work tree's git folder. */
  readonly gitDir: string;
  /** The folder shared by all worktrees. Equals `gitDir` in the main one. */
  readonly commonDir: string;
}

export interface GitHead {
  readonly branch: string | null;
  readonly commit: string | null;
}

// --------------------------------------------------------------------------------------------------------------- store

export type SqlValue = string | number | bigint | null | Uint8Array;

/** One SQLite database. Statements are prepared once and kept. */
export interface Store {
  readonly path: string;
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SqlValue[]): Row[];
  iterate<Row>(sql: string, ...values: SqlValue[]): IterableIterator<Row>;
  run(sql: string, ...values: SqlValue[]): { changes: number; lastRowid: number };
  exec(sql: string): void;
  /** `BEGIN IMMEDIATE … COMMIT`, durable when it returns; rolled back when `work` throws. Inside another it joins that one. */
  transaction<T>(work: () => T): T;
  readonly inTransaction: boolean;
  /** A consistent copy into a new file (`VACUUM INTO`). */
  copyTo(path: string): void;
  close(): void;
}

export interface StorePort {
  /** Opens or creates. WAL, `synchronous=FULL`, `fullfsync` on macOS. A read-only store is never written, not even its journal mode. */
  open(path: string, options?: { readOnly?: boolean }): Store;
  /** Holds an exclusive lock until `release`; `null` when somebody else holds it. Ends with the process, however it ends. */
  tryLock(path: string): { release(): void } | null;
  /**
   * A consistent copy of somebody else's SQLite database into `to`, through SQLite, or `null` when it is none or cannot be opened.
   * Writes nothing beside the source but what SQLite's own readers need.
   */
  backup(from: string, to: string): Promise<boolean>;
}

/** One unit of a schema: applied once, in order, inside one transaction. */
export interface Migration {
  readonly room: string;
  readonly version: number;
  readonly sql: string;
}

// ------------------------------------------------------------------------------------------------------------- sockets

/** Unix sockets. */
export interface SocketPort {
  /** Binds `path` (which must not exist: `EADDRINUSE`) with mode 0600. */
  listen(path: string, onConnection: (connection: Connection) => void): Promise<Listener>;
  /** Throws `ENOENT` where there is no socket, `ECONNREFUSED` where nobody listens. */
  connect(path: string): Promise<Connection>;
}

export interface Listener {
  /** Takes no new connections, removes the socket file, and resolves when the last connection has ended. */
  close(): Promise<void>;
}

export interface Connection {
  /** What was written and the other side has not taken yet. */
  readonly unsentBytes: number;
  write(text: string): void;
  /** Sends what was written, then closes. */
  end(): void;
  destroy(): void;
  onData(take: (bytes: Buffer) => void): void;
  onClose(note: () => void): void;
}

// --------------------------------------------------------------------------------------------------------------- watch

/** File events. Each is a hint that something may have changed, no more: names may be stale, twice, or missing. */
export interface WatchPort {
  /** True where one watch sees everything below its folder (macOS): its hints then name paths, `a/b`. */
  readonly recursive: boolean;
  /** As many events as the system holds for a process that does not come to read them; what comes beyond is lost without a word. */
  readonly queueLength: number;
  /**
   * Names that were made, removed, renamed, written or changed in their mode in a folder. A hint with the folder's own name
   * may be about the folder itself; `null`: anything. After the folder was moved the watch goes on, after it was
   * removed it is silent for ever: neither is said.
   *
   * Throws `ENOENT`, `ENOTDIR`, `EACCES`, and `ENOSPC` or `EMFILE` when the system gives no more watches. `onEnd`: it broke, and is over.
   */
  watchFolder(path: string, onHint: (name: string | null) => void, onEnd: (error: Error) => void): Watch;
  /** The same for one file, through whichever of its names it is changed. */
  watchFile(path: string, onHint: () => void, onEnd: (error: Error) => void): Watch;
  /** What is mounted where, as one text to compare: mounting raises no event. `""` where it cannot be told. */
  mountTable(): string;
}

export interface Watch {
  close(): void;
}

// ----------------------------------------------------------------------------------------------------------------- log

export interface Log {
  info(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  error(message: string, error: unknown, data?: Record<string, unknown>): void;
}

/** `done` of `total` (`null`: not known) of the phase `what`. */
export type Progress = (what: string, done: number, total: number | null) => void;
