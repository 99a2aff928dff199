/**
 * Which of two contents of one path is the older: by the vault's versions of it, then by git's line of it in either checkout. Pure.
 *
 * Content that neither knows is `unknown`: somebody's work, or another project's.
 */

import { type Entry, sameContent } from "../base/index.ts";
import type { LineChange } from "../tree/index.ts";
import type { Version } from "../vault/index.ts";

export interface ContentEvidence {
  readonly canonical: Entry;
  readonly copy: Entry;
  /** Of the path, newest first. */
  readonly versions: readonly Version[];
  /** Git's line of it where each stands, newest first, and what git may call the two contents; empty where git knows nothing. */
  readonly canonicalLine: readonly LineChange[];
  readonly copyLine: readonly LineChange[];
  readonly canonicalBlobs: readonly string[];
  readonly copyBlobs: readonly string[];
}

export interface ContentOrder {
  /** What the copy has, compared with the canonical tree. */
  readonly is: "older" | "newer" | "unknown";
  /** When the copy's content was last known to stand in the canonical tree, or was committed. Unix ms. */
  readonly knownAtMs: number | null;
  /** `V12`, or a commit. */
  readonly knownAs: string | null;
}

const UNKNOWN: ContentOrder = { is: "unknown", knownAtMs: null, knownAs: null };

export function contentOrder(evidence: ContentEvidence): ContentOrder {
  return inVault(evidence) ?? inGit(evidence) ?? UNKNOWN;
}

/** What the canonical tree has now and the vault did not note yet is newer than all that it did. */
function inVault({ canonical, copy, versions }: ContentEvidence): ContentOrder | null {
  const known = versions.findIndex(({ entry }) => sameContent(entry, copy));
  if (known < 0) return null;
  const present = versions.findIndex(({ entry }) => sameContent(entry, canonical));
  const { seenAtMs, number } = versions[known]!;
  return { is: known > present ? "older" : "newer", knownAtMs: seenAtMs, knownAs: `V${number}` };
}

function inGit({ canonicalLine, copyLine, canonicalBlobs, copyBlobs }: ContentEvidence): ContentOrder | null {
  const inCanonical = placeOf(copyBlobs, canonicalLine);
  if (inCanonical !== null) {
    const present = placeOf(canonicalBlobs, canonicalLine);
    // Work on top of what is committed is newer than all of it.
    const is = present === null || inCanonical.index > present.index ? "older" : "newer";
    return { is, knownAtMs: inCanonical.change.atMs, knownAs: inCanonical.change.commit };
  }
  const inCopy = placeOf(copyBlobs, copyLine);
  const before = placeOf(canonicalBlobs, copyLine);
  if (inCopy === null || before === null) return null;
  const is = inCopy.index < before.index ? "newer" : "older";
  return { is, knownAtMs: inCopy.change.atMs, knownAs: inCopy.change.commit };
}

/** The newest time that it was committed. */
function placeOf(blobs: readonly string[], line: readonly LineChange[]): { index: number; change: LineChange } | null {
  const index = line.findIndex(({ blob }) => blob !== null && blobs.includes(blob));
  return index < 0 ? null : { index, change: line[index]! };
}
