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
