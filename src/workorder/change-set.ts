/**
 * A change set: full states before and after, path by path. It is what a plan plans, what the journal keeps, what acceptance
 * moves baselines to, and what an undo goes back to. Kept as JSON in the vault.
 */

import { assert, type Entry } from "../base/index.ts";

/** Inside the tree a tree path; outside (only where `orders.allowOutside` says so) an absolute one. */
export type TargetPath = string;

export interface Change {
  readonly path: TargetPath;
  readonly before: Entry;
  readonly after: Entry;
}

export interface ChangeSet {
  readonly v: 1;
  /** Names temporary files; unique per attempt. Lower-case letters and digits. */
  readonly id: string;
  readonly changes: readonly Change[];
}

export function encodeChangeSet(set: ChangeSet): Buffer {
  return Buffer.from(JSON.stringify(set));
}

/** Of bytes that `encodeChangeSet` made: they come from the vault, which has checked their digest. */
export function decodeChangeSet(bytes: Uint8Array): ChangeSet {
  const set = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as ChangeSet;
  assert(set.v === 1 && Array.isArray(set.changes), "a change set in the vault has version 1");
  return set;
}

/** The same set backwards. */
export function reversed(set: ChangeSet): ChangeSet {
  return { ...set, changes: set.changes.map(({ path, before, after }) => ({ path, before: after, after: before })) };
}

/**
 * First what goes or changes its kind, deepest first, so that folders are empty when their turn comes; then what comes or changes,
 * parents first.
 */
export function applyOrder(set: ChangeSet): number[] {
  const paths = set.changes.map((change, index) => ({ path: change.path, index, goes: goes(change) }));
  const ascending = paths.sort((a, b) => (a.path < b.path ? -1 : 1));
  const going = ascending.filter(({ goes }) => goes).reverse();
  const coming = ascending.filter(({ goes }) => !goes);
  return [...going, ...coming].map(({ index }) => index);
}

function goes({ before, after }: Change): boolean {
  if (before.kind === "absent") return false;
  return after.kind === "absent" || (before.kind === "dir") !== (after.kind === "dir");
}

/** Its content is not what stands there already. */
export function bringsContent({ before, after }: Change): boolean {
  return after.kind === "file" && !(before.kind === "file" && before.digest === after.digest);
}
