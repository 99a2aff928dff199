/** Who waits for which order to come to rest. */

import type { OrderBook } from "./order-book.ts";
import { isOver, type OrderRow } from "./order-row.ts";

export class AwaitedOrders {
  readonly #book: OrderBook;
  readonly #waiting = new Map<string, ((row: OrderRow) => void)[]>();

  constructor(book: OrderBook) {
    this.#book = book;
  }

  /** Resolves when the order is over, held or routed. `WO_UNKNOWN` when there is none. */
  atRest(id: string): Promise<OrderRow> {
    const row = this.#book.mustRow(id);
    if (isAtRest(row)) return Promise.resolve(row);
    return new Promise((resolve) => this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]));
  }

  changed(rows: readonly OrderRow[]): void {
    for (const row of rows) {
      const waiting = this.#waiting.get(row.id);
      if (!waiting || !isAtRest(row)) continue;
      this.#waiting.delete(row.id);
      for (const resolve of waiting) resolve(row);
    }
  }
}

/** Nothing more will happen to it unless somebody acts. */
function isAtRest(row: OrderRow): boolean {
  return isOver(row) || row.stage === "held" || row.stage === "routed";
}
