/**
 * From the segments back into the store: all of it when the database was lost, the end when the database is an older copy.
 *
 * Crash: records are imported in order and in several transactions, so the store always holds an intact beginning, and the next
 * recovery goes on from there. Segments are set aside after that, newest first, by renaming: nothing is ever taken away.
 */

import type { Disk, Store } from "../base/index.ts";
import { CHAIN_START, checkLine, type Link, lineOf } from "./chain.ts";
import { completeLines } from "./complete-lines.ts";
import type { LedgerRecord } from "./events.ts";
import { headOf, insertRecord, lineAt } from "./records.ts";
import type { SegmentSetup } from "./segment-export.ts";
import { listSegments, type SegmentFile, segmentEnd } from "./segment-files.ts";

/** Where a chain of segments stops to hold. */
export interface SegmentBreak {
  /** File name; the segment from which on records are doubtful. */
  readonly segment: string;
  /** The record that should stand there. */
  readonly seq: number;
  readonly why: string;
  /** True for the ordinary trace of a crash, a last line that was cut off: nothing but that line is lost. */
  readonly cutOff: boolean;
}

export interface Recovered {
  readonly imported: number;
  readonly brokenAt: SegmentBreak | null;
  /** Names of segments that do not fit and were renamed, to be exported anew from the store. */
  readonly setAside: string[];
}

/**
 * Brings store and segments together, before anything is appended or exported. Costs one look at the newest segment when they fit.
 * Records that only the segments have are imported; segments that contradict the chain are set aside.
 */
export function recoverFromSegments({ store, disk, segmentsDir }: SegmentSetup): Recovered {
  const newest = listSegments(disk, segmentsDir).at(-1);
  if (newest === undefined || segmentEnd(store, disk, newest).ok) return { imported: 0, brokenAt: null, setAside: [] };
  const replay = replaySegments(segmentsDir, disk, (seq, line) => differsFromStore(store, seq, line));
  const { imported, brokenAt } = importRecords(store, replay);
  const doubtful = brokenAt === null || brokenAt.cutOff ? [] : segmentsFrom(disk, segmentsDir, brokenAt.segment);
  return { imported, brokenAt, setAside: doubtful.reverse().map((segment) => setAside(disk, segment, segmentsDir)) };
}

function differsFromStore(store: Store, seq: number, line: string): string | null {
  const stored = lineAt(store, seq);
  return stored === null || stored === line ? null : "it differs from the store's";
}

/**
 * Every record of the segments, oldest first, each proven against the one before it, and by `doubt`, which says why a line is not to
 * be believed. Returns where it stopped, `null` at the end.
 */
export function* replaySegments(
  segmentsDir: string,
  disk: Disk,
  doubt: (seq: number, line: string) => string | null = () => null,
): Generator<LedgerRecord, SegmentBreak | null> {
  let previous: Link = CHAIN_START;
  const segments = listSegments(disk, segmentsDir);
  for (const segment of segments) {
    const breakAt = (why: string, cutOff = false) => ({ segment: segment.name, seq: previous.seq + 1, why, cutOff });
    if (segment.firstSeq !== previous.seq + 1) {
      return breakAt(`record ${segment.firstSeq} follows record ${previous.seq}`);
    }
    const lines = completeLines(disk, segment.path);
    let next = lines.next();
    for (; !next.done; next = lines.next()) {
      const line = next.value.text ?? "";
      const { record, why } = checkLine(line, previous);
      if (record === null) return breakAt(why);
      const doubted = doubt(record.seq, line);
      if (doubted !== null) return breakAt(doubted);
      yield record;
      previous = record;
    }
    const { sizeBytes } = disk.lstat(segment.path)!;
    if (sizeBytes > next.value) return breakAt("its last line is cut off", segment === segments.at(-1));
  }
  return null;
}

const RECORDS_PER_TRANSACTION = 5_000;

/**
 * Writes replayed records into the store, with their sequence, id and hash; those that the store has already are passed over.
 * `brokenAt` is where the replay stopped.
 */
export function importRecords(
  store: Store,
  replay: Generator<LedgerRecord, SegmentBreak | null>,
): { imported: number; brokenAt: SegmentBreak | null } {
  const before = headOf(store).seq;
  let next = replay.next();
  while (!next.done) {
    store.transaction(() => {
      const head = headOf(store).seq;
      for (let count = 0; count < RECORDS_PER_TRANSACTION && !next.done; count += 1) {
        const record = next.value;
        if (record.seq > head) insertRecord(store, { seq: record.seq, line: lineOf(record), paths: record.paths });
        next = replay.next();
      }
    });
  }
  return { imported: headOf(store).seq - before, brokenAt: next.value };
}

function segmentsFrom(disk: Disk, segmentsDir: string, name: string): SegmentFile[] {
  const segments = listSegments(disk, segmentsDir);
  return segments.slice(segments.findIndex((segment) => segment.name === name));
}

function setAside(disk: Disk, segment: SegmentFile, segmentsDir: string): string {
  let number = 1;
  while (disk.lstat(`${segment.path}.aside-${number}`) !== null) number += 1;
  disk.rename(segment.path, `${segment.path}.aside-${number}`);
  disk.syncDir(segmentsDir);
  return `${segment.name}.aside-${number}`;
}
