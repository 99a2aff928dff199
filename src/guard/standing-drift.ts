/** What differs right now, by path and facet, and which order is putting it back. */

import { assert, type Store } from "../base/index.ts";
import type { DriftOnRecord } from "../ledger/index.ts";

/** One drift as it stands: `wo` is the order that is repairing it right now. */
export interface StandingDrift {
  readonly incident: string;
  readonly wo: string | null;
  readonly drift: DriftOnRecord;
}

export interface StandingDrifts {
  standing(filter?: { incident?: string; path?: string }): StandingDrift[];
  /** Inside the caller's transaction, as all that follow. Ids of the other incidents that have no drift left. */
  stand(incident: string, drifts: readonly DriftOnRecord[]): string[];
  /** Ids of the incidents that have no drift left. With `wo`: only what that order was repairing. */
  clear(paths: readonly string[], wo?: string): string[];
  repairing(paths: readonly string[], wo: string): void;
  /** Something still stands that this order was to put back: nobody recorded yet how it ended. */
  isRepairing(wo: string): boolean;
  /** The order is over, and these are not as it meant to leave them. */
  notRepaired(paths: readonly string[], wo: string): void;
}

export function openStandingDrifts(store: Store): StandingDrifts {
  return {
    standing: ({ incident, path } = {}) => standing(store, { incident, path }),
    stand(incident, drifts) {
      assert(store.inTransaction, "drift stands from the commit of its record on");
      const touched = new Set<string>();
      for (const drift of drifts) {
        const facet = drift.change === "mode" ? "mode" : "content";
        const stood = store.get<{ incident: string }>(
          "SELECT incident FROM guard_drift WHERE path = ? AND facet = ?",
          drift.path,
          facet,
        );
        if (stood !== undefined && stood.incident !== incident) touched.add(stood.incident);
        store.run(
          "INSERT OR REPLACE INTO guard_drift (path, facet, incident, wo, drift) VALUES (?, ?, ?, NULL, ?)",
          drift.path,
          facet,
          incident,
          JSON.stringify(drift),
        );
      }
      return withoutDrift(touched, store);
    },
    clear(paths, wo) {
      const touched = new Set<string>();
      for (const path of paths) {
        const rows = store.all<{ incident: string; facet: string; wo: string | null }>(
          "SELECT incident, facet, wo FROM guard_drift WHERE path = ?",
          path,
        );
        for (const row of rows) {
          if (wo !== undefined && row.wo !== wo) continue;
          touched.add(row.incident);
          store.run("DELETE FROM guard_drift WHERE path = ? AND facet = ?", path, row.facet);
        }
      }
      return withoutDrift(touched, store);
    },
    repairing(paths, wo) {
      for (const path of paths) store.run("UPDATE guard_drift SET wo = ? WHERE path = ?", wo, path);
    },
    isRepairing: (wo) => store.get("SELECT 1 FROM guard_drift WHERE wo = ? LIMIT 1", wo) !== undefined,
    notRepaired(paths, wo) {
      for (const path of paths) store.run("UPDATE guard_drift SET wo = NULL WHERE path = ? AND wo = ?", path, wo);
    },
  };
}

function withoutDrift(ids: Iterable<string>, store: Store): string[] {
  return [...ids].filter((id) => store.get("SELECT 1 FROM guard_drift WHERE incident = ? LIMIT 1", id) === undefined);
}

function standing(
  store: Store,
  { incident, path }: { incident: string | undefined; path: string | undefined },
): StandingDrift[] {
  const rows = store.all<{ incident: string; wo: string | null; drift: string }>(
    "SELECT incident, wo, drift FROM guard_drift WHERE (?1 IS NULL OR incident = ?1) AND (?2 IS NULL OR path = ?2) ORDER BY path, facet",
    incident ?? null,
    path ?? null,
  );
  return rows.map((row) => ({ ...row, drift: JSON.parse(row.drift) as DriftOnRecord }));
}
