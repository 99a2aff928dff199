/**
 * Projections: views that follow the ledger and can be deleted and built again.
 *
 * Invariants: each record is folded in order; a projection's position and what it notes about its files move in one transaction, whose
 * lock also keeps a second process from folding at the same time.
 * Crash: what was written outside the store may be ahead of the position, so records may be folded again; a projection must not double.
 */

import { type Clock, LIMITS, type Store } from "../../base/index.ts";
import type { Ledger } from "../contract.ts";
import type { LedgerRecord } from "../events.ts";

export interface Projection {
  /** Names the position in the store. */
  readonly name: string;
  /** False when what was written is gone, damaged, or stands elsewhere now: everything is folded again. Cheap: asked each time. */
  intact(): boolean;
  /** Called before the first record is folded, again or for the first time. Forgets what the store notes of files; the files stay. */
  restart(): void;
  /** `last`: there are no further records for now. */
  fold(records: readonly LedgerRecord[], last: boolean): void;
}

export interface Projector {
  /** Folds what is new since the last time, and everything when the projection is no longer intact. */
  follow(projection: Projection): Promise<void>;
  /** Folds everything again. */
  rebuild(projection: Projection): Promise<void>;
}

export function openProjector({ store, ledger, clock }: { store: Store; ledger: Ledger; clock: Clock }): Projector {
  const positions = positionsIn(store);

  /** One page of records in one transaction. True when there are no more. */
  function step(projection: Projection): boolean {
    if (positions.get(projection) === ledger.head().seq && projection.intact()) return true;
    return store.transaction(() => {
      const known = positions.get(projection);
      const afterSeq = known > 0 && projection.intact() ? known : 0;
      if (afterSeq === 0) projection.restart();
      const records = [...ledger.read({ afterSeq, limit: LIMITS.ledgerPageRecords })];
      const last = records.length < LIMITS.ledgerPageRecords;
      projection.fold(records, last);
      positions.set(projection, records.at(-1)?.seq ?? afterSeq);
      return last;
    });
  }

  async function follow(projection: Projection): Promise<void> {
    while (!step(projection)) await clock.breathe();
  }

  return {
    follow,
    rebuild(projection) {
      positions.set(projection, 0);
      return follow(projection);
    },
  };
}

function positionsIn(store: Store): { get(of: Projection): number; set(of: Projection, seq: number): void } {
  return {
    get: ({ name }) =>
      store.get<{ seq: number }>("SELECT seq FROM projection_positions WHERE name = ?", name)?.seq ?? 0,
    set: ({ name }, seq) =>
      void store.run("INSERT OR REPLACE INTO projection_positions (name, seq) VALUES (?, ?)", name, seq),
  };
}
