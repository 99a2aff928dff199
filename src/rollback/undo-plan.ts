/**
 * What undoing somebody's doings would change: each path back to how it stood before the first of them, and nothing that anybody else
 * touched since. Looks, changes nothing.
 */

import { ABSENT, LIMITS, type TreePath } from "../base/index.ts";
import type { Version } from "../vault/index.ts";
import type { Change } from "../workorder/index.ts";
import { type Act, NOT_ITS, type Ownership } from "./acts.ts";
import { type BackPlan, type Overlap, planUndoing } from "./back-plan.ts";
import type { RollbackWorld } from "./world.ts";

export interface UndoPlan extends BackPlan {
  /** How each path stood before, by the version's number: what was going on then still is. */
  readonly points: ReadonlyMap<string, number>;
}

/** `others`: everything else that is on record of that time. */
export function planUndo(
  { acts, others, what }: { acts: readonly Act[]; others: readonly Act[]; what: string },
  world: RollbackWorld,
): UndoPlan {
  const done: Change[] = [];
  const mixed: Overlap[] = [];
  const points = new Map<string, number>();
  for (const path of new Set(acts.flatMap((act) => [...act.paths()]))) {
    const versions = world.vault.versions(path, { limit: LIMITS.judgedVersionsMax }).reverse();
    const owned = versions.map((_, index) => isOwned(path, versions, index, { acts, others }));
    const [first, last] = [owned.indexOf(true), owned.lastIndexOf(true)];
    if (first < 0) continue;
    const stranger = owned.findIndex((isOurs, index) => index > first && index < last && !isOurs);
    if (stranger >= 0) mixed.push({ path, by: byWhom(path, versions, stranger, others) });
    else {
      const before = versions[first - 1];
      done.push({ path, before: before?.entry ?? ABSENT, after: versions[last]!.entry });
      points.set(path, before?.number ?? 0);
    }
  }
  done.push(...outsideOf(acts));
  const seq = Math.max(0, ...acts.map((act) => act.seq));
  const plan = planUndoing({ done, what, seq }, world);
  const later = plan.overlaps.map(({ path, by }) => {
    const versions = world.vault.versions(path as TreePath, { limit: LIMITS.judgedVersionsMax }).reverse();
    return { path, by: actAt(path as TreePath, versions, versions.length - 1, others) ?? by };
  });
  return { ...plan, overlaps: [...mixed, ...later], points };
}

/** What two may have done alike is nobody's. */
function isOwned(
  path: TreePath,
  versions: readonly Version[],
  index: number,
  { acts, others }: { acts: readonly Act[]; others: readonly Act[] },
): boolean {
  const most = (all: readonly Act[]) =>
    all.reduce<Ownership>(
      (sofar, act) => (sofar === 2 ? 2 : (Math.max(sofar, act.owns(path, versions, index)) as Ownership)),
      NOT_ITS,
    );
  const ours = most(acts);
  return ours !== NOT_ITS && ours > most(others);
}

/** First before and last after: there no versions are kept. */
function outsideOf(acts: readonly Act[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { outside } of [...acts].sort((a, b) => a.seq - b.seq))
    for (const change of outside())
      changes.set(change.path, { ...change, before: changes.get(change.path)?.before ?? change.before });
  return [...changes.values()];
}

function byWhom(path: TreePath, versions: readonly Version[], index: number, others: readonly Act[]): string {
  const at = new Date(versions[index]!.seenAtMs).toISOString().slice(0, 19);
  return actAt(path, versions, index, others) ?? `somebody at ${at}Z`;
}

function actAt(path: TreePath, versions: readonly Version[], index: number, others: readonly Act[]): string | null {
  if (versions[index] === undefined) return null;
  const act = others.find((one) => one.owns(path, versions, index) !== NOT_ITS);
  return act === undefined ? null : `${act.what} (${act.actor.name}) at ${act.at.slice(0, 19)}Z`;
}
