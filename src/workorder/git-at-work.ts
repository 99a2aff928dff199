/** Whether git is changing the working tree right now. Files that it brings are in its index only when it has finished. */

import type { Ports } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";

/** A lock that nobody seems to hold may be another user's, which cannot be seen; one this old was left by a crash. */
const LOCK_ABANDONED_MS = 10_000;

export function gitIsWriting(
  { git }: Pick<Tree, "git">,
  { disk, process, clock }: Pick<Ports, "disk" | "process" | "clock">,
): boolean {
  if (git === null) return false;
  const lock = `${git.gitDir}/index.lock`;
  const stat = disk.lstat(lock);
  if (stat === null) return false;
  return process.isOpenForWriting(lock) !== false || clock.now() - stat.ctimeMs < LOCK_ABANDONED_MS;
}

/** Moves whenever what git tracks may have changed. */
export function gitStamp({ git }: Pick<Tree, "git">, { disk }: Pick<Ports, "disk">): string {
  const stat = git === null ? null : disk.lstat(`${git.gitDir}/index`);
  return stat === null ? "" : `${stat.ino}:${stat.sizeBytes}:${stat.mtimeMs}`;
}
