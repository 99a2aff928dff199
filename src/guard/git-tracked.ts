/** Which paths git tracks: by the index, and where they are gone from there, by the commits in which they were a moment ago. */

import type { TreePath } from "../base/index.ts";
import { trackedPaths } from "../tree/index.ts";
import { askGit, batches, type GitWorld, literally } from "./git-answers.ts";

/** Where HEAD was before git last moved it; some commands move it several times. */
const REVS_BEFORE = ["ORIG_HEAD", "HEAD@{1}", "HEAD@{2}", "HEAD@{3}"];

export interface TrackedQuestion {
  readonly path: TreePath;
  /** The branch that it was accepted on; `null`: what HEAD is on. */
  readonly branch: string | null;
}

/** `justBefore`: also what git tracked until a moment ago, when it recorded something. */
export async function trackedOf(
  questions: readonly TrackedQuestion[],
  { justBefore }: { justBefore: boolean },
  world: GitWorld,
): Promise<Set<string>> {
  const tracked = await inIndex(
    questions.map(({ path }) => path),
    world,
  );
  const untracked = () => questions.filter(({ path }) => !tracked.has(path));
  for (const [rev, missing] of byRev(untracked())) await addFrom(rev, missing, tracked, world);
  for (const rev of justBefore ? REVS_BEFORE : []) {
    const missing = untracked().map(({ path }) => path);
    if (missing.length > 0) await addFrom(rev, missing, tracked, world);
  }
  return tracked;
}

async function inIndex(paths: readonly TreePath[], { tree, ports }: GitWorld): Promise<Set<string>> {
  try {
    return await trackedPaths(tree, paths, ports);
  } catch (error) {
    // `.git` may be gone: git is one witness, not the only one.
    ports.log.info("git could not say what it tracks", { why: (error as Error).message });
    return new Set();
  }
}

async function addFrom(
  rev: string,
  missing: readonly TreePath[],
  tracked: Set<string>,
  world: GitWorld,
): Promise<void> {
  for (const batch of batches(missing)) {
    for (const name of (await askGit(["ls-tree", "-z", "--name-only", rev, "--", ...literally(batch)], world)) ?? [])
      tracked.add(name);
  }
}

function byRev(questions: readonly TrackedQuestion[]): Map<string, TreePath[]> {
  const grouped = new Map<string, TreePath[]>();
  for (const { path, branch } of questions) {
    const rev = branch === null ? "HEAD" : `refs/heads/${branch}`;
    const known = grouped.get(rev);
    if (known) known.push(path);
    else grouped.set(rev, [path]);
  }
  return grouped;
}
