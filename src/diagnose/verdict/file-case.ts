/** Everything that is known of one path, ready to be judged: what is there, and the line of changes that led to it. Pure. */

import type { Present } from "../collectors/present.ts";
import type { Step } from "../git-past/history.ts";
import { type GitState, kindOf, type Touch } from "../git-past/read-log.ts";
import type { IndexEntry } from "../git-past/repository.ts";
import type { ServiceTrouble } from "./service.ts";

export interface FileCase {
  readonly path: string;
  readonly present: Present;
  /** Newest first; the first one made what is there. What was not committed has no commit. */
  readonly line: readonly Link[];
  /** False where no history could be read: then nobody knows whether what is there is as it should be. */
  readonly hasPast: boolean;
  readonly inHead: GitState | null;
  readonly index: IndexEntry | null;
  /** Sizes and bytes of contents that were read. */
  readonly contents: Contents;
  /** What is wrong with it as it stands, by its own language's parser, its first line or a log. */
  readonly trouble: Trouble | null;
  /** What logs say of it. */
  readonly service: ServiceTrouble | null;
}

export interface Link {
  readonly from: State | null;
  readonly to: State | null;
  /** `null`: it happened in the work tree. */
  readonly touch: Touch | null;
  readonly byMerge: boolean;
}

/** What a path was or is. A folder has no content of its own. */
export interface State {
  readonly kind: "file" | "link" | "submodule" | "dir" | "other";
  readonly oid: string;
  readonly isExecutable: boolean;
}

export interface Contents {
  sizeOf(oid: string): number | null;
  /** `null` where it was not read. */
  bytesOf(oid: string): Buffer | null;
}

export interface Trouble {
  readonly says: string;
  /** The newest commit at which nothing was wrong; `null`: every version that was looked at has it. */
  readonly soundAt: Touch | null;
  /** The commit that brought it, where one did. */
  readonly since: Touch | null;
  readonly certainty: number;
}

export const NO_CONTENTS: Contents = { sizeOf: () => null, bytesOf: () => null };

export function stateOf(state: GitState | null): State | null {
  if (state === null) return null;
  return { kind: kindOf(state), oid: state.oid, isExecutable: state.mode === "100755" };
}

/** The line of what git has, with what the work tree did to it on top. `trustsModes`: the file system keeps the executable bit. */
export function lineOf(
  { present, inHead, steps }: { present: Present; inHead: GitState | null; steps: readonly Step[] },
  trustsModes: boolean,
): Link[] {
  const line = steps.map(({ from, to, touch, byMerge }) => ({ from: stateOf(from), to: stateOf(to), touch, byMerge }));
  const head = stateOf(inHead);
  const now = presentState(present, head, trustsModes);
  if (sameStates(now, head)) return line;
  return [{ from: head, to: now, touch: null, byMerge: false }, ...line];
}

/** What was not read is taken to be as git has it: a guess is no evidence. */
function presentState(present: Present, head: State | null, trustsModes: boolean): State | null {
  const { kind, mode, oid } = present;
  if (kind === "absent") return null;
  if (kind === "dir" && head?.kind === "submodule") return head;
  if (kind === "dir" || kind === "other") return { kind, oid: "", isExecutable: false };
  const isExecutable = trustsModes && kind === "file" ? (mode & 0o100) !== 0 : (head?.isExecutable ?? false);
  return { kind, oid: oid ?? head?.oid ?? "", isExecutable };
}

export function sameStates(a: State | null, b: State | null): boolean {
  return sameContents(a, b) && a?.isExecutable === b?.isExecutable;
}

export function sameContents(a: State | null, b: State | null): boolean {
  return a === null || b === null ? a === b : a.kind === b.kind && a.oid === b.oid;
}
