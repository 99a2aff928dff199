/** What stands at a place right now, digest included. Of any size: content is read in pieces. */

import {
  ABSENT,
  type Disk,
  digester,
  type Entry,
  HoldfastError,
  isSystemError,
  type Stat,
  sameEntry,
} from "../base/index.ts";

const PIECE_BYTES = 1 << 20;
const LOOKS_MAX = 8;

/** A fifo, socket or device: nobody's order makes one, but somebody may put one there. */
export type Standing = Entry | { readonly kind: "other" };

/** What may stand at a path, whoever put it there. Never follows a link. What vanishes while it is read is `ABSENT`. */
export function standingAt(disk: Disk, path: string): Standing {
  for (let looks = 1; ; looks += 1) {
    try {
      return lookAt(disk, path);
    } catch (error) {
      // It became something else between two calls.
      if (looks === LOOKS_MAX || !isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "ENXIO", "EINVAL"))
        throw error;
    }
  }
}

/** True when `standing` is in the state `entry`: kind, content, mode, link target. */
export function isAs(standing: Standing, entry: Entry): boolean {
  return standing.kind !== "other" && sameEntry(standing, entry);
}

/** The same where only what an order can make may stand: a device, fifo or socket is refused with `WO_INVALID`. */
export function entryAt(disk: Disk, path: string): Entry {
  const standing = standingAt(disk, path);
  if (standing.kind !== "other") return standing;
  throw new HoldfastError("WO_INVALID", `${path} is neither file, folder nor link`, { data: { path } });
}

function lookAt(disk: Disk, path: string): Standing {
  const stat = disk.lstat(path);
  if (stat === null) return ABSENT;
  switch (stat.kind) {
    case "dir":
      return { kind: "dir", mode: stat.mode };
    case "link":
      return { kind: "link", target: disk.readlink(path) };
    case "file":
      return fileEntryAt(disk, path);
    case "other":
      return { kind: "other" };
  }
}

function fileEntryAt(disk: Disk, path: string): Entry {
  const fd = disk.openRead(path);
  try {
    return fileEntryOf(disk, fd);
  } finally {
    disk.close(fd);
  }
}

/** Of an open regular file. */
export function fileEntryOf(disk: Disk, fd: number): Entry & { kind: "file" } {
  const stat: Stat = disk.fstat(fd);
  const digest = digester();
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(PIECE_BYTES, stat.sizeBytes + 1)));
  let position = 0;
  for (;;) {
    const count = disk.read(fd, buffer, 0, buffer.length, position);
    if (count === 0) break;
    digest.update(buffer.subarray(0, count));
    position += count;
  }
  return { kind: "file", digest: digest.digest(), sizeBytes: position, mode: stat.mode };
}

/** All bytes of a regular file, for content that an order edits; the caller bounds the size. */
export function bytesAt(disk: Disk, path: string): Buffer {
  const fd = disk.openRead(path);
  try {
    const size = disk.fstat(fd).sizeBytes;
    const bytes = Buffer.allocUnsafe(size);
    let position = 0;
    while (position < size) {
      const count = disk.read(fd, bytes, position, size - position, position);
      if (count === 0) break;
      position += count;
    }
    return bytes.subarray(0, position);
  } finally {
    disk.close(fd);
  }
}
