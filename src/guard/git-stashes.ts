/** Which stash holds exactly the content that a path should have: what was only put aside is not lost. */

import { type Entry, type FileEntry, LIMITS, type TreePath } from "../base/index.ts";
import { askGit, batches, blobId, type GitBlob, type GitWorld, literally, readListing } from "./git-answers.ts";

export interface Stashed {
  readonly name: string;
  readonly sinceMs: number;
}

/** Path → the newest stash that holds it. */
export async function stashed(
  goals: readonly { path: TreePath; goal: Entry }[],
  world: GitWorld,
): Promise<Map<string, Stashed>> {
  const { tree, vault, ports } = world;
  const held = new Map<string, Stashed>();
  const files = goals.filter((one): one is { path: TreePath; goal: FileEntry } => one.goal.kind === "file");
  if (files.length === 0 || ports.disk.lstat(`${tree.git!.commonDir}/logs/refs/stash`) === null) return held;
  const listed = await askGit(["stash", "list", `-n${LIMITS.stashesMax}`, "-z", "--format=%H %ct %gd"], world);
  for (const line of listed ?? []) {
    const [commit, seconds, name] = line.split(" ") as [string, string, string];
    const blobs = await blobsIn(
      commit,
      files.map(({ path }) => path),
      world,
    );
    for (const { path, goal } of files) {
      const blob = blobs.get(path)?.blob;
      if (blob === undefined || held.has(path) || blob !== blobId(vault, goal, blob.length)) continue;
      held.set(path, { name, sinceMs: Number(seconds) * 1_000 });
    }
  }
  return held;
}

/** Tracked files are in the stash commit itself, untracked ones in its third parent, which most do not have. */
async function blobsIn(commit: string, paths: readonly TreePath[], world: GitWorld): Promise<Map<string, GitBlob>> {
  const blobs = new Map<string, GitBlob>();
  for (const rev of [`${commit}^3`, commit]) {
    for (const batch of batches(paths))
      readListing((await askGit(["ls-tree", "-r", "-z", rev, "--", ...literally(batch)], world)) ?? [], blobs);
  }
  return blobs;
}
