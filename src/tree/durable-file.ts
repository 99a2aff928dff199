/** Small files that must be whole or absent: read in one piece, replaced atomically and durably. */

import { dirname } from "node:path";
import { type Disk, isSystemError } from "../base/index.ts";

/**
 * Puts `text` at `path`. The caller holds the lock that guards `path`: the temporary name is fixed, so that a crash leaves at most
 * one, which the next call removes.
 *
 * Crash: the old file or the new one, never a mixture; `<path>.new` may be left.
 */
export function replaceDurably(disk: Disk, path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  if (disk.lstat(temporary) !== null) disk.unlink(temporary);
  const fd = disk.createNew(temporary, mode);
  try {
    disk.write(fd, Buffer.from(text), null);
    disk.fchmod(fd, mode);
    disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, path);
  disk.syncDir(dirname(path));
}

/** All bytes of a small regular file; `null` when nothing is there. Never through a link. */
export function readWhole(disk: Pick<Disk, "openRead" | "fstat" | "read" | "close">, path: string): Buffer | null {
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
  try {
    const pieces: Buffer[] = [];
    for (let position = 0; ; ) {
      const piece = Buffer.allocUnsafe(Math.max(4_096, disk.fstat(fd).sizeBytes - position));
      const count = disk.read(fd, piece, 0, piece.length, position);
      if (count === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, count));
      position += count;
    }
  } finally {
    disk.close(fd);
  }
}

/** Makes a folder and those above it that are missing, durably. */
export function makeFolders(disk: Pick<Disk, "lstat" | "mkdir" | "syncDir">, path: string, mode: number): void {
  if (disk.lstat(path) !== null) return;
  makeFolders(disk, dirname(path), mode);
  try {
    disk.mkdir(path, mode);
  } catch (error) {
    // Another process may have made it in between.
    if (!isSystemError(error, "EEXIST")) throw error;
  }
  disk.syncDir(dirname(path));
}
