/**
 * What Holdfast needs of the outside world. `platform/` implements it for real, `test/fakes/` for tests.
 *
 * Ports are thin and synchronous where the system call is: a synchronous `lstat` costs a third of the promise one. They exist so
 * that a crash test can simulate a disk that loses what was not synced. Failed calls throw Node's own `ErrnoException`.
 */

import type { Disk } from "./disk-port.ts";
import type { HttpPort } from "./http-port.ts";
import type { ProcessPort } from "./process-port.ts";
import type { Threads } from "./threads-port.ts";

export interface Ports {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly process: ProcessPort;
  readonly git: GitPort;
  readonly stores: StorePort;
  readonly sockets: SocketPort;
  readonly http: HttpPort;
  readonly watch: WatchPort;
  readonly threads: Threads;
  readonly log: Log;
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

// ----------------------------------------------------------------------------------------------------------------- git

/** Reads of git, each with `GIT_*` stripped, optional locks off, and nothing run that a repository configures. */
export interface GitPort {
  /** The repository that `dir` is in, or `null` when it is in none (or git is missing). Reads files only, starts no process. */
  locate(dir: string): GitLocation | null;
  /** `refs/heads/main` → `{branch: "main"}`; detached → `{branch: null, commit}`. Reads files only. */
  head(location: GitLocation): GitHead;
  /** Runs `git <args>` in `dir` and returns stdout; throws on a non-zero exit. */
  run(dir: string, args: readonly string[], options?: GitRunOptions): Promise<Buffer>;
  /** Starts the same in the background, where it outlives this process; nothing is told of how it ends. */
  startApart(dir: string, args: readonly string[], options?: Pick<GitRunOptions, "objects">): void;
}

export interface GitRunOptions {
  readonly timeoutMs?: number;
  readonly stdin?: string;
  /**
   * Another folder for objects, with the repository's own as an alternate to it: what git finds in it – a commit graph, say – it uses,
   * and what it writes of that kind comes there.
   */
  readonly objects?: { readonly own: string; readonly repository: string };
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
  /**
   * `BEGIN IMMEDIATE … COMMIT`, durable when it returns; rolled back when `work` throws. Inside another it joins that one.
   *
   * `durable: "later"`: visible when it returns, durable after the next `barrier` or the next commit that waits for the disk. Commits
   * survive in their order: one that a power cut took takes all later ones with it. So only what happens *outside* the store has to
   * wait for the barrier.
   */
  transaction<T>(work: () => T, options?: { durable?: "now" | "later" }): T;
  /** All that was committed before the call is durable when it resolves. The disk is waited for aside: other work goes on. */
  barrier(): Promise<void>;
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
