/**
 * Whether paths are exactly as HEAD's tree has them: content by git's own filters, the exec bit, what a link names; absent in both, too.
 *
 * `git diff` would tell, but it locks and rewrites the index where a file's times moved, whatever `--no-optional-locks` says: a
 * user's own `git commit` would fail in that moment. So HEAD's blobs are listed, and git hashes what stands there.
 */

import { type Disk, isSystemError, LIMITS, type Stat, type TreePath } from "../base/index.ts";
import { bytesAt } from "../workorder/index.ts";
import { askGit, batches, type GitBlob, type GitWorld, hashed, literally, readListing } from "./git-answers.ts";

/** Those of `paths` that match. A git that cannot answer matches nothing. */
export async function matchingHead(paths: readonly TreePath[], world: GitWorld): Promise<Set<string>> {
  const matching = new Set<string>();
  for (const batch of batches(paths)) {
    const listed = await askGit(["ls-tree", "-z", "-t", "HEAD", "--", ...literally(batch)], world);
    if (listed === null) continue;
    const inHead = new Map<string, GitBlob>();
    readListing(listed, inHead);
    for (const path of await matchingOf(batch, inHead, world)) matching.add(path);
  }
  return matching;
}

async function matchingOf(
  paths: readonly TreePath[],
  inHead: ReadonlyMap<string, GitBlob>,
  world: GitWorld,
): Promise<TreePath[]> {
  const { disk } = world.ports;
  const matching: TreePath[] = [];
  const sameMode: TreePath[] = [];
  for (const path of paths) {
    const place = `${world.tree.root}/${path}`;
    const stat = disk.lstat(place);
    const head = inHead.get(path);
    if (head === undefined) {
      // Git knows no folders without files in them.
      if (stat === null || stat.kind === "dir") matching.push(path);
    } else if (stat === null || modeOf(stat) !== head.mode) {
      if (stat?.kind === "dir" && head.mode === SUBMODULE) matching.push(path);
    } else if (stat.kind === "dir") matching.push(path);
    else if (stat.kind === "link") {
      if (hashed(Buffer.from(disk.readlink(place)), head.blob.length) === head.blob) matching.push(path);
    } else if (isBlob(place, stat, head, disk)) matching.push(path);
    else sameMode.push(path);
  }
  if (sameMode.length === 0) return matching;
  const blobs = (await askGit(["hash-object", "--", ...sameMode], world, "\n")) ?? [];
  return [...matching, ...sameMode.filter((path, index) => blobs[index] === inHead.get(path)!.blob)];
}

/**
 * Byte for byte, which most files are: then no filter has anything to do, and no process has to be started to say so. What cannot be
 * read here is git's to say.
 */
function isBlob(place: string, { sizeBytes }: Stat, { blob }: GitBlob, disk: Disk): boolean {
  if (sizeBytes > LIMITS.blockSizeBytes) return false;
  try {
    return hashed(bytesAt(disk, place), blob.length) === blob;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

const SUBMODULE = "160000";

function modeOf({ kind, mode }: Stat): string {
  if (kind === "dir") return "040000";
  if (kind === "link") return "120000";
  return (mode & 0o100) !== 0 ? "100755" : "100644";
}
