/**
 * Going back told from going on: pure, over all versions that are known of one path.
 *
 * A state was going on when its content was new at its time, or when it was accepted. A repair returns the last such state, so that
 * nobody's newer work is lost to an older baseline; a loss (gone, emptied, cut off, another kind) is never returned to.
 */

import { type Entry, sameContent } from "../base/index.ts";
import type { Version } from "../vault/index.ts";

export interface GoingOnRequest {
  /** Newest first. */
  readonly versions: readonly Version[];
  /** Known good states, each good whenever it stood there: what was accepted, and what was last judged to be going on. */
  readonly good: readonly Entry[];
  /** What git's older history of the path holds: content that was not new when it came. */
  isInGitsPast?(entry: Entry): boolean;
}

/** The last settled state that was going on; `null` when none is known. States whose bytes are gone cannot be returned to. */
export function lastGoingOn({ versions, good, isInGitsPast = () => false }: GoingOnRequest): Entry | null {
  const accepted = good[0] ?? null;
  for (const [index, { entry, bytesKept }] of versions.entries()) {
    const vouched = good.find((one) => sameContent(one, entry));
    if (vouched) return vouched;
    if (isLoss(entry, accepted) || !bytesKept) continue;
    if (!isOldAt(versions, index) && !isInGitsPast(entry)) return entry;
  }
  return accepted;
}

/** The newest earlier version with the content of `versions[index]`, when other content stood in between; else `null`. */
export function earlierVersion(versions: readonly Version[], index: number): Version | null {
  const { entry } = versions[index]!;
  let between = false;
  for (const version of versions.slice(index + 1)) {
    if (!sameContent(version.entry, entry)) between = true;
    else if (between) return version;
  }
  return null;
}

function isOldAt(versions: readonly Version[], index: number): boolean {
  return earlierVersion(versions, index) !== null;
}

/** Gone, of another kind, emptied, or mostly cut off, measured by what was accepted. */
export function isLoss(entry: Entry, accepted: Entry | null): boolean {
  if (entry.kind === "absent") return true;
  if (accepted === null) return false;
  if (entry.kind !== accepted.kind) return true;
  if (entry.kind !== "file" || accepted.kind !== "file") return false;
  return isEmptied(entry, accepted) || isMostlyGone(entry, accepted);
}

export function isEmptied(entry: { sizeBytes: number }, goal: { sizeBytes: number }): boolean {
  return entry.sizeBytes === 0 && goal.sizeBytes > 0;
}

/** The same measure by which an order is refused: `WO_SHRINKS`. */
const SHRINK_SHARE_MIN = 0.1;
const SHRINK_SIZE_BYTES_MIN = 4_096;

/** So little is left that nobody means it, whatever the bytes are. */
export function isMostlyGone(entry: { sizeBytes: number }, goal: { sizeBytes: number }): boolean {
  return goal.sizeBytes >= SHRINK_SIZE_BYTES_MIN && entry.sizeBytes < goal.sizeBytes * SHRINK_SHARE_MIN;
}
