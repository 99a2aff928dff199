/**
 * What git says of drifted paths, a few questions for many paths at once: does it track them, are they as HEAD has them, does a stash
 * hold them, is it in the middle of something.
 *
 * A git that cannot answer (no commit yet, a broken repository) never makes a path healthy: nothing is tracked then, nothing matches.
 */

import type { Entry, TreePath } from "../base/index.ts";
import type { GitWorld } from "./git-answers.ts";
import { matchingHead } from "./git-head-match.ts";
import { type Stashed, stashed } from "./git-stashes.ts";
import { type TrackedQuestion, trackedOf } from "./git-tracked.ts";

/** State that git leaves while it waits for a person to go on: an open merge, rebase, bisection, a stopped pick. */
const MIDDLES = [
  "index.lock",
  "MERGE_HEAD",
  "rebase-merge",
  "rebase-apply",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "BISECT_LOG",
] as const;

export interface GitStanding {
  isInTheMiddle(): boolean;
  /**
   * Those that git tracks here, or, where they are gone from the index, on the branch that they were accepted on. `justBefore`: or
   * that it tracked until a moment ago, when it recorded something.
   */
  tracked(questions: readonly TrackedQuestion[], options?: { justBefore: boolean }): Promise<Set<string>>;
  /** Those that are exactly as HEAD's tree has them: content by git's own comparison, filters and all; absent in both, too. */
  matchingHead(paths: readonly TreePath[]): Promise<Set<string>>;
  /** Path → the stash that holds exactly this content, and since when. */
  stashed(goals: readonly { path: TreePath; goal: Entry }[]): Promise<Map<string, Stashed>>;
}

export function openGitStanding({ tree, vault, ports }: GitWorld): GitStanding {
  const world = { tree, vault, ports };
  const isMoot = (asked: readonly unknown[]) => tree.git === null || asked.length === 0;
  return {
    isInTheMiddle() {
      const { git } = tree;
      return git !== null && MIDDLES.some((name) => ports.disk.lstat(`${git.gitDir}/${name}`) !== null);
    },
    tracked: async (questions, options = { justBefore: false }) =>
      isMoot(questions) ? new Set() : trackedOf(questions, options, world),
    matchingHead: async (paths) => (isMoot(paths) ? new Set() : matchingHead(paths, world)),
    stashed: async (goals) => (isMoot(goals) ? new Map() : stashed(goals, world)),
  };
}
