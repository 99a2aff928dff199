/**
 * Whether git knew a content before it knew what was there: a checkout may bring back what the vault never saw.
 *
 * Asked is the line of commits that HEAD is on, and not every branch: what a merge or a fast-forward brings was in git before too, and
 * goes on all the same. Only where git itself threw the newer content away (a reset, a checkout) does every branch count.
 */

import { type Entry, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import { type LineChange, linesOf, type Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import { blobId } from "./git-answers.ts";

export interface PastQuestion {
  readonly path: TreePath;
  readonly present: Entry;
  readonly goal: Entry;
  /** When `goal` was first seen here. */
  readonly goalSeenMs: number;
}

/**
 * A commit of `line` that brought `present`, when that was before `goal`; else `null`. A goal that no commit holds is work on top of
 * them: then time decides, unless it is known that git `discarded` it. Pure.
 */
export function olderCommit(
  line: readonly LineChange[],
  {
    present,
    goal,
    goalSeenMs,
    discarded,
  }: { present: string; goal: string | null; goalSeenMs: number; discarded: boolean },
): string | null {
  let oldest = -1;
  line.forEach(({ blob }, index) => {
    if (blob === present) oldest = index;
  });
  if (oldest < 0) return null;
  const { commit, atMs } = line[oldest]!;
  const newestGoal = goal === null ? -1 : line.findIndex(({ blob }) => blob === goal);
  if (newestGoal >= 0) return oldest > newestGoal ? commit : null;
  return discarded || atMs < goalSeenMs ? commit : null;
}

/** Path → the older commit. Unanswered in time is "not known": then content counts as new, and is never undone. */
export async function olderInGit(
  questions: readonly PastQuestion[],
  discarded: boolean,
  { tree, vault, ports }: { tree: Tree; vault: Vault; ports: Pick<Ports, "git" | "log" | "clock"> },
): Promise<Map<string, string>> {
  const older = new Map<string, string>();
  if (tree.git === null || questions.length === 0 || questions.length > LIMITS.gitPastPathsMax) return older;
  const paths = questions.map(({ path }) => path);
  const lines = await linesOf(tree.root, paths, discarded ? "--all" : "HEAD", ports);
  for (const { path, present, goal, goalSeenMs } of questions) {
    const line = lines.get(path);
    if (line === undefined) continue;
    const length = line[0]!.commit.length;
    const blob = blobId(vault, present, length);
    if (blob === null) continue;
    const commit = olderCommit(line, {
      present: blob,
      goal: blobId(vault, goal, length),
      goalSeenMs,
      discarded,
    });
    if (commit !== null) older.set(path, commit);
  }
  return older;
}
