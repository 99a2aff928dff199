/**
 * The orders and their history in the store: a ledger record and the row that it leads to are one commit, always.
 */

import { assert, type Digest, HoldfastError, type Migration, type Store } from "../base/index.ts";
import type { EventName, Ledger, LedgerRecord, NewRecord } from "../ledger/index.ts";
import type { Vault } from "../vault/index.ts";
import type { WorkOrder } from "./order.ts";
import { OrderForms } from "./order-forms.ts";
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

const ROWS_PER_PAGE = 100;
const PRIORITY_RANK = { High: 0, Medium: 1, Low: 2 } as const;

/** By priority first. */
export function byPriority(a: Pick<OrderRow, "priority">, b: Pick<OrderRow, "priority">): number {
  return PRIORITY_RANK[a.priority] - PRIORITY_RANK[b.priority];
}

export interface OrderBook {
  /** Appends and folds, inside the caller's transaction. */
  record<E extends EventName>(record: NewRecord<E>): LedgerRecord<E>;
  /** The same for what one order goes through in one commit. Returns the last. */
  recordAll<E extends EventName>(...records: [...NewRecord[], NewRecord<E>]): LedgerRecord<E>;
  /** The same for who read the order's row in this very transaction: it is not read again. */
  recordFrom<E extends EventName>(row: OrderRow | null, ...records: [...NewRecord[], NewRecord<E>]): LedgerRecord<E>;
  has(id: string): boolean;
  row(id: string): OrderRow | null;
  /** `WO_UNKNOWN` when there is none. */
  mustRow(id: string): OrderRow;
  /** By priority, then in the order of arrival. */
  rows(filter?: { statuses?: readonly Status[]; limit?: number }): OrderRow[];
  /** Those that are received and not begun, in the same order, a page at a time: whoever has enough stops. */
  waitingRows(): Generator<OrderRow, void>;
  counts(): Record<Status, number>;
  /** The normal form. */
  order(row: OrderRow): WorkOrder;
  /** For a normal form that is about to be recorded. */
  keepForm(digest: Digest, text: string): void;
  /** Makes the rows again from the ledger: after a lost database. */
  rebuild(): void;
}

export function openOrderBook(parts: { store: Store; ledger: Ledger; vault: Vault }): OrderBook {
  return new StoredOrderBook(parts);
}

class StoredOrderBook implements OrderBook {
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #forms: OrderForms;

  constructor({ store, ledger, vault }: { store: Store; ledger: Ledger; vault: Vault }) {
    this.#store = store;
    this.#ledger = ledger;
    this.#forms = new OrderForms(vault);
  }

  record<E extends EventName>(record: NewRecord<E>): LedgerRecord<E> {
    return this.recordAll(record);
  }

  recordAll<E extends EventName>(...records: [...NewRecord[], NewRecord<E>]): LedgerRecord<E> {
    const { wo } = records[0];
    return this.recordFrom(wo === undefined ? null : this.row(wo), ...records);
  }

  recordFrom<E extends EventName>(
    before: OrderRow | null,
    ...records: [...NewRecord[], NewRecord<E>]
  ): LedgerRecord<E> {
    assert(this.#store.inTransaction, "a record and what it leads to are one commit");
    const { wo } = records[0];
    assert(
      records.every((record) => record.wo === wo) && (before === null || before.id === wo),
      "they are about one order",
    );
    let next = before;
    let last: LedgerRecord | null = null;
    for (const record of records) {
      last = this.#ledger.append(record);
      next = this.#fold(next, last);
    }
    if (next !== null && next !== before) this.#save(next);
    return last as LedgerRecord<E>;
  }

  has(id: string): boolean {
    return this.#store.get("SELECT 1 FROM work_order WHERE id = ?", id) !== undefined;
  }

  row(id: string): OrderRow | null {
    const found = this.#store.get<{ row: string }>("SELECT row FROM work_order WHERE id = ?", id);
    return found ? (JSON.parse(found.row) as OrderRow) : null;
  }

  mustRow(id: string): OrderRow {
    const found = this.row(id);
    if (!found) throw new HoldfastError("WO_UNKNOWN", `There is no order ${id}`, { data: { id } });
    return found;
  }

  rows({ statuses, limit = -1 }: { statuses?: readonly Status[]; limit?: number } = {}): OrderRow[] {
    const where = statuses ? `WHERE status IN (${statuses.map(() => "?").join(", ")})` : "";
    const found = this.#store.all<{ row: string }>(
      `SELECT row FROM work_order ${where} ORDER BY priority, created_seq LIMIT ?`,
      ...(statuses ?? []),
      limit,
    );
    return found.map(({ row }) => JSON.parse(row) as OrderRow);
  }

  *waitingRows(): Generator<OrderRow, void> {
    let after = { priority: -1, created_seq: 0 };
    for (;;) {
      const page = this.#store.all<{ row: string; priority: number; created_seq: number }>(
        `SELECT row, priority, created_seq FROM work_order WHERE status = 'pending' AND stage = 'received'
         AND (priority, created_seq) > (?, ?) ORDER BY priority, created_seq LIMIT ?`,
        after.priority,
        after.created_seq,
        ROWS_PER_PAGE,
      );
      for (const { row } of page) yield JSON.parse(row) as OrderRow;
      if (page.length < ROWS_PER_PAGE) return;
      after = page.at(-1)!;
    }
  }

  counts(): Record<Status, number> {
    const counts: Record<Status, number> = { pending: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
    for (const { status, n } of this.#store.all<{ status: Status; n: number }>(
      "SELECT status, count(*) AS n FROM work_order GROUP BY status",
    )) {
      counts[status] = n;
    }
    return counts;
  }

  order({ order }: OrderRow): WorkOrder {
    return this.#forms.read(order);
  }

  keepForm(digest: Digest, text: string): void {
    this.#forms.keep(digest, text);
  }

  rebuild(): void {
    this.#store.transaction(() => {
      this.#store.exec("DELETE FROM work_order");
      for (const record of this.#ledger.read()) {
        const next = record.wo === undefined ? null : this.#fold(this.row(record.wo), record);
        if (next) this.#save(next);
      }
    });
  }

  #fold(row: OrderRow | null, record: LedgerRecord): OrderRow | null {
    return fold(row, record, (digest) => this.#forms.read(digest));
  }

  #save(next: OrderRow): void {
    this.#store.run(
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
}
