/** Holds the exported segments against the store's records, which are offered in order. */

import type { Disk } from "../base/index.ts";
import { type CompleteLine, completeLines } from "./complete-lines.ts";
import type { LedgerVerification } from "./contract.ts";
import { listSegments, type SegmentFile } from "./segment-files.ts";

type SegmentResult = LedgerVerification["segments"][number];

export interface SegmentComparison {
  offer(seq: number, line: string): void;
  /** The result for each segment. What the store has beyond the newest segment is not yet exported, and no fault. */
  finish(): SegmentResult[];
}

export function compareSegments(disk: Disk, segmentsDir: string): SegmentComparison {
  const waiting = listSegments(disk, segmentsDir);
  const results: SegmentResult[] = [];
  let open: OpenSegment | null = null;
  let exportedTo = 0;

  function close(): void {
    if (open === null) return;
    results.push(open.close());
    exportedTo = open.nextSeq - 1;
    open = null;
  }

  return {
    offer(seq, line) {
      if (waiting[0] !== undefined && seq >= waiting[0].firstSeq) {
        close();
        open = new OpenSegment(disk, waiting.shift()!, exportedTo);
      }
      open?.offer(seq, line);
    },
    finish() {
      close();
      for (const segment of waiting) {
        open = new OpenSegment(disk, segment, exportedTo);
        close();
      }
      return results;
    },
  };
}

class OpenSegment {
  /** The record that the next line must be. */
  nextSeq: number;
  readonly #disk: Disk;
  readonly #segment: SegmentFile;
  readonly #lines: Generator<CompleteLine, number>;
  #records = 0;
  #why: string | null = null;
  #end: number | null = null;

  constructor(disk: Disk, segment: SegmentFile, exportedTo: number) {
    this.#disk = disk;
    this.#segment = segment;
    this.#lines = completeLines(disk, segment.path);
    this.nextSeq = segment.firstSeq;
    if (segment.firstSeq !== exportedTo + 1)
      this.#fault(`it begins with ${segment.firstSeq}, but ${exportedTo} came before it`);
  }

  offer(seq: number, line: string): void {
    while (this.nextSeq < seq && this.#take(null));
    if (this.nextSeq === seq) this.#take(line);
  }

  close(): SegmentResult {
    while (this.#take(null));
    const { sizeBytes } = this.#disk.lstat(this.#segment.path)!;
    if (sizeBytes > this.#end!) this.#fault("its last line is cut off");
    return { name: this.#segment.name, records: this.#records, ok: this.#why === null, why: this.#why };
  }

  /** Reads one line, which must be `expected`; `null`: the store has no record for it. False at the end of the file. */
  #take(expected: string | null): boolean {
    if (this.#end !== null) return false;
    const next = this.#lines.next();
    if (next.done) {
      this.#end = next.value;
      return false;
    }
    if (expected === null) this.#fault(`record ${this.nextSeq} is not in the store`);
    else if (next.value.text !== expected) this.#fault(`record ${this.nextSeq} differs from the store's`);
    this.#records += 1;
    this.nextSeq += 1;
    return true;
  }

  /** The first one counts. */
  #fault(why: string): void {
    this.#why ??= why;
  }
}
