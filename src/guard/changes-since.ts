/** For whoever lets something run and compares afterwards: in which sense each path differs from how it stood before. Reads only. */

import { type Entry, LIMITS, sameContent, type TreePath } from "../base/index.ts";
import { classify, type Sight } from "./classify.ts";
import type { Change } from "./contract.ts";
import type { Drift } from "./drift.ts";
import { type EvidenceWorld, gather } from "./evidence.ts";
import { earlierVersion, isLoss } from "./going-on.ts";
import type { GuardWorld } from "./world.ts";

/**
 * By path, with the state before as what should be there. What was not there before is no drift, and left out. `discarded`: git itself
 * threw the newer content away.
 */
export async function classifyChanges(
  changes: readonly Change[],
  discarded: boolean,
  world: EvidenceWorld,
): Promise<Map<TreePath, Pick<Drift, "kind" | "change" | "goal">[]>> {
  const sights = changes.flatMap((change) => (change.before.kind === "absent" ? [] : [sightOf(change, world)]));
  const evidence = await gather(sights, discarded, world);
  return new Map(sights.map((sight) => [sight.path, classify(sight, evidence.get(sight.path)!)]));
}

function sightOf({ path, before, after }: Change, { vault }: EvidenceWorld): Sight {
  const versions = vault.versions(path, { limit: LIMITS.judgedVersionsMax });
  const present = { number: 0, path, entry: after, seenAtMs: 0, bytesKept: true };
  return {
    path,
    component: "",
    goal: before,
    present: after,
    versions: versions.length > 0 ? versions : [present],
    appendOnly: false,
  };
}

/** Those that the branch checked out now rightly has as they stand, where `branchBefore` was checked out before. */
export async function rightlyElsewhere(
  paths: readonly TreePath[],
  branchBefore: string | null,
  { branch, standing }: Pick<GuardWorld, "branch" | "standing">,
): Promise<Set<TreePath>> {
  const now = branch();
  if (paths.length === 0 || (now !== null && now === branchBefore)) return new Set();
  const tracked = await standing.tracked(paths.map((path) => ({ path, branch: branchBefore })));
  const matching = await standing.matchingHead(paths.filter((path) => tracked.has(path)));
  return new Set(paths.filter((path) => tracked.has(path) && matching.has(path)));
}

/**
 * Inside the caller's transaction, when states of a moment ago were put back: those that were going on at the vault's `point` are so
 * again. Without this their second coming would be taken for an older version's.
 */
export function goOnSince(
  states: readonly { readonly path: TreePath; readonly entry: Entry }[],
  point: number,
  world: GuardWorld,
): void {
  const expectations = world.expectations();
  const branch = world.branch();
  for (const { path, entry } of states) {
    const expected = expectations.at(path);
    if (expected === null || expected.accepted === null || sameContent(entry, expected.accepted)) continue;
    const then = world.vault
      .versions(path, { limit: LIMITS.judgedVersionsMax })
      .filter(({ number }) => number <= point);
    const wasNew = then[0] !== undefined && sameContent(then[0].entry, entry) && earlierVersion(then, 0) === null;
    if (wasNew && !isLoss(entry, expected.accepted)) world.goingOn.keep(expected, branch, entry);
  }
}
