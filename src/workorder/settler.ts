/** Looks at asides once the time is up in which a late writer may still hold them open. */

import { digestOf, LIMITS } from "../base/index.ts";
import type { ChangeSet } from "./change-set.ts";
import { encodeChangeSet } from "./change-set.ts";
import { settle } from "./settle.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export class Settler {
  readonly #world: OrderWorld;
  readonly #pending = new Set<Promise<void>>();

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  add(sets: readonly ChangeSet[]): void {
    if (sets.length === 0) return;
    const round = this.#settleLater(sets).finally(() => this.#pending.delete(round));
    this.#pending.add(round);
  }

  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #settleLater(sets: readonly ChangeSet[]): Promise<void> {
    const { ports, places, vault, journal, store, book } = this.#world;
    await ports.clock.sleep(LIMITS.asideSettleMs);
    const apply = { disk: ports.disk, places, vault, contentOf: vault.readPieces.bind(vault) };
    for (const set of sets) {
      const wo = journal.entries().find(({ changeSet }) => changeSet === digestOf(encodeChangeSet(set)))?.wo ?? null;
      const row = wo === null ? null : book.row(wo);
      await settle(set, apply, ({ path, digest }) => {
        book.record({
          event: "wo.late-writer",
          actor: EXECUTOR,
          ...(row ? { wo: row.id } : {}),
          paths: [path],
          data: { path, digest },
          summary: `${path} was written to while it was replaced; those bytes are ${digest}`,
        });
      });
      store.transaction(() => journal.close(digestOf(encodeChangeSet(set))));
    }
  }
}
