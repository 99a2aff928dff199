/** Reads through a pack without an index, finding its way back after damage: nothing behind a torn record is lost. */

import { join } from "node:path";
import type { Disk, Fd } from "../base/index.ts";
import { packName, type RecordPlace, readFully } from "./pack-files.ts";
import {
  findMagic,
  headHolds,
  PACK_HEAD_BYTES,
  parseHead,
  parsePackHead,
  RECORD_HEAD_BYTES,
  type RecordHead,
  recordLength,
} from "./record.ts";

export interface ScannedRecord extends RecordPlace {
  readonly head: RecordHead;
  readonly table: Buffer;
  /** The whole record, unchecked but for its head and table. Reads it. */
  bytes(): Buffer;
}

/** Bytes that are no record: torn by a crash, or damaged. */
export interface ScannedGap {
  readonly pack: number;
  readonly offset: number;
  readonly gapBytes: number;
}

export function* scanPack(disk: Disk, dir: string, pack: number): Generator<ScannedRecord | ScannedGap> {
  const fd = disk.openRead(join(dir, packName(pack)));
  try {
    const end = disk.fstat(fd).sizeBytes;
    const hasHead = parsePackHead(readAt(disk, fd, 0, PACK_HEAD_BYTES)) !== null;
    if (!hasHead && end > 0) yield { pack, offset: 0, gapBytes: Math.min(end, PACK_HEAD_BYTES) };
    for (let offset = PACK_HEAD_BYTES; offset < end; ) {
      const record = recordAt({ disk, fd, pack, end }, offset);
      const next = record === null ? nextRecord({ disk, fd, pack, end }, offset + 1) : offset + record.length;
      if (record === null && next === end && isUnusedRoom({ disk, fd, end }, offset)) return;
      yield record ?? { pack, offset, gapBytes: next - offset };
      offset = next;
    }
  } finally {
    disk.close(fd);
  }
}

interface OpenFile {
  readonly disk: Disk;
  readonly fd: Fd;
  readonly pack: number;
  readonly end: number;
}

/** `null` when no record with a whole head and table, and room for its bytes, begins there. */
function recordAt(file: OpenFile, offset: number): ScannedRecord | null {
  const { disk, fd, pack, end } = file;
  const head = parseHead(readAt(disk, fd, offset, RECORD_HEAD_BYTES));
  if (head === null || offset + recordLength(head) > end) return null;
  const start = readAt(disk, fd, offset, RECORD_HEAD_BYTES + head.tableLength);
  if (!headHolds(start, head)) return null;
  const length = recordLength(head);
  const bytes = () => readAt(disk, fd, offset, length);
  return { pack, offset, length, head, table: start.subarray(RECORD_HEAD_BYTES), bytes };
}

/** Where the next whole record begins at or after `from`; the end when nowhere. */
function nextRecord(file: OpenFile, from: number): number {
  for (let at = from; at < file.end; at += SEARCH_BYTES) {
    // Three bytes of overlap: the magic may lie across the border.
    const bytes = readAt(file.disk, file.fd, at, SEARCH_BYTES + 3);
    for (let found = findMagic(bytes, 0); found >= 0; found = findMagic(bytes, found + 1)) {
      if (recordAt(file, at + found) !== null) return at + found;
    }
  }
  return file.end;
}

const SEARCH_BYTES = 1 << 20;

/** Zeroes up to the end: room that was made for records which never came. */
function isUnusedRoom({ disk, fd, end }: Pick<OpenFile, "disk" | "fd" | "end">, from: number): boolean {
  for (let at = from; at < end; at += SEARCH_BYTES)
    if (readAt(disk, fd, at, Math.min(SEARCH_BYTES, end - at)).some((byte) => byte !== 0)) return false;
  return true;
}

function readAt(disk: Disk, fd: Fd, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readFully(disk, fd, bytes, offset));
}
