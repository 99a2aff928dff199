/**
 * The ledger's segment files: `segment-00000001.jsonl`, named by the sequence of the first record, one record a line.
 *
 * A file that was set aside (`….jsonl.aside-1`) is kept for people and no longer read.
 */

import { join } from "node:path";
import { type Disk, LIMITS, type Store } from "../base/index.ts";
import { parseLine } from "./chain.ts";
import { completeLines } from "./complete-lines.ts";
import { lineAt } from "./records.ts";

export interface SegmentFile {
  readonly name: string;
  readonly path: string;
  readonly firstSeq: number;
}

const NAME = /^segment-(\d{8,})\.jsonl$/;

/** By first sequence. Empty when the folder is not there. */
export function listSegments(disk: Disk, segmentsDir: string): SegmentFile[] {
  if (disk.lstat(segmentsDir) === null) return [];
  return disk
    .list(segmentsDir)
    .names.filter(({ name }) => NAME.test(name))
    .map(({ name }) => ({ name, path: join(segmentsDir, name), firstSeq: Number(NAME.exec(name)![1]) }))
    .sort((a, b) => a.firstSeq - b.firstSeq);
}

export function segmentNamed(segmentsDir: string, firstSeq: number): SegmentFile {
  const name = `segment-${String(firstSeq).padStart(8, "0")}.jsonl`;
  return { name, path: join(segmentsDir, name), firstSeq };
}

export type SegmentEnd =
  /** Up to `completeBytes` the end of the file is what the store holds, `lastSeq` last; bytes beyond are a line cut off. */
  | { readonly ok: true; readonly lastSeq: number; readonly completeBytes: number; readonly sizeBytes: number }
  | { readonly ok: false; readonly why: string };

/**
 * Compares the end of a segment with the store. A crash can only have hurt what was not yet synced, which is less than
 * `LIMITS.segmentUnsyncedBytesMax`; but there it may leave anything, also holes before an intact last line.
 */
export function segmentEnd(store: Store, disk: Disk, segment: SegmentFile): SegmentEnd {
  const sizeBytes = disk.lstat(segment.path)?.sizeBytes ?? 0;
  const from = Math.max(0, sizeBytes - LIMITS.segmentUnsyncedBytesMax);
  const end = linesFrom(disk, segment, from);
  // One long line may fill more than was looked at.
  const { lines, completeBytes } = end.lines.length === 0 && from > 0 ? linesFrom(disk, segment, 0) : end;
  if (lines.length === 0) return { ok: true, lastSeq: segment.firstSeq - 1, completeBytes, sizeBytes };
  const firstSeq = seqOf(lines[0]!);
  const differs = lines.findIndex((text, index) => firstSeq === null || lineAt(store, firstSeq + index) !== text);
  if (differs !== -1)
    return { ok: false, why: `record ${(firstSeq ?? segment.firstSeq) + differs} differs from the store's` };
  return { ok: true, lastSeq: firstSeq! + lines.length - 1, completeBytes, sizeBytes };
}

/** The complete lines after the first newline behind `from`, or from the start. */
function linesFrom(
  disk: Disk,
  segment: SegmentFile,
  from: number,
): { lines: (string | null)[]; completeBytes: number } {
  const lines: (string | null)[] = [];
  const reader = completeLines(disk, segment.path, from);
  let next = reader.next();
  for (; !next.done; next = reader.next()) lines.push(next.value.text);
  return { lines: from === 0 ? lines : lines.slice(1), completeBytes: next.value };
}

function seqOf(line: string | null): number | null {
  const record = parseLine(line ?? "");
  return Number.isSafeInteger(record?.seq) ? record!.seq : null;
}
