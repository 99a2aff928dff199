/**
 * From paths to drift: what stands there, as the vault remembers it, against what must hold. Reads; decides nothing about responses.
 */

import { ABSENT, type Entry, LIMITS, sameContent, sameEntry, type TreePath } from "../base/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Vault, Version } from "../vault/index.ts";
import { classify, type Sight } from "./classify.ts";
import type { Drift } from "./drift.ts";
import { type EvidenceWorld, gather } from "./evidence.ts";
import type { Expectation } from "./expectation.ts";
import { lastGoingOn } from "./going-on.ts";
import type { GoingOnStates } from "./going-on-states.ts";

export interface LookingWorld extends EvidenceWorld {
  readonly ledger: Ledger;
  readonly goingOn: GoingOnStates;
  branch(): string | null;
}

export interface Looked {
  /** As accepted, or as it was going on before: nothing to say. */
  readonly held: { readonly expected: Expectation; readonly isAccepted: boolean }[];
  readonly drifts: { readonly expected: Expectation; readonly drift: Drift }[];
}

/** `presentOf`: the last remembered state. `discarded`: as `gather` asks. */
export async function look(
  expectations: readonly Expectation[],
  presentOf: (path: TreePath) => Entry,
  discarded: boolean,
  world: LookingWorld,
): Promise<Looked> {
  const looked: Looked = { held: [], drifts: [] };
  const sights: { expected: Expectation; sight: Sight }[] = [];
  const goneForGood = await lettingGo(expectations, presentOf, world);
  for (const expected of expectations) {
    const present = presentOf(expected.path);
    if (goneForGood.has(expected.path) || isAsAccepted(expected, present, world))
      looked.held.push({ expected, isAccepted: true });
    else sights.push({ expected, sight: sightOf(expected, present, world) });
  }
  const evidence = await gather(
    sights.map(({ sight }) => sight),
    discarded,
    world,
  );
  for (const { expected, sight } of sights) {
    const drifts = classify(sight, evidence.get(sight.path)!);
    for (const drift of drifts) looked.drifts.push({ expected, drift });
    if (drifts.length > 0) continue;
    const isAccepted = expected.accepted !== null && sameContent(sight.present, expected.accepted);
    looked.held.push({ expected, isAccepted });
  }
  return looked;
}

/** Those that git does not track belong to no branch: what was accepted as gone on one is gone. */
async function lettingGo(
  expectations: readonly Expectation[],
  presentOf: (path: TreePath) => Entry,
  { standing }: LookingWorld,
): Promise<Set<string>> {
  const gone = expectations.filter(({ path, isLetGo }) => isLetGo && presentOf(path).kind === "absent");
  const questions = gone.map(({ path, otherBranch }) => ({ path, branch: otherBranch ?? null }));
  const tracked = await standing.tracked(questions);
  return new Set(gone.map(({ path }) => path).filter((path) => !tracked.has(path)));
}

/** What only grows is judged by what it had grown to, also when it is back at what was accepted. */
function isAsAccepted({ path, accepted, treatment, seq }: Expectation, present: Entry, world: LookingWorld): boolean {
  if (accepted === null || !sameEntry(present, accepted)) return false;
  return !treatment.appendOnly || world.vault.latest(path)!.seenAtMs <= acceptedAtMs(seq, world.ledger);
}

function acceptedAtMs(seq: number, ledger: Ledger): number {
  const [record] = [...ledger.read({ afterSeq: seq - 1, limit: 1 })];
  return record?.seq === seq ? Date.parse(record.ts) : 0;
}

export function presentIn(vault: Vault): (path: TreePath) => Entry {
  return (path) => vault.latestEntry(path) ?? ABSENT;
}

function sightOf(expected: Expectation, present: Entry, world: LookingWorld): Sight {
  const { path, component, accepted, treatment } = expected;
  const versions = world.vault.versions(path, { limit: LIMITS.judgedVersionsMax });
  const goal = goalOf(expected, present, versions, world);
  return {
    path,
    component,
    goal: accepted === null ? goal : withModeOf(goal, accepted),
    present,
    versions: versions.length > 0 ? versions : [asVersion(path, present)],
    appendOnly: treatment.appendOnly,
  };
}

/** What should stand there: the present state if it is known to be good, else the last one that was going on. */
function goalOf(expected: Expectation, present: Entry, versions: readonly Version[], world: LookingWorld): Entry {
  const { accepted, treatment, otherBranch } = expected;
  const goingOn = world.goingOn.at(expected, world.branch());
  const earlier = versions.slice(1);
  if (treatment.appendOnly) {
    const sinceMs = acceptedAtMs(expected.seq, world.ledger);
    return (
      goingOn ??
      largest(
        earlier.filter(({ seenAtMs }) => seenAtMs > sinceMs),
        accepted,
      ) ??
      present
    );
  }
  const good = [accepted, goingOn].filter((entry): entry is Entry => entry !== null);
  const vouched = good.find((entry) => sameContent(entry, present));
  if (vouched) return vouched;
  // Another branch's own content was going on there, though it was never accepted.
  if (goingOn === null && otherBranch !== undefined) {
    const before = earlier.find(({ entry }) => entry.kind !== "absent");
    if (before?.bytesKept) return before.entry;
  }
  return lastGoingOn({ versions: earlier, good }) ?? present;
}

/** Of what only grows, the most that there ever was. */
function largest(versions: readonly Version[], accepted: Entry | null): Entry | null {
  let found = accepted;
  for (const { entry, bytesKept } of versions) {
    if (entry.kind !== "file" || !bytesKept) continue;
    if (found?.kind !== "file" || entry.sizeBytes > found.sizeBytes) found = entry;
  }
  return found;
}

function withModeOf(goal: Entry, accepted: Entry): Entry {
  if (goal.kind === "file" && accepted.kind === "file") return { ...goal, mode: accepted.mode };
  if (goal.kind === "dir" && accepted.kind === "dir") return { ...goal, mode: accepted.mode };
  return goal;
}

function asVersion(path: TreePath, entry: Entry): Version {
  return { number: 0, path, entry, seenAtMs: 0, bytesKept: true };
}
