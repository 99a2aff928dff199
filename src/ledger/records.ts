/** The ledger's rows in the store: the newest, one, a page of them, and putting one in. */

import type { Store } from "../base/index.ts";
import { CHAIN_START, hashAtEnd, type Link } from "./chain.ts";

/**
 * The newest record. Read anew each time (3 µs) and never cached: another process may have appended since, and a transaction that
 * was rolled back takes its records with it.
 */
export function headOf(store: Store): Link {
  const row = store.get<{ seq: number; line: string; ts: string }>(
    "SELECT seq, line, ts FROM ledger_records ORDER BY seq DESC LIMIT 1",
  );
  return row ? { seq: row.seq, hash: hashAtEnd(row.line), ts: row.ts } : CHAIN_START;
}

export function insertRecord(
  store: Store,
  row: { seq: number; line: string; paths: readonly string[] | undefined },
): void {
  store.run("INSERT INTO ledger_records (seq, line) VALUES (?, ?)", row.seq, row.line);
  for (const path of row.paths ?? []) {
    store.run("INSERT OR IGNORE INTO ledger_paths (path, seq) VALUES (?, ?)", path, row.seq);
  }
}

/** The line of one record, `null` when there is none. */
export function lineAt(store: Store, seq: number): string | null {
  return store.get<{ line: string }>("SELECT line FROM ledger_records WHERE seq = ?", seq)?.line ?? null;
}

export interface Row {
  readonly seq: number;
  readonly line: string;
}

/** All rows after `afterSeq`, oldest first, in pages: no cursor stays open while the caller works, or writes. */
export function* rowsAfter(store: Store, afterSeq: number, pageRecords: number): Generator<Row, void> {
  let last = afterSeq;
  while (true) {
    const rows = store.all<Row>(
      "SELECT seq, line FROM ledger_records WHERE seq > ? ORDER BY seq LIMIT ?",
      last,
      pageRecords,
    );
    yield* rows;
    if (rows.length < pageRecords) return;
    last = rows.at(-1)!.seq;
  }
}
