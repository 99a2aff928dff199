/** Files of any size from their end, in bounded memory: logs and ledgers grow there, and what matters is there. */

import { type Disk, isSystemError } from "../../base/index.ts";

export interface Piece {
  /** Whole lines. */
  readonly bytes: Buffer;
  /** More stands before it. */
  readonly isCut: boolean;
  readonly changedMs: number;
}

const NEWLINE = 10;

/** The last `bytesMax` of a file. `null` for what is no regular file, or may not be read. */
export function readTail(path: string, bytesMax: number, disk: Disk): Piece | null {
  return piecesFromEnd(path, bytesMax, disk).next().value ?? null;
}

/**
 * A file piece by piece, the last first. A line that is longer than a piece is left out. Nothing at all for what is no regular file, or
 * may not be read. `scratch`: where pieces are read to that nobody keeps; as large as a piece.
 */
export function* piecesFromEnd(
  path: string,
  pieceBytes: number,
  disk: Disk,
  scratch?: Buffer,
): Generator<Piece, undefined> {
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error)) return;
    throw error;
  }
  try {
    const { sizeBytes, mtimeMs, kind } = disk.fstat(fd);
    for (let end = kind === "file" ? sizeBytes : 0; end > 0; ) {
      const start = Math.max(0, end - pieceBytes);
      const read = readBetween(fd, { start, end }, scratch ?? Buffer.allocUnsafe(end - start), disk);
      const lineStart = start === 0 ? 0 : read.indexOf(NEWLINE) + 1;
      // No line begins in it, or none that ends in it.
      const isOneLine = start > 0 && (lineStart === 0 || lineStart === read.length);
      yield { bytes: isOneLine ? read.subarray(0, 0) : read.subarray(lineStart), isCut: start > 0, changedMs: mtimeMs };
      end = isOneLine ? start : start + lineStart;
      if (start === 0) return;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
  } finally {
    disk.close(fd);
  }
}

function readBetween(fd: number, { start, end }: { start: number; end: number }, bytes: Buffer, disk: Disk): Buffer {
  let length = 0;
  while (length < end - start) {
    const count = disk.read(fd, bytes, length, end - start - length, start + length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
