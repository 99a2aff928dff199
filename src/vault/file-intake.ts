/**
 * Reads files of the tree into a batch, stably: a file that changes while it is read is read again, at most
 * `LIMITS.unstableReadsMax` times, then kept as read and called unstable.
 *
 * A SQLite database that somebody is writing cannot be read stably, however long one tries: it is copied by SQLite itself.
 * Small files take the synchronous way (one open, one read, one hash); it is what makes a first snapshot fast.
 */

import { join } from "node:path";
import {
  type Digest,
  digester,
  digestOf,
  type Entry,
  type Fd,
  HoldfastError,
  isSystemError,
  LIMITS,
  type Ports,
  type Stat,
  type TreePath,
} from "../base/index.ts";
import { copyDatabase, isDatabase, liveSidecars } from "./database.ts";
import { readFully } from "./pack-files.ts";

export interface FileTaken {
  readonly entry: Entry;
  /** Of the file as it was read; `null` when there is none. */
  readonly stat: Stat | null;
  /** It changed during every attempt. */
  readonly unstable: boolean;
  /** A database that could not be copied consistently: kept as read. */
  readonly torn: boolean;
}

/** Where the bytes go: a batch's `ContentSink`, or `digestsOnly` for looking without remembering. */
export interface ContentTaker {
  putPiece(bytes: Uint8Array, source: { path: TreePath }): Digest;
  beginRun(source: { path: TreePath }): { push(piece: Uint8Array): void; end(): { digest: Digest; sizeBytes: number } };
  readonly full: boolean;
  drained(): Promise<void>;
}

export function digestsOnly(): ContentTaker {
  return {
    putPiece: digestOf,
    full: false,
    drained: async () => {},
    beginRun() {
      const whole = digester();
      let sizeBytes = 0;
      return {
        push(piece) {
          whole.update(piece);
          sizeBytes += piece.length;
        },
        end: () => ({ digest: whole.digest(), sizeBytes }),
      };
    },
  };
}

export interface IntakePlace {
  readonly root: string;
  readonly scratch: string;
}

type IntakePorts = Pick<Ports, "disk" | "stores" | "random" | "clock">;

export class FileIntake {
  readonly #ports: IntakePorts;
  readonly #place: IntakePlace;
  /** One byte more than a block, so that one read tells whether the file ends in it. */
  #buffer: Buffer | null = null;

  constructor(place: IntakePlace, ports: IntakePorts) {
    this.#place = place;
    this.#ports = ports;
  }

  /** The state of `path`, its bytes put into `sink`. A fifo, socket or device is `PATH_INVALID`; what cannot be read throws its `EACCES`. */
  async take(path: TreePath, sink: ContentTaker): Promise<FileTaken> {
    const absolute = join(this.#place.root, path);
    for (let attempt = 1; ; attempt += 1) {
      const stat = this.#ports.disk.lstat(absolute);
      if (stat === null) return ABSENT_TAKEN;
      if (stat.kind !== "file")
        return { entry: this.#entryOfOther(absolute, path, stat), stat, unstable: false, torn: false };
      const taken = this.takeNow(path, stat, sink) ?? (await this.#takeSlowly(path, sink));
      if (taken !== null && (!taken.unstable || attempt === LIMITS.unstableReadsMax)) return taken;
    }
  }

  /**
   * The synchronous way, for a file of at most one block whose `lstat` the caller has: `null` when it needs the other way (longer,
   * a database being written, gone, replaced). When the file changed since `stat`, the answer is unstable.
   */
  takeNow(path: TreePath, stat: Stat, sink: ContentTaker): FileTaken | null {
    if (stat.sizeBytes > LIMITS.blockSizeBytes) return null;
    const absolute = join(this.#place.root, path);
    const fd = this.#open(absolute);
    if (fd === null) return null;
    try {
      this.#buffer ??= Buffer.allocUnsafeSlow(LIMITS.blockSizeBytes + 1);
      const length = this.#ports.disk.read(fd, this.#buffer, 0, stat.sizeBytes + 1, 0);
      const after = this.#ports.disk.fstat(fd);
      if (length > stat.sizeBytes && length > LIMITS.blockSizeBytes) return null;
      const bytes = this.#buffer.subarray(0, length);
      if (isDatabase(bytes) && liveSidecars(absolute, this.#ports.disk).length > 0) return null;
      const digest = sink.putPiece(bytes, { path });
      const unstable = length !== stat.sizeBytes || !sameStat(stat, after);
      return {
        entry: { kind: "file", digest, sizeBytes: length, mode: after.mode },
        stat: after,
        unstable,
        torn: false,
      };
    } finally {
      this.#ports.disk.close(fd);
    }
  }

  async #takeSlowly(path: TreePath, sink: ContentTaker): Promise<FileTaken | null> {
    const absolute = join(this.#place.root, path);
    const sidecars = liveSidecars(absolute, this.#ports.disk);
    const database = sidecars.length > 0 && this.beginsAsDatabase(path);
    if (!database) return this.#takeStream(absolute, { path }, sink);
    const stat = this.#ports.disk.lstat(absolute);
    const copy = await copyDatabase(absolute, this.#place.scratch, this.#ports);
    if (stat === null) return null;
    if (copy === null) {
      const taken = await this.#takeStream(absolute, { path }, sink);
      return taken === null ? null : { ...taken, unstable: false, torn: true };
    }
    try {
      const taken = await this.#takeStream(copy, { path }, sink);
      if (taken?.entry.kind !== "file") return null;
      return { entry: { ...taken.entry, mode: stat.mode }, stat, unstable: false, torn: false };
    } finally {
      this.#ports.disk.unlink(copy);
    }
  }

  async #takeStream(absolute: string, source: { path: TreePath }, sink: ContentTaker): Promise<FileTaken | null> {
    let taken: FileTaken | null = null;
    await this.#stream(absolute, {
      begin: () => sink.beginRun(source),
      drained: () => (sink.full ? sink.drained() : null),
      end: ({ digest, sizeBytes, stat, unstable }) => {
        taken = { entry: { kind: "file", digest, sizeBytes, mode: stat.mode }, stat, unstable, torn: false };
      },
    });
    return taken;
  }

  /** Reads a file block by block. Nothing is called back when there is no file. */
  async #stream(absolute: string, target: StreamTarget): Promise<void> {
    const { disk, clock } = this.#ports;
    const fd = this.#open(absolute);
    if (fd === null) return;
    try {
      const before = disk.fstat(fd);
      const content = target.begin();
      const buffer = Buffer.allocUnsafeSlow(LIMITS.blockSizeBytes);
      // What somebody appends faster than it is read would never end: as long as it was when it was opened is enough.
      for (let position = 0; position === 0 || position < before.sizeBytes; ) {
        const length = readFully(disk, fd, buffer, position);
        if (length > 0 || position === 0) content.push(buffer.subarray(0, length));
        position += length;
        if (length < buffer.length) break;
        await (target.drained?.() ?? clock.breathe());
      }
      const { digest, sizeBytes } = content.end();
      const after = disk.fstat(fd);
      target.end({
        digest,
        sizeBytes,
        stat: after,
        unstable: !sameStat(before, after) || sizeBytes !== after.sizeBytes,
      });
    } finally {
      disk.close(fd);
    }
  }

  /** `null` when there is no regular file (any more). */
  #open(absolute: string): Fd | null {
    try {
      return this.#ports.disk.openRead(absolute);
    } catch (error) {
      if (isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "ENXIO")) return null;
      throw error;
    }
  }

  beginsAsDatabase(path: TreePath): boolean {
    const fd = this.#open(join(this.#place.root, path));
    if (fd === null) return false;
    const head = Buffer.alloc(16);
    const length = readFully(this.#ports.disk, fd, head, 0);
    this.#ports.disk.close(fd);
    return isDatabase(head.subarray(0, length));
  }

  #entryOfOther(absolute: string, path: TreePath, stat: Stat): Entry {
    if (stat.kind === "dir") return { kind: "dir", mode: stat.mode };
    if (stat.kind === "link") return { kind: "link", target: this.#ports.disk.readlink(absolute) };
    throw new HoldfastError("PATH_INVALID", `${path} is a fifo, a socket or a device`, { data: { path } });
  }
}

interface StreamTarget {
  begin(): { push(piece: Uint8Array): void; end(): { digest: Digest; sizeBytes: number } };
  drained?(): Promise<void> | null;
  end(read: { digest: Digest; sizeBytes: number; stat: Stat; unstable: boolean }): void;
}

const ABSENT_TAKEN: FileTaken = { entry: { kind: "absent" }, stat: null, unstable: false, torn: false };

/** The same inode, not written in between as far as its times tell. */
export function sameStat(a: Stat, b: Stat): boolean {
  return (
    a.ino === b.ino &&
    a.sizeBytes === b.sizeBytes &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.mode === b.mode
  );
}
