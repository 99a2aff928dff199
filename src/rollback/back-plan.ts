/**
 * What going back would change: to a moment of the vault, or by undoing exactly what one order or rollback did. Looks, changes nothing.
 */

import { ABSENT, type Entry, HoldfastError, LIMITS, sameEntry, type TreePath } from "../base/index.ts";
import { isAtOrBelow, layoutPaths } from "../tree/index.ts";
import { type Change, decodeChangeSet, standingAt } from "../workorder/index.ts";
import { foldersAbove } from "./protection.ts";
import type { RollbackWorld } from "./world.ts";

export interface BackPlan {
  /** For people: `to V37`, `order WO-X`. */
  readonly what: string;
  /** As the changes of an order: a path outside of the tree is absolute. */
  readonly changes: readonly Change[];
  readonly missing: readonly { readonly path: string; readonly why: string }[];
  /** Somebody changed them later: exact undoing stops here. */
  readonly overlaps: readonly Overlap[];
}

export interface Overlap {
  readonly path: string;
  /** What did it, as far as the ledger knows. */
  readonly by: string;
}

/** Everything, or `paths` with all below them, as it was; what was not there then goes. Own projections stay. */
export async function planTo(
  { point, what, paths }: { point: number; what: string; paths: readonly TreePath[] | null },
  world: RollbackWorld,
): Promise<BackPlan> {
  const { effects, missing } = await world.vault.planRestore({ paths, from: { upTo: point }, exact: true });
  const own = layoutPaths(world.config()).map(({ path }) => path);
  const isOwn = (path: TreePath) => paths === null && own.some((folder) => isAtOrBelow(path, folder));
  return {
    what,
    changes: effects.filter(({ path, before, after }) => !isOwn(path) && !sameEntry(before, after)),
    missing: missing.filter(({ path }) => !isOwn(path)),
    overlaps: [],
  };
}

/** Exactly what `done` did, backwards. `seq`: the ledger's record of it; what came after it may have changed the same paths. */
export function planUndoing(
  { done, what, seq }: { done: readonly Change[]; what: string; seq: number },
  world: RollbackWorld,
): BackPlan {
  const changes: Change[] = [];
  const missing: BackPlan["missing"][number][] = [];
  const overlaps: Overlap[] = [];
  const ours = new Set(done.map(({ path }) => path));
  for (const { path, before, after } of done) {
    const present = standingOf(path, world);
    if (present.kind !== "other" && sameEntry(present, before)) continue;
    const isOurs = present.kind !== "other" && sameEntry(present, after);
    const strangers = isOurs && after.kind === "dir" && before.kind !== "dir" ? strangersIn(path, ours, world) : [];
    if (!isOurs) overlaps.push({ path, by: laterBy(path, seq, world) });
    for (const stranger of strangers) overlaps.push({ path: stranger, by: laterBy(stranger, seq, world) });
    if (!isOurs || strangers.length > 0) continue;
    if (before.kind === "file" && !world.vault.has(before.digest))
      missing.push({ path, why: "its bytes were pruned or forgotten" });
    else changes.push({ path, before: after, after: before });
  }
  for (const folder of foldersMissing(changes, world)) {
    const present = standingAt(world.ports.disk, `${world.tree.root}/${folder}`);
    if (present.kind !== "absent") overlaps.push({ path: folder, by: laterBy(folder, seq, world) });
    else changes.push({ path: folder, before: ABSENT, after: lastFolder(folder, world) });
  }
  return { what, changes, missing, overlaps };
}

/** Folders on the way to what comes back, which it did not take itself. */
function foldersMissing(changes: readonly Change[], { ports, tree, places }: RollbackWorld): Set<TreePath> {
  const known = new Set(changes.map(({ path }) => path));
  const missing = new Set<TreePath>();
  for (const { path, after } of changes) {
    if (after.kind === "absent" || !places.isInside(path)) continue;
    for (const folder of foldersAbove(path))
      if (!known.has(folder) && ports.disk.lstat(`${tree.root}/${folder}`)?.kind !== "dir") missing.add(folder);
  }
  return missing;
}

function lastFolder(folder: TreePath, { vault }: RollbackWorld): Entry {
  const versions = vault.versions(folder, { limit: LIMITS.judgedVersionsMax });
  return versions.find(({ entry }) => entry.kind === "dir")?.entry ?? { kind: "dir", mode: 0o755 };
}

/** Behind a link or a file in the place of its folder nothing of ours stands. */
function standingOf(path: string, { ports, places, tree }: RollbackWorld): ReturnType<typeof standingAt> {
  const isReachable =
    !places.isInside(path) ||
    [...foldersAbove(path)].every((folder) => isFolderOrNothing(`${tree.root}/${folder}`, ports));
  return isReachable ? standingAt(ports.disk, places.absolute(path)) : ABSENT;
}

function isFolderOrNothing(path: string, { disk }: RollbackWorld["ports"]): boolean {
  const stat = disk.lstat(path);
  return stat === null || stat.kind === "dir";
}

/** What others put into a folder that is to go. */
function strangersIn(folder: string, ours: ReadonlySet<string>, { vault, places }: RollbackWorld): string[] {
  if (!places.isInside(folder)) return [];
  const inside = [...vault.statesAt({ under: folder as TreePath })].map(({ path }) => path);
  return inside.filter((path) => path !== folder && !ours.has(path)).slice(0, NAMED_MAX);
}

const NAMED_MAX = 20;

function laterBy(path: string, seq: number, { ledger, vault }: Pick<RollbackWorld, "ledger" | "vault">): string {
  const [record] = [...ledger.read({ afterSeq: seq, path, events: MOVES, newestFirst: true, limit: 1 })];
  if (record !== undefined) return `${record.wo ?? record.summary} at ${record.ts.slice(0, 19)}Z`;
  const seenAtMs = vault.latest(path as TreePath)?.seenAtMs;
  return seenAtMs === undefined ? "somebody" : `somebody at ${new Date(seenAtMs).toISOString().slice(0, 19)}Z`;
}

const MOVES = [
  "wo.accepted",
  "component.accepted",
  "snapshot.restored",
  "exec.completed",
  "rollback.completed",
  "drift.detected",
] as const;

/** The last accepted attempt of an order, with the record that vouches for it. */
export function doneByOrder(id: string, world: RollbackWorld): { done: readonly Change[]; seq: number } {
  const row = world.book.mustRow(id);
  const [record] = [...world.ledger.read({ wo: row.id, events: ["wo.accepted"], newestFirst: true, limit: 1 })];
  if (record === undefined || row.changeSet === null || row.stage !== "accepted")
    throw new HoldfastError("ROLLBACK_NOTHING", `${id} is ${row.stage}: it left nothing behind`, { data: { id } });
  const { changeSet } = record.data as { changeSet: typeof row.changeSet };
  return { done: decodeChangeSet(world.vault.read(changeSet)).changes, seq: record.seq };
}

/** How a path stood at a point. */
export function stateAt(path: TreePath, point: number, { vault }: Pick<RollbackWorld, "vault">): Entry {
  for (const version of vault.versions(path, { limit: LIMITS.judgedVersionsMax }))
    if (version.number <= point) return version.entry;
  return ABSENT;
}
