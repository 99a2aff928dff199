/** Random calls on a disk, as data, so that two disks can be given the same ones and their answers compared. */

import { join } from "node:path";
import fc from "fast-check";
import type { Disk, Fd } from "../../src/base/index.ts";

/** Becomes an absolute target inside the root. */
const ABSOLUTE = "<root>/b";
/** A path follows 40 links at most, and each target climbs one folder at most: from so deep nothing leads out of the top. */
const DEPTH = 45;

const anyPath = fc
  .array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const anyTarget = fc.constantFrom("a", "b/c", "../a", "..", ".", "none", "c/../d", ABSOLUTE);
const anyMode = fc.constantFrom(0o700, 0o755, 0o644, 0o600, 0o1777);
const anySlot = fc.nat({ max: 3 });
const anyText = fc.string({ maxLength: 40 });
const anyPosition = fc.option(fc.nat({ max: 6000 }), { nil: null });

/** One call: its name and arguments; a slot stands for a descriptor that an earlier call opened. */
export const anyCall = fc.oneof(
  fc.tuple(fc.constant("createNew" as const), anyPath, anyMode),
  fc.tuple(fc.constant("openAppend" as const), anyPath, anyMode),
  fc.tuple(fc.constant("openRead" as const), anyPath),
  fc.tuple(fc.constant("write" as const), anySlot, anyText, anyPosition),
  fc.tuple(fc.constant("read" as const), anySlot, fc.nat({ max: 6000 })),
  fc.tuple(fc.constant("truncate" as const), anySlot, fc.nat({ max: 6000 })),
  fc.tuple(fc.constant("fchmod" as const), anySlot, anyMode),
  fc.tuple(fc.constant("fstat" as const), anySlot),
  fc.tuple(fc.constant("fsync" as const), anySlot),
  fc.tuple(fc.constant("fdatasync" as const), anySlot),
  fc.tuple(fc.constant("close" as const), anySlot),
  { weight: 3, arbitrary: fc.tuple(fc.constant("mkdir" as const), anyPath, anyMode) },
  fc.tuple(fc.constant("rmdir" as const), anyPath),
  { weight: 2, arbitrary: fc.tuple(fc.constant("link" as const), anyPath, anyPath) },
  fc.tuple(fc.constant("symlink" as const), anyTarget, anyPath),
  { weight: 3, arbitrary: fc.tuple(fc.constant("rename" as const), anyPath, anyPath) },
  fc.tuple(fc.constant("unlink" as const), anyPath),
  fc.tuple(fc.constant("chmod" as const), anyPath, anyMode),
  fc.tuple(fc.constant("lstat" as const), anyPath),
  fc.tuple(fc.constant("list" as const), anyPath),
  fc.tuple(fc.constant("readlink" as const), anyPath),
  fc.tuple(fc.constant("realpath" as const), anyPath),
  fc.tuple(fc.constant("syncDir" as const), anyPath),
);

export type DiskCall = typeof anyCall extends fc.Arbitrary<infer Call> ? Call : never;

export class DiskDriver {
  readonly #disk: Disk;
  readonly #top: string;
  readonly #root: string;
  readonly #fds: Fd[] = [];

  constructor(disk: Disk, top: string) {
    this.#disk = disk;
    this.#top = top;
    let path = top;
    for (let depth = 0; depth < DEPTH; depth += 1) {
      disk.mkdir(path, 0o755);
      path = join(path, "r");
    }
    disk.mkdir(path, 0o755);
    this.#root = path;
  }

  /** What the call answers, or the code that it fails with. */
  make(call: DiskCall): unknown {
    try {
      return this.#make(call) ?? "done";
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return code;
    }
  }

  /** Everything that the two disks must agree on. */
  picture(path = this.#top): unknown[] {
    return this.#disk
      .list(path)
      .names.sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, kind }) => {
        const inner = join(path, name);
        const stat = this.#describe(inner);
        if (kind === "dir") return [name, stat, this.picture(inner)];
        return [name, stat, kind === "link" ? this.#disk.readlink(inner) : this.#content(inner)];
      });
  }

  closeAll(): void {
    for (const fd of this.#fds.splice(0)) this.#disk.close(fd);
  }

  #make(call: DiskCall): unknown {
    const disk = this.#disk;
    switch (call[0]) {
      case "createNew":
      case "openAppend":
        this.#fds.push(disk[call[0]](this.#at(call[1]), call[2]));
        return;
      case "openRead":
        this.#fds.push(disk.openRead(this.#at(call[1])));
        return;
      case "write":
        return disk.write(this.#fd(call[1]), Buffer.from(call[2]), call[3]);
      case "read": {
        const buffer = Buffer.alloc(50);
        return buffer.toString("latin1", 0, disk.read(this.#fd(call[1]), buffer, 0, 50, call[2]));
      }
      case "truncate":
        return disk.truncate(this.#fd(call[1]), call[2]);
      case "fchmod":
        return disk.fchmod(this.#fd(call[1]), call[2]);
      case "fstat": {
        const { kind, sizeBytes, mode, nlink } = disk.fstat(this.#fd(call[1]));
        return { kind, sizeBytes, mode, nlink };
      }
      case "fsync":
      case "fdatasync":
        return disk[call[0]](this.#fd(call[1]));
      case "close": {
        const fd = this.#fd(call[1]);
        this.#fds.splice(this.#fds.indexOf(fd), 1);
        return disk.close(fd);
      }
      case "mkdir":
      case "chmod":
        return disk[call[0]](this.#at(call[1]), call[2]);
      case "link":
      case "rename":
        return disk[call[0]](this.#at(call[1]), this.#at(call[2]));
      case "symlink":
        return disk.symlink(call[1].replace("<root>", this.#root), this.#at(call[2]));
      case "rmdir":
      case "unlink":
      case "syncDir":
      case "readlink":
      case "realpath":
        return disk[call[0]](this.#at(call[1]));
      case "lstat":
        return this.#describe(this.#at(call[1]));
      case "list":
        return disk.list(this.#at(call[1])).names.length;
    }
  }

  #describe(path: string): unknown {
    const found = this.#disk.lstat(path);
    if (found === null) return null;
    // A folder's size and link count are the file system's own business.
    const { kind, mode, sizeBytes, nlink } = found;
    return kind === "dir" ? { kind, mode } : { kind, mode, sizeBytes, nlink };
  }

  #content(path: string): string {
    const fd = this.#disk.openRead(path);
    const buffer = Buffer.alloc(16_384);
    const length = this.#disk.read(fd, buffer, 0, buffer.length, 0);
    this.#disk.close(fd);
    return buffer.toString("latin1", 0, length);
  }

  #at(path: string): string {
    return join(this.#root, path);
  }

  /** A slot without a descriptor is a descriptor that nobody has. */
  #fd(slot: number): Fd {
    return this.#fds[slot] ?? 1_000_000;
  }
}
