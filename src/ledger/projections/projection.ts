/**
 * Projections: views that follow the ledger and can be deleted and built again.
 *
 * Invariants: each record is folded in order; a projection's position and what it notes about its files move in one transaction,
 * after what was written is durable. One process at a time follows: whoever holds the tree's lock.
 * Crash: what was written outside the store may be ahead of the position, so records may be folded again; a projection must not double.
 */

import { type Clock, type Disk, LIMITS, type Store } from "../../base/index.ts";
import type { Ledger } from "../contract.ts";
import type { LedgerRecord } from "../events.ts";

export interface Projection {
  /** Names the position in the store. */
  readonly name: string;
  /** False when what was written is gone, damaged, or stands elsewhere now: everything is folded again. Cheap: asked each time. */
  intact(): boolean;
  /** Called before the first record is folded, again or for the first time. Forgets what the store notes of files; the files stay. */
  restart(): void;
  /** Writes; durable only after `unsynced` was synced. */
  fold(records: readonly LedgerRecord[]): void;
  /** Files that were written since it settled last. */
  unsynced(): string[];
  /** In the transaction that moves the position. `last`: there are no further records for now. */
  settle(last: boolean): void;
}

export interface Projector {
  /** Folds what is new since the last time, and everything when a projection is no longer intact. */
  follow(...projections: Projection[]): Promise<void>;
  /** Folds everything again. */
  rebuild(projection: Projection): Promise<void>;
}

/** Folded before their writing is made durable, at most. */
const RECORDS_UNSETTLED_MAX = 20 * LIMITS.ledgerPageRecords;

interface Following {
  readonly projection: Projection;
  upTo: number;
}

export function openProjector({
  store,
  ledger,
  clock,
  disk,
}: {
  store: Store;
  ledger: Ledger;
  clock: Clock;
  disk: Pick<Disk, "syncAll">;
}): Projector {
  const positions = positionsIn(store);
  const { begin, foldPage } = folding(store, ledger, positions);

  async function settle(following: readonly Following[], last: boolean): Promise<void> {
    await disk.syncAll({ files: following.flatMap(({ projection }) => projection.unsynced()), dirs: [] });
    store.transaction(() => {
      for (const { projection, upTo } of following) {
        projection.settle(last);
        positions.set(projection, upTo);
      }
    });
  }

  async function follow(...projections: Projection[]): Promise<void> {
    const following = projections.flatMap((projection) => begin(projection) ?? []);
    if (following.length === 0) return;
    for (let unsettled = 0; ; ) {
      const count = foldPage(following);
      const last = count < LIMITS.ledgerPageRecords;
      unsettled += count;
      if (last || unsettled >= RECORDS_UNSETTLED_MAX) {
        await settle(following, last);
        unsettled = 0;
      }
      if (last) return;
      await clock.breathe();
    }
  }

  return {
    follow,
    rebuild(projection) {
      positions.set(projection, 0);
      return follow(projection);
    },
  };
}

function folding(store: Store, ledger: Ledger, positions: Positions) {
  return { begin, foldPage };

  /** `null` when there is nothing to do. */
  function begin(projection: Projection): Following | null {
    const known = positions.get(projection);
    const isIntact = projection.intact();
    if (known === ledger.head().seq && isIntact) return null;
    if (known > 0 && isIntact) return { projection, upTo: known };
    store.transaction(() => {
      projection.restart();
      positions.set(projection, 0);
    });
    return { projection, upTo: 0 };
  }

  /** A page, for all who have not had it. Returns how many records it has. */
  function foldPage(following: readonly Following[]): number {
    const afterSeq = Math.min(...following.map(({ upTo }) => upTo));
    const records = [...ledger.read({ afterSeq, limit: LIMITS.ledgerPageRecords })];
    for (const one of following) {
      const fresh = records.filter(({ seq }) => seq > one.upTo);
      one.projection.fold(fresh);
      one.upTo = fresh.at(-1)?.seq ?? one.upTo;
    }
    return records.length;
  }
}

type Positions = ReturnType<typeof positionsIn>;

function positionsIn(store: Store): { get(of: Projection): number; set(of: Projection, seq: number): void } {
  return {
    get: ({ name }) =>
      store.get<{ seq: number }>("SELECT seq FROM projection_positions WHERE name = ?", name)?.seq ?? 0,
    set: ({ name }, seq) =>
      void store.run("INSERT OR REPLACE INTO projection_positions (name, seq) VALUES (?, ?)", name, seq),
  };
}
