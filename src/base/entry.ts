/**
 * What stands at a path, as a full state: the unit of plans, manifests, baselines and versions.
 *
 * `mode` is the twelve permission bits (`0o7777`). Owner, ACLs, extended attributes and times are not promised, so not here.
 */

import type { Digest } from "./ids.ts";

export interface FileEntry {
  readonly kind: "file";
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly mode: number;
}
export interface DirEntry {
  readonly kind: "dir";
  readonly mode: number;
}
export interface LinkEntry {
  readonly kind: "link";
  readonly target: string;
}
export interface AbsentEntry {
  readonly kind: "absent";
}

/** Something that can be remembered and put back. */
export type PresentEntry = FileEntry | DirEntry | LinkEntry;
export type Entry = PresentEntry | AbsentEntry;

export const ABSENT: AbsentEntry = { kind: "absent" };

/** True when both describe the same state: kind, content, mode, link target. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return sameContent(a, b) && modeOf(a) === modeOf(b);
}

/** True when both have the same kind and content (digest, target); modes may differ. */
export function sameContent(a: Entry, b: Entry): boolean {
  if (a.kind === "file" && b.kind === "file") return a.digest === b.digest;
  if (a.kind === "link" && b.kind === "link") return a.target === b.target;
  return a.kind === b.kind;
}

function modeOf(entry: Entry): number | null {
  return entry.kind === "file" || entry.kind === "dir" ? entry.mode : null;
}
