/** What the kind of a drift does not say: by which order an older state had come, and where a moved file went. */

import type { TreePath } from "../base/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { Culprit } from "./cause-finder.ts";
import type { Drift } from "./drift.ts";
import type { GuardWorld } from "./world.ts";

/** `wentTo`: places where the same bytes came at the same time. */
export function annotated(
  drift: Drift,
  cause: Culprit | null,
  wentTo: ReadonlyMap<TreePath, TreePath>,
  { ledger, tree }: Pick<GuardWorld, "ledger" | "tree">,
): Drift {
  const seenAtMs = drift.matches?.seenAtMs ?? null;
  if (drift.matches !== null && seenAtMs !== null) {
    const around = { path: drift.path, events: ["wo.accepted"] as const, newestFirst: true, limit: 1 };
    const [record] = [
      ...ledger.read({ ...around, sinceMs: seenAtMs - SAME_COMMIT_MS, untilMs: seenAtMs + SAME_COMMIT_MS }),
    ];
    if (record?.wo) return { ...drift, matches: { ...drift.matches, wo: record.wo } };
  }
  if (drift.change !== "missing") return drift;
  const seen = wentTo.get(drift.path);
  if (seen !== undefined) return { ...drift, note: `moved to ${seen}` };
  const move = cause?.reading?.moves.find(
    ({ from }) => from !== null && isAtOrBelow(`${tree.root}/${drift.path}`, from),
  );
  return move?.to ? { ...drift, note: `moved to ${move.to}` } : drift;
}

const SAME_COMMIT_MS = 1_000;
