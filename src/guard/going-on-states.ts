/**
 * The last state of each path that was judged to be going on, where it is not the accepted one: what a repair returns, also when its
 * content was known before (a commit that was switched away from and back to).
 *
 * Per branch, and only as long as the baseline that it was judged against stands. Losing the table costs nothing but such returns: the
 * vault's versions tell the rest.
 */

import { type Entry, type Store, sameEntry, type TreePath } from "../base/index.ts";
import type { Expectation } from "./expectation.ts";

export interface GoingOnStates {
  at(expected: Pick<Expectation, "path" | "seq">, branch: string | null): Entry | null;
  /** Inside a transaction or alone: one row each. */
  keep(expected: Pick<Expectation, "path" | "seq">, branch: string | null, entry: Entry): void;
  drop(path: TreePath, branch: string | null): void;
  /** Paths that are going on, on a branch: what a commit may vouch for. */
  pathsOn(branch: string | null): TreePath[];
}

export function openGoingOnStates(store: Store): GoingOnStates {
  const read = (path: string, branch: string | null) =>
    store.get<{ entry: string; seq: number }>(
      "SELECT entry, seq FROM guard_going_on WHERE path = ? AND branch = ?",
      path,
      branch ?? "",
    );
  return {
    at({ path, seq }, branch) {
      const row = read(path, branch);
      return row?.seq === seq ? (JSON.parse(row.entry) as Entry) : null;
    },
    keep({ path, seq }, branch, entry) {
      const known = read(path, branch);
      if (known?.seq === seq && sameEntry(JSON.parse(known.entry) as Entry, entry)) return;
      store.run(
        "INSERT OR REPLACE INTO guard_going_on (path, branch, entry, seq) VALUES (?, ?, ?, ?)",
        path,
        branch ?? "",
        JSON.stringify(entry),
        seq,
      );
    },
    drop(path, branch) {
      if (read(path, branch)) store.run("DELETE FROM guard_going_on WHERE path = ? AND branch = ?", path, branch ?? "");
    },
    pathsOn: (branch) =>
      store
        .all<{ path: TreePath }>("SELECT path FROM guard_going_on WHERE branch = ? ORDER BY path", branch ?? "")
        .map(({ path }) => path),
  };
}
