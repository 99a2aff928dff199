/** What `followup.json` lists, kept in memory so that one order's change does not read all others again. */

import { LIMITS } from "../base/index.ts";
import { isFollowedUp } from "./followup.ts";
import { isOver, type OrderRow } from "./order-row.ts";
import { type StateFile, stateFileOf } from "./state-file.ts";
import type { OrderWorld } from "./world.ts";

export class FollowupItems {
  readonly #world: OrderWorld;
  /** All open orders, and the latest that are over, in the order in which they ended. */
  #open = new Map<string, StateFile>();
  #over = new Map<string, StateFile>();
  #loaded = false;

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  all(): StateFile[] {
    if (!this.#loaded) this.#load();
    return [...this.#open.values(), ...this.#over.values()];
  }

  /** Before the first `all` there is nothing to keep up to date. */
  change(row: OrderRow, state: StateFile): void {
    if (this.#loaded && isFollowedUp(row)) this.#put(row, state);
  }

  #put(row: OrderRow, state: StateFile): void {
    this.#open.delete(row.id);
    this.#over.delete(row.id);
    (isOver(row) ? this.#over : this.#open).set(row.id, state);
    if (this.#over.size > LIMITS.followupItemsMax) this.#over.delete(this.#over.keys().next().value!);
  }

  #load(): void {
    const { store, book, ports } = this.#world;
    const nowMs = ports.clock.now();
    const found = store.all<{ id: string }>(
      `SELECT id FROM (
         SELECT id, ledger_seq FROM work_order WHERE status IN ('pending', 'running')
         UNION ALL
         SELECT * FROM (SELECT id, ledger_seq FROM work_order WHERE status NOT IN ('pending', 'running') ORDER BY ledger_seq DESC LIMIT ?)
       ) ORDER BY ledger_seq`,
      LIMITS.followupItemsMax,
    );
    this.#loaded = true;
    for (const { id } of found) {
      const row = book.mustRow(id);
      if (isFollowedUp(row)) this.#put(row, stateFileOf(row, book.order(row), nowMs));
    }
  }
}
