/**
 * The orders and their history in the store: a ledger record and the row that it leads to are one commit, always.
 */

import { assert, type Digest, HoldfastError, type Migration, type Store } from "../base/index.ts";
import type { EventName, Ledger, LedgerRecord, NewRecord } from "../ledger/index.ts";
import type { Vault } from "../vault/index.ts";
import type { WorkOrder } from "./order.ts";
import { fold, type OrderRow, type Status } from "./order-row.ts";

export const orderMigrations: readonly Migration[] = [
  {
    room: "workorder",
    version: 1,
    sql: `
      CREATE TABLE work_order (
        id TEXT PRIMARY KEY, status TEXT NOT NULL, stage TEXT NOT NULL, priority INTEGER NOT NULL,
        created_seq INTEGER NOT NULL, ledger_seq INTEGER NOT NULL, row TEXT NOT NULL
      ) STRICT;
      CREATE INDEX work_order_status ON work_order (status, priority, created_seq);
      CREATE TABLE journal (
        change_set TEXT PRIMARY KEY, wo TEXT, phase TEXT NOT NULL, commands INTEGER NOT NULL, since INTEGER NOT NULL
      ) STRICT;`,
  },
];

const PRIORITY_RANK = { High: 0, Medium: 1, Low: 2 } as const;

export interface OrderBook {
  /** Appends and folds, inside the caller's transaction. */
  record<E extends EventName>(record: NewRecord<E>): LedgerRecord<E>;
  row(id: string): OrderRow | null;
  /** `WO_UNKNOWN` when there is none. */
  mustRow(id: string): OrderRow;
  /** By priority, then in the order of arrival. */
  rows(filter?: { statuses?: readonly Status[]; limit?: number }): OrderRow[];
  counts(): Record<Status, number>;
  /** The normal form. */
  order(row: OrderRow): WorkOrder;
  /** Makes the rows again from the ledger: after a lost database. */
  rebuild(): void;
}

export function openOrderBook({ store, ledger, vault }: { store: Store; ledger: Ledger; vault: Vault }): OrderBook {
  const readOrder = (digest: Digest): WorkOrder => JSON.parse(vault.read(digest).toString()) as WorkOrder;

  function row(id: string): OrderRow | null {
    const found = store.get<{ row: string }>("SELECT row FROM work_order WHERE id = ?", id);
    return found ? (JSON.parse(found.row) as OrderRow) : null;
  }

  function save(next: OrderRow): void {
    store.run(
      `INSERT INTO work_order (id, status, stage, priority, created_seq, ledger_seq, row) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, stage = excluded.stage, priority = excluded.priority,
         ledger_seq = excluded.ledger_seq, row = excluded.row`,
      next.id,
      next.status,
      next.stage,
      PRIORITY_RANK[next.priority],
      next.ledgerSeq,
      next.ledgerSeq,
      JSON.stringify(next),
    );
  }

  function take(record: LedgerRecord): void {
    if (record.wo === undefined) return;
    const next = fold(row(record.wo), record, readOrder);
    if (next) save(next);
  }

  return {
    record(newRecord) {
      assert(store.inTransaction, "a record and what it leads to are one commit");
      const record = ledger.append(newRecord);
      take(record as LedgerRecord);
      return record;
    },
    row,
    mustRow(id) {
      const found = row(id);
      if (!found) throw new HoldfastError("WO_UNKNOWN", `There is no order ${id}`, { data: { id } });
      return found;
    },
    rows({ statuses, limit = -1 } = {}) {
      const where = statuses ? `WHERE status IN (${statuses.map(() => "?").join(", ")})` : "";
      const found = store.all<{ row: string }>(
        `SELECT row FROM work_order ${where} ORDER BY priority, created_seq LIMIT ?`,
        ...(statuses ?? []),
        limit,
      );
      return found.map(({ row }) => JSON.parse(row) as OrderRow);
    },
    counts() {
      const counts: Record<Status, number> = { pending: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
      for (const { status, n } of store.all<{ status: Status; n: number }>(
        "SELECT status, count(*) AS n FROM work_order GROUP BY status",
      )) {
        counts[status] = n;
      }
      return counts;
    },
    order: ({ order }) => readOrder(order),
    rebuild() {
      store.transaction(() => {
        store.exec("DELETE FROM work_order");
        for (const record of ledger.read()) take(record);
      });
    },
  };
}
