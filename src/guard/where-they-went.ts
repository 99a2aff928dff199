/**
 * Where moved files went, told without any witness: the same bytes came elsewhere while they went here. A folder went where all that
 * was in it went. Only what was remembered just now is looked at; no file is read.
 */

import { basename } from "node:path";
import { type Digest, type Entry, LIMITS, type TreePath } from "../base/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { Settled } from "./contract.ts";
import type { Drift } from "./drift.ts";
import type { GuardWorld } from "./world.ts";

/** Missing path → where it is now. */
export function whereTheyWent(
  drifts: readonly Drift[],
  { sinceMs }: Pick<Settled, "sinceMs">,
  { vault }: Pick<GuardWorld, "vault">,
): Map<TreePath, TreePath> {
  const missing = drifts.filter(({ change }) => change === "missing");
  const head = vault.versionHead();
  const from = vault.versionAtTime(sinceMs - SLACK_MS);
  if (missing.length === 0 || head - from > LIMITS.movedVersionsMax) return new Map();
  const wanted = new Set(missing.flatMap(({ goal }) => (goal.kind === "file" ? [goal.digest] : [])));
  const came = new Map<Digest, TreePath[]>();
  for (const { path, entry } of vault.notedBetween(from, head)) {
    if (entry.kind !== "file" || !wanted.has(entry.digest) || !isNew(path, vault)) continue;
    came.set(entry.digest, [...(came.get(entry.digest) ?? []), path]);
  }
  const went = new Map<TreePath, TreePath>();
  for (const { path, goal } of missing) {
    const place = placeOf(path, goal, came);
    if (place !== null) went.set(path, place);
  }
  for (const { path, goal } of missing) {
    const place = goal.kind === "dir" ? folderPlace(path, went) : null;
    if (place !== null) went.set(path, place);
  }
  return went;
}

/** It is there now, and was not before. */
function isNew(path: TreePath, vault: GuardWorld["vault"]): boolean {
  const [now, before] = vault.versions(path, { limit: 2 });
  return now?.entry.kind === "file" && (before === undefined || before.entry.kind === "absent");
}

const SLACK_MS = 1_000;

function placeOf(path: TreePath, goal: Entry, came: ReadonlyMap<Digest, TreePath[]>): TreePath | null {
  if (goal.kind !== "file" || goal.sizeBytes === 0) return null;
  const places = came.get(goal.digest) ?? [];
  const sameName = places.filter((place) => basename(place) === basename(path));
  const likely = sameName.length > 0 ? sameName : places;
  return likely.length === 1 ? likely[0]! : null;
}

/** `app/a.txt` is at `app.bak/a.txt`: so `app` is at `app.bak`. */
function folderPlace(folder: TreePath, went: ReadonlyMap<TreePath, TreePath>): TreePath | null {
  for (const [path, place] of went) {
    if (path === folder || !isAtOrBelow(path, folder)) continue;
    const rest = path.slice(folder.length);
    if (place.endsWith(rest)) return place.slice(0, -rest.length) as TreePath;
  }
  return null;
}
