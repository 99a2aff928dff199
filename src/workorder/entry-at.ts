/** What stands at a place right now, digest included. Of any size: content is read in pieces. */

import { ABSENT, type Disk, digester, type Entry, HoldfastError, isSystemError, type Stat } from "../base/index.ts";

const PIECE_BYTES = 1 << 20;

/** Never follows a link. A file that vanishes while it is read is `ABSENT`; a device, fifo or socket is refused. */
export function entryAt(disk: Disk, path: string): Entry {
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
      throw new HoldfastError("WO_INVALID", `${path} is neither file, folder nor link`, { data: { path } });
  }
}

function fileEntryAt(disk: Disk, path: string): Entry {
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return ABSENT;
    throw error;
  }
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
