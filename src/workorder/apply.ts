/**
 * Applies a change set to the tree, all or nothing.
 *
 * Invariant: every `before` of the set is durable in the vault, and the set in the journal, before the first call here.
 * The way: content is staged beside the tree's paths and made durable (`stage`, one barrier for many sets), then every path is
 * swapped (`install`), then the folders are made durable. When anything fails, `undo` goes back.
 * Crash: each path is before, after, or absent with its old state under a name that the set tells. `undo` takes it from there.
 */

import type { Digest, Entry } from "../base/index.ts";
import type { Change, ChangeSet, TargetPath } from "./change-set.ts";
import type { Standing } from "./entry-at.ts";
import { drop, ownPath, ownPlace, type PlaceWorld, placeOf, placesOfStep } from "./own-places.ts";
import { swap } from "./swap.ts";

export interface ApplyWorld extends PlaceWorld {
  /** The content behind a digest, in pieces. */
  contentOf(digest: Digest): Iterable<Uint8Array>;
}

/** A path where somebody else's state stands, and which therefore was left alone. */
export interface Kept {
  path: TargetPath;
  entry: Standing;
}

/** Writes every new content beside its place. Returns the staged files: to be synced before `install`. */
export function stage(set: ChangeSet, world: ApplyWorld): string[] {
  const staged: string[] = [];
  set.changes.forEach((change, index) => {
    if (!bringsContent(change)) return;
    const path = ownPath(set, index, "new", world);
    writeStaged(path, change.after as Entry & { kind: "file" }, world);
    staged.push(path);
  });
  return staged;
}

/** How far `install` came: the changes that it swapped, and the paths that were not as planned. */
export interface Installed {
  swapped: number[];
  foreign: Kept[];
}

/** Swaps every path. Stops at the first that is not as planned (then `undo` of what was swapped is due), or leaves it and goes on. */
export function install(
  set: ChangeSet,
  world: ApplyWorld,
  { keepGoing }: { keepGoing: boolean } = { keepGoing: false },
): Installed {
  const swapped: number[] = [];
  const kept: Kept[] = [];
  for (const index of applyOrder(set)) {
    const change = set.changes[index]!;
    const places = placesOfStep(set, index, world);
    const staged = bringsContent(change) ? places.own("new") : null;
    const { foreign } = swap(world.disk, {
      path: places.path,
      expected: change.before,
      next: change.after,
      staged,
      aside: change.before.kind === "absent" ? null : places.own("aside"),
    });
    if (staged !== null) drop(staged, world.disk);
    if (foreign === null) swapped.push(index);
    else kept.push({ path: change.path, entry: foreign });
    if (foreign !== null && !keepGoing) return { swapped, foreign: kept };
  }
  setFolderModes(set.changes, world);
  return { swapped, foreign: kept };
}

/** New folders were writable for their owner until their content was in. */
export function setFolderModes(changes: readonly Change[], world: ApplyWorld): void {
  const { disk } = world;
  for (const { path, before, after } of [...changes].reverse()) {
    if (after.kind !== "dir" || before.kind === "dir") continue;
    const place = placeOf(path, world);
    const present = place === null ? null : disk.lstat(place);
    if (place !== null && present?.kind === "dir" && present.mode !== after.mode) disk.chmod(place, after.mode);
  }
}

export function writeStaged(
  path: string,
  entry: Entry & { kind: "file" },
  { disk, contentOf }: ApplyWorld,
  { sync }: { sync: boolean } = { sync: false },
): void {
  const fd = disk.createNew(path, 0o600);
  try {
    for (const piece of contentOf(entry.digest)) disk.write(fd, piece, null);
    disk.fchmod(fd, entry.mode);
    if (sync) disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
}

export function dropStaged(set: ChangeSet, world: ApplyWorld): void {
  set.changes.forEach((_, index) => {
    const path = ownPlace(set, index, "new", world);
    if (path !== null) drop(path, world.disk);
  });
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
