/** Reading a file of lines that somebody may be writing, or that a crash has cut: only what ends in a newline is a line. */

import { isUtf8 } from "node:buffer";
import { type Disk, type Fd, LIMITS } from "../base/index.ts";

export interface CompleteLine {
  /** Byte offset in the file. */
  readonly at: number;
  /** Without its newline; `null` when it is not UTF-8 or longer than `LIMITS.ledgerLineBytesMax`: then it is no line of ours. */
  readonly text: string | null;
}

/** The complete lines from byte `from` on. Returns the offset after the last one; what lies beyond is a line cut off. */
export function* completeLines(disk: Disk, path: string, from = 0): Generator<CompleteLine, number> {
  const fd = disk.openRead(path);
  try {
    return yield* linesOf(disk, fd, from);
  } finally {
    disk.close(fd);
  }
}

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

function* linesOf(disk: Disk, fd: Fd, from: number): Generator<CompleteLine, number> {
  let lineAt = from;
  /** The pieces of a line whose newline was not read yet. */
  let pieces: Buffer[] = [];
  let position = from;
  while (true) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const length = disk.read(fd, block, 0, BLOCK_BYTES, position);
    if (length === 0) return lineAt;
    let start = 0;
    for (let end = indexOfNewline(block, start, length); end !== -1; end = indexOfNewline(block, start, length)) {
      const last = block.subarray(start, end);
      const bytes = pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
      yield { at: lineAt, text: textOf(bytes, position + end - lineAt) };
      pieces = [];
      start = end + 1;
      lineAt = position + start;
    }
    position += length;
    const tooLong = position - lineAt > LIMITS.ledgerLineBytesMax;
    pieces = tooLong ? [] : [...pieces, block.subarray(start, length)];
  }
}

function indexOfNewline(block: Buffer, from: number, length: number): number {
  const index = block.indexOf(NEWLINE, from);
  return index < length ? index : -1;
}

function textOf(bytes: Buffer, sizeBytes: number): string | null {
  return sizeBytes <= LIMITS.ledgerLineBytesMax && isUtf8(bytes) ? bytes.toString("utf8") : null;
}
