/**
 * Copies the ledger into its segment files, from which a lost database is built again.
 *
 * Invariants: no line tells of what a power cut could still take from the store; a complete line is never rewritten; what is on the disk beyond the last sync is less than
 * `LIMITS.segmentUnsyncedBytesMax`; a segment's name is durable before the next segment is made.
 * Crash: the end of the newest segment may be cut off or, where it was not synced, anything. A line that is cut off is taken away by
 * the next export and written again from the store; anything else is for `recoverFromSegments`, and until then an error.
 */

import { dirname } from "node:path";
import { assert, type Disk, HoldfastError, LIMITS, type Store } from "../base/index.ts";
import { headOf, rowsAfter } from "./records.ts";
import { listSegments, type SegmentFile, segmentEnd, segmentNamed } from "./segment-files.ts";

export interface SegmentSetup {
  readonly store: Store;
  readonly disk: Disk;
  readonly segmentsDir: string;
}

export function segmentExporter(setup: SegmentSetup): { export(): Promise<void> } {
  const { store, disk, segmentsDir } = setup;
  /** Where this process left the newest segment. Only good while the file has exactly this size: another process may go on writing. */
  let left: Position | null = null;
  let unsynced: Piece | null = null;
  let turn: Promise<void> = Promise.resolve();

  /** One piece of at most `LIMITS.segmentUnsyncedBytesMax`, not yet durable. `null` when nothing is left to write. */
  function writePiece(upTo: number): Piece | null {
    if (left !== null && left.lastSeq >= upTo && isStill(disk, left)) return null;
    // The store's write lock keeps a second exporter away. Nothing is written to the store.
    return store.transaction(() => {
      const from = left !== null && isStill(disk, left) ? left : findPosition(setup);
      const piece = nextPiece(setup, from, upTo);
      left = piece?.position ?? from;
      return piece === null ? null : { path: piece.position.segment!.path, isNew: piece.isNew };
    });
  }

  async function exportAll(): Promise<void> {
    const upTo = headOf(store).seq;
    await store.barrier();
    for (;;) {
      unsynced ??= writePiece(upTo);
      if (unsynced === null) return;
      await disk.syncAll({ files: [unsynced.path], dirs: unsynced.isNew ? [segmentsDir] : [] });
      unsynced = null;
    }
  }

  return {
    export() {
      assert(!store.inTransaction, "only what is committed is exported");
      turn = turn.then(exportAll, exportAll);
      return turn;
    },
  };
}

interface Piece {
  readonly path: string;
  /** The file's name is not durable either. */
  readonly isNew: boolean;
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

/** Writes as much of what is new as may be unsynced, into one file. */
function nextPiece(
  { store, disk, segmentsDir }: SegmentSetup,
  from: Position,
  upTo: number,
): { position: Position & { segment: SegmentFile }; isNew: boolean } | null {
  let { segment, sizeBytes, lastSeq } = from;
  const lines: Buffer[] = [];
  let bytes = 0;
  let isNew = false;
  for (const { seq, line } of rowsAfter(store, lastSeq, LIMITS.ledgerPageRecords)) {
    if (seq > upTo) break;
    const next = Buffer.from(`${line}\n`);
    const isFull = segment === null || seq - segment.firstSeq >= LIMITS.segmentRecordsMax;
    if (lines.length > 0 && (isFull || bytes + next.length > LIMITS.segmentUnsyncedBytesMax)) break;
    if (isFull) {
      segment = segmentNamed(segmentsDir, seq);
      sizeBytes = 0;
      isNew = true;
    }
    lines.push(next);
    bytes += next.length;
    lastSeq = seq;
  }
  if (segment === null || lines.length === 0) return null;
  const fd = isNew ? disk.createNew(segment.path, 0o600) : disk.openAppend(segment.path, 0o600);
  try {
    disk.write(fd, Buffer.concat(lines), null);
  } finally {
    disk.close(fd);
  }
  return { position: { segment, sizeBytes: sizeBytes + bytes, lastSeq }, isNew };
}
