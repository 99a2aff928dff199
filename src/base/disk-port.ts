/** The disk, thin: one method a system call. Failed calls throw Node's own `ErrnoException`. */

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
  /** The same; other work of the process goes on meanwhile. `fd` stays open until then. */
  fdatasyncAside(fd: Fd): Promise<void>;
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
