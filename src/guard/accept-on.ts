/**
 * `accept.on: [commit@main]`: new content that is committed there moves the baseline; a loss never does, because only what is going on
 * is looked at. And what a person recorded in git is accepted whole, losses too.
 */

import { ABSENT, type Entry, sameEntry, type TreePath } from "../base/index.ts";
import { acceptStates } from "../component/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { Culprit } from "./cause-finder.ts";
import type { Expectation } from "./expectation.ts";
import { GUARD, type GuardWorld } from "./world.ts";

/** Of what is going on here, the paths that HEAD has exactly so. Returns what it accepted. */
export async function acceptCommitted(world: GuardWorld): Promise<TreePath[]> {
  const { goingOn, standing, store, vault } = world;
  const branch = world.branch();
  if (branch === null || !isAcceptedOn(world.config().accept.on, branch)) return [];
  const expectations = world.expectations();
  const candidates = goingOn.pathsOn(branch).flatMap((path) => {
    const expected = expectations.at(path);
    const present = vault.latest(path)?.entry ?? ABSENT;
    if (expected === null && expectations.componentOf(path) === null) return [];
    const state = goingOn.at({ path, seq: expected?.seq ?? 0 }, branch);
    return state !== null && sameEntry(state, present) ? [{ path, expected, present }] : [];
  });
  const paths = candidates.map(({ path }) => path);
  const matching = await standing.matchingHead(paths);
  const tracked = await standing.tracked(paths.map((path) => ({ path, branch })));
  const committed = candidates.filter(({ path }) => matching.has(path) && tracked.has(path));
  if (committed.length === 0) return [];
  await moveBaseline(committed, `committed on ${branch}`, GUARD, world);
  store.transaction(() => {
    for (const { path } of committed) goingOn.drop(path, branch);
  });
  return committed.map(({ path }) => path);
}

/** Row 10: `git revert` and a person's commit. */
export async function acceptFromPerson(
  states: readonly { expected: Expectation; present: Entry }[],
  culprit: Culprit,
  world: GuardWorld,
): Promise<void> {
  const actor: Actor = {
    kind: "human",
    name: culprit.actor ?? "somebody",
    ...(culprit.pid ? { pid: culprit.pid } : {}),
  };
  const accepted = states.map(({ expected, present }) => ({ path: expected.path, expected, present }));
  await moveBaseline(accepted, `recorded in git: ${culprit.what}`, actor, world);
}

async function moveBaseline(
  states: readonly { path: TreePath; expected: Expectation | null; present: Entry }[],
  reason: string,
  actor: Actor,
  world: GuardWorld,
): Promise<void> {
  const changes = states.map(({ path, expected, present }) => ({
    path,
    before: expected?.accepted ?? ABSENT,
    after: withBitsOf(present, expected?.accepted ?? ABSENT),
  }));
  const [first] = states;
  const subject = states.length === 1 ? first!.path : `${first!.path} and ${states.length - 1} more`;
  await acceptStates({ changes, total: changes.length, subject, component: null, reason, actor }, world);
}

/** A lost bit is not accepted along with new content: mode is judged alone. */
function withBitsOf(present: Entry, accepted: Entry): Entry {
  if (present.kind !== "file" || accepted.kind !== "file") return present;
  return { ...present, mode: present.mode | accepted.mode };
}

/** `commit@main`, `commit@release/*`. */
function isAcceptedOn(on: readonly string[], branch: string): boolean {
  return on.some((one) => {
    const [what, pattern = ""] = one.split("@", 2);
    if (what !== "commit") return false;
    return pattern.endsWith("*") ? branch.startsWith(pattern.slice(0, -1)) : branch === pattern;
  });
}
