/** How a component stands as the judge found it: for the process that judges, where asking costs what differs, and nothing of the rest. */

import type { Store } from "../base/index.ts";
import type { DriftOnRecord } from "../ledger/index.ts";

export interface StandingOf {
  /** Paths that something must hold of, on this branch. */
  readonly files: number;
  readonly drift: readonly Pick<DriftOnRecord, "path" | "kind">[];
  /** Going on: new content that is not accepted. */
  readonly unaccepted: readonly string[];
}

export function standingOf(component: string, branch: string | null, store: Store): StandingOf {
  const on = branch ?? "";
  const { files } = store.get<{ files: number }>(
    "SELECT count(*) AS files FROM baseline WHERE component = ? AND branch IN ('', ?)",
    component,
    on,
  )!;
  const drift = store
    .all<{ drift: string }>(
      "SELECT drift FROM guard_drift WHERE drift ->> 'component' = ? ORDER BY path, facet",
      component,
    )
    .map((row) => JSON.parse(row.drift) as DriftOnRecord);
  const unaccepted = store.all<{ path: string }>(
    `SELECT g.path FROM guard_going_on g JOIN baseline b ON b.path = g.path AND b.seq = g.seq
     WHERE g.branch = ? AND b.component = ? AND b.branch IN ('', ?) ORDER BY g.path`,
    on,
    component,
    on,
  );
  return { files, drift, unaccepted: unaccepted.map(({ path }) => path) };
}
