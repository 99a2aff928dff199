/**
 * What kind of drift it is: pure. Content and mode are judged apart: new content stays, a lost exec bit returns.
 *
 * At most two findings a path, content first; none when all holds.
 */

import { assert, type Entry, type FileEntry, sameContent, type TreePath } from "../base/index.ts";
import type { Version } from "../vault/index.ts";
import type { Drift, Match } from "./drift.ts";
import { earlierVersion, isEmptied, isMostlyGone } from "./going-on.ts";

/** One path and what must hold of it. */
export interface Sight {
  readonly path: TreePath;
  readonly component: string;
  /** The last settled state that was going on, with the mode that must hold. */
  readonly goal: Entry;
  readonly present: Entry;
  /** Newest first; the present state is the first. */
  readonly versions: readonly Version[];
  readonly appendOnly: boolean;
}

/** What has to be read or asked before a difference can be named; each only where `needs` says so. */
export interface Evidence {
  /** Append-only: what was there is the beginning of what is there now. */
  readonly extendsGoal: boolean;
  /** What is there is the beginning or the end of what was. */
  readonly isPieceOfGoal: boolean;
  /** Git's history of the path knew this content before it knew the goal. */
  readonly olderInGit: { readonly commit: string } | null;
  /** Git keeps of a mode only whether its owner may execute; the rest is the umask of whoever checked it out. */
  readonly modeIsGits: boolean;
}

export const NO_EVIDENCE: Evidence = { extendsGoal: false, isPieceOfGoal: false, olderInGit: null, modeIsGits: false };

export function classify(sight: Sight, evidence: Evidence): Drift[] {
  const content = contentDrift(sight, evidence);
  const mode = modeDrift(sight, evidence);
  return [...(content ? [content] : []), ...(mode ? [mode] : [])];
}

/** Which evidence would change the answer; the rest need not be gathered. */
export function needs({ goal, present, versions, appendOnly }: Sight): (keyof Evidence)[] {
  if (goal.kind !== present.kind) return [];
  const mode: (keyof Evidence)[] =
    lostBits(goal, present) === 0 || losesOwnersBits(goal, present) ? [] : ["modeIsGits"];
  if (sameContent(goal, present) || present.kind === "dir") return mode;
  if (goal.kind === "file" && present.kind === "file") {
    if (appendOnly) return present.sizeBytes > goal.sizeBytes ? [...mode, "extendsGoal"] : mode;
    if (isEmptied(present, goal)) return mode;
    if (mayBeCut(present, goal)) mode.push("isPieceOfGoal");
  }
  return earlierVersion(versions, 0) === null ? [...mode, "olderInGit"] : mode;
}

function contentDrift(sight: Sight, evidence: Evidence): Drift | null {
  const { goal, present, versions } = sight;
  if (sameContent(goal, present)) return null;
  if (present.kind === "absent") return drift(sight, "deleted", "missing");
  if (present.kind !== goal.kind) return drift(sight, "type-changed", "kind");
  if (present.kind === "file" && goal.kind === "file") {
    if (sight.appendOnly)
      return evidence.extendsGoal && present.sizeBytes > goal.sizeBytes
        ? drift(sight, "modified", "new")
        : notExtended(sight, present, goal);
    if (isEmptied(present, goal)) return drift(sight, "emptied", "emptied");
  }
  const earlier = earlierVersion(versions, 0);
  if (earlier) return drift(sight, "reverted", "older", matchOfVersion(earlier));
  if (evidence.olderInGit) return drift(sight, "reverted", "older", matchOfCommit(evidence.olderInGit.commit));
  if (present.kind === "file" && goal.kind === "file") {
    const isCut = evidence.isPieceOfGoal && mayBeCut(present, goal);
    if (isCut || isMostlyGone(present, goal)) return drift(sight, "truncated", "torn");
  }
  return drift(sight, "modified", "new");
}

/** Less than half is left; then its bytes tell whether they are old ones. */
function mayBeCut(present: FileEntry, goal: FileEntry): boolean {
  return present.sizeBytes < goal.sizeBytes / 2;
}

/** Of what only grows, anything else is a loss. */
function notExtended(sight: Sight, present: FileEntry, goal: FileEntry): Drift {
  if (present.sizeBytes === 0) return drift(sight, "emptied", "emptied");
  const match = earlierVersion(sight.versions, 0);
  return drift(
    sight,
    present.sizeBytes < goal.sizeBytes ? "truncated" : "modified",
    "torn",
    match && matchOfVersion(match),
  );
}

function modeDrift(sight: Sight, { modeIsGits }: Evidence): Drift | null {
  const { goal, present } = sight;
  if (lostBits(goal, present) === 0) return null;
  if (modeIsGits && !losesOwnersBits(goal, present)) return null;
  assert(present.kind === "file" || present.kind === "dir", "only files and folders have a mode");
  assert(goal.kind === present.kind, "modes of one kind are compared");
  return { ...drift(sight, "mode-changed", "mode"), goal: { ...present, mode: goal.mode } };
}

/** A bit that is added is going on; what was accepted and is missing went. */
function lostBits(goal: Entry, present: Entry): number {
  if ((goal.kind !== "file" && goal.kind !== "dir") || present.kind !== goal.kind) return 0;
  return goal.mode & ~present.mode;
}

function losesOwnersBits(goal: Entry, present: Entry): boolean {
  return (lostBits(goal, present) & 0o7700) !== 0;
}

function drift(sight: Sight, kind: Drift["kind"], change: Drift["change"], matches: Match | null = null): Drift {
  const { path, component, goal, present } = sight;
  return { path, component, kind, change, goal, present, matches };
}

function matchOfVersion({ number, seenAtMs }: Version): Match {
  return { version: number, seenAtMs, wo: null, commit: null };
}

function matchOfCommit(commit: string): Match {
  return { version: null, seenAtMs: null, wo: null, commit };
}
