/**
 * Copies the ledger into its segment files, from which a lost database is built again.
 *
 * Invariants: a complete line is never rewritten; what is on the disk beyond the last sync is less than
 * `LIMITS.segmentUnsyncedBytesMax`; a segment's name is durable before the next segment is made.
 * Crash: the end of the newest segment may be cut off or, where it was not synced, anything. A line that is cut off is taken away by
 * the next export and written again from the store; anything else is for `recoverFromSegments`, and until then an error.
 */

import { dirname } from "node:path";
import { assert, type Disk, type Fd, HoldfastError, LIMITS, type Store } from "../base/index.ts";
import { headOf, rowsAfter } from "./records.ts";
import { listSegments, type SegmentFile, segmentEnd, segmentNamed } from "./segment-files.ts";

export interface SegmentSetup {
  readonly store: Store;
  readonly disk: Disk;
  readonly segmentsDir: string;
}

export function segmentExporter({ store, disk, segmentsDir }: SegmentSetup): { export(): void } {
  /** Where this process left the newest segment. Only good while the file has exactly this size: another process may go on writing. */
  let left: Position | null = null;
  return {
    export() {
      assert(!store.inTransaction, "only what is committed is exported");
      if (left !== null && left.lastSeq === headOf(store).seq && isStill(disk, left)) return;
      // The store's write lock keeps a second exporter away. Nothing is written to the store.
      left = store.transaction(() => {
        const position = left !== null && isStill(disk, left) ? left : findPosition({ store, disk, segmentsDir });
        return writeRecords({ store, disk, segmentsDir }, position);
      });
    },
  };
}

/** The newest segment, `null` before the first, with its last record. */
interface Position {
  readonly segment: SegmentFile | null;
  readonly sizeBytes: number;
  readonly lastSeq: number;
}

function isStill(disk: Disk, { segment, sizeBytes }: Position): boolean {
  return segment !== null && disk.lstat(segment.path)?.sizeBytes === sizeBytes;
}

function findPosition({ store, disk, segmentsDir }: SegmentSetup): Position {
  makeFolder(disk, segmentsDir);
  const segment = listSegments(disk, segmentsDir).at(-1);
  if (segment === undefined) return { segment: null, sizeBytes: 0, lastSeq: 0 };
  const end = segmentEnd(store, disk, segment);
  if (!end.ok) {
    throw new HoldfastError("LEDGER_BROKEN", `The ledger's export ${segment.name} does not fit the store: ${end.why}`, {
      data: { segment: segment.path, why: end.why },
    });
  }
  if (end.sizeBytes > end.completeBytes) cutOff(disk, segment.path, end.completeBytes);
  return { segment, sizeBytes: end.completeBytes, lastSeq: end.lastSeq };
}

function makeFolder(disk: Disk, segmentsDir: string): void {
  if (disk.lstat(segmentsDir) !== null) return;
  disk.mkdir(segmentsDir, 0o700);
  disk.syncDir(dirname(segmentsDir));
}

function cutOff(disk: Disk, path: string, sizeBytes: number): void {
  const fd = disk.openAppend(path, 0o600);
  try {
    disk.truncate(fd, sizeBytes);
    disk.fdatasync(fd);
  } finally {
    disk.close(fd);
  }
}

function writeRecords({ store, disk, segmentsDir }: SegmentSetup, from: Position): Position {
  const writer = new SegmentWriter(disk, from);
  try {
    for (const { seq, line } of rowsAfter(store, from.lastSeq, LIMITS.ledgerPageRecords)) {
      if (writer.isFull(seq)) writer.begin(segmentNamed(segmentsDir, seq));
      writer.append(seq, Buffer.from(`${line}\n`));
    }
    writer.sync();
    return writer.position;
  } finally {
    writer.close();
  }
}

class SegmentWriter {
  readonly #disk: Disk;
  #segment: SegmentFile | null;
  #sizeBytes: number;
  #lastSeq: number;
  #fd: Fd | null = null;
  #isNew = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(disk: Disk, { segment, sizeBytes, lastSeq }: Position) {
    this.#disk = disk;
    this.#segment = segment;
    this.#sizeBytes = sizeBytes;
    this.#lastSeq = lastSeq;
  }

  get position(): Position {
    return { segment: this.#segment, sizeBytes: this.#sizeBytes, lastSeq: this.#lastSeq };
  }

  isFull(nextSeq: number): boolean {
    return this.#segment === null || nextSeq - this.#segment.firstSeq >= LIMITS.segmentRecordsMax;
  }

  begin(segment: SegmentFile): void {
    this.sync();
    this.close();
    this.#fd = this.#disk.createNew(segment.path, 0o600);
    this.#isNew = true;
    this.#segment = segment;
    this.#sizeBytes = 0;
  }

  append(seq: number, line: Buffer): void {
    if (this.#waitingBytes + line.length > LIMITS.segmentUnsyncedBytesMax) this.sync();
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#lastSeq = seq;
  }

  sync(): void {
    if (this.#waiting.length === 0) return;
    const path = this.#segment!.path;
    this.#fd ??= this.#disk.openAppend(path, 0o600);
    this.#disk.write(this.#fd, Buffer.concat(this.#waiting), null);
    this.#disk.fdatasync(this.#fd);
    if (this.#isNew) this.#disk.syncDir(dirname(path));
    this.#isNew = false;
    this.#sizeBytes += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  close(): void {
    if (this.#fd !== null) this.#disk.close(this.#fd);
    this.#fd = null;
  }
}
