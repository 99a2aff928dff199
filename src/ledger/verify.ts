/** Proves the ledger: the chain over the store, the index of paths, and the exported segments against the store. Streams. */

import { crc32 } from "node:zlib";
import { LIMITS, type Store } from "../base/index.ts";
import { CHAIN_START, checkLine, type Link } from "./chain.ts";
import type { LedgerVerification } from "./contract.ts";
import { type Row, rowsAfter } from "./records.ts";
import { compareSegments } from "./segment-compare.ts";
import type { SegmentSetup } from "./segment-export.ts";

export function verifyLedger({ store, disk, segmentsDir }: SegmentSetup): LedgerVerification {
  const segments = compareSegments(disk, segmentsDir);
  const paths = new PathSum();
  let brokenAt: LedgerVerification["brokenAt"] = null;
  let records = 0;
  let previous: Link = CHAIN_START;
  for (const row of rowsAfter(store, 0, LIMITS.ledgerPageRecords)) {
    records += 1;
    segments.offer(row.seq, row.line);
    // Behind the first break nothing can be proven any more.
    if (brokenAt !== null) continue;
    const { record, why } = checkRow(row, previous);
    if (record === null) {
      brokenAt = { seq: row.seq, why };
      continue;
    }
    for (const path of new Set(record.paths)) paths.add(path, record.seq);
    previous = record;
  }
  brokenAt ??= brokenPathIndex(store, paths, previous.seq);
  const compared = segments.finish();
  return { ok: brokenAt === null && compared.every(({ ok }) => ok), records, brokenAt, segments: compared };
}

function checkRow(row: Row, previous: Link): ReturnType<typeof checkLine> {
  if (row.seq !== previous.seq + 1) return { record: null, why: `gap in seq: ${row.seq} follows ${previous.seq}` };
  return checkLine(row.line, previous);
}

/** A sum that does not depend on the order: records name paths by sequence, the index by path. */
class PathSum {
  #count = 0;
  #sum = 0;

  add(path: string, seq: number): void {
    this.#count += 1;
    this.#sum = (this.#sum + crc32(path, seq)) % 2 ** 40;
  }

  equals(other: PathSum): boolean {
    return this.#count === other.#count && this.#sum === other.#sum;
  }
}

/** The index of paths holds no proof of its own; but a record that it hides or invents would make `history` lie. */
function brokenPathIndex(store: Store, expected: PathSum, upToSeq: number): LedgerVerification["brokenAt"] {
  const indexed = new PathSum();
  for (const { path, seq } of store.iterate<{ path: string; seq: number }>(
    "SELECT path, seq FROM ledger_paths WHERE seq <= ?",
    upToSeq,
  )) {
    indexed.add(path, seq);
  }
  if (indexed.equals(expected)) return null;
  const seq = firstDifference(store, upToSeq);
  return seq === null ? null : { seq, why: "the index of paths does not fit its paths" };
}

function firstDifference(store: Store, upToSeq: number): number | null {
  const named = `SELECT value AS path, seq FROM ledger_records, json_each(line, '$.paths') WHERE seq <= ?`;
  const indexed = "SELECT path, seq FROM ledger_paths WHERE seq <= ?";
  const row = store.get<{ seq: number | null }>(
    `SELECT min(seq) AS seq FROM (SELECT * FROM (${named} EXCEPT ${indexed}) UNION ALL SELECT * FROM (${indexed} EXCEPT ${named}))`,
    upToSeq,
    upToSeq,
    upToSeq,
    upToSeq,
  );
  return row?.seq ?? null;
}
