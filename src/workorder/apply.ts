/**
 * Applies a change set to the tree, all or nothing.
 *
 * Invariant: every `before` of the set is durable in the vault, and the set in the journal, before the first call here.
 * The way: content is staged beside the tree's paths and made durable (`stage`, one barrier for many sets), then every path is
 * swapped (`install`), then the folders are made durable. When anything fails, `undo` goes back.
 * Crash: each path is before, after, or absent with its old state under a name that the set tells. `undo` takes it from there.
 */

import { ABSENT, type Digest, type Disk, type Entry, HoldfastError, ownName } from "../base/index.ts";
import { type Change, type ChangeSet, reversed, type TargetPath } from "./change-set.ts";
import { isAs, type Standing, standingAt } from "./entry-at.ts";
import { giveBack, swap } from "./swap.ts";
import type { Places } from "./target.ts";

export interface ApplyWorld {
  disk: Disk;
  places: Places;
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
    const path = stagedName(set, index, world);
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
    const { foreign } = swap(world.disk, {
      path: world.places.absolute(change.path),
      expected: change.before,
      next: change.after,
      staged: bringsContent(change) ? stagedName(set, index, world) : null,
      aside: ownPath(set, index, "aside", world),
    });
    if (foreign === null) swapped.push(index);
    else kept.push({ path: change.path, entry: foreign });
    if (foreign !== null && !keepGoing) return { swapped, foreign: kept };
  }
  setFolderModes(set.changes, world);
  dropStaged(set, world);
  return { swapped, foreign: kept };
}

/** New folders were writable for their owner until their content was in. */
function setFolderModes(changes: readonly Change[], { disk, places }: ApplyWorld): void {
  for (const { path, before, after } of [...changes].reverse()) {
    if (after.kind !== "dir" || before.kind === "dir") continue;
    const place = placeOf(path, { places });
    const present = place === null ? null : disk.lstat(place);
    if (place !== null && present?.kind === "dir" && present.mode !== after.mode) disk.chmod(place, after.mode);
  }
}

/** The folders whose names changed and that still stand: to be synced after `install` or `undo`. */
export function changedFolders(set: ChangeSet, world: ApplyWorld): string[] {
  const folders = new Set<string>();
  set.changes.forEach(({ path }, index) => {
    const place = placeOf(path, world);
    if (place !== null) folders.add(parentOf(place));
    const aside = ownPlace(set, index, "aside", world);
    if (aside !== null) folders.add(parentOf(aside));
  });
  return [...folders].filter((folder) => world.disk.lstat(folder)?.kind === "dir");
}

/**
 * Goes back to every `before`, from whatever a failure or a crash left. Bytes that are neither before nor after belong to somebody
 * else: they stay where they are and are returned. `swapped` limits it to what this process knows it did; after a crash it is all.
 */
export function undo(set: ChangeSet, world: ApplyWorld, swapped: readonly number[] = applyOrder(set)): Kept[] {
  const done = new Set(swapped);
  const kept: Kept[] = [];
  for (const index of applyOrder(set).reverse()) {
    if (!done.has(index) && !isParked(set, index, world)) continue;
    const foreign = undoOne(set, index, world);
    if (foreign !== null) kept.push({ path: set.changes[index]!.path, entry: foreign });
  }
  setFolderModes(reversed(set).changes, world);
  dropStaged(set, world);
  return kept;
}

/** Taken away, and then somebody else's stood in the way. */
function isParked(set: ChangeSet, index: number, world: ApplyWorld): boolean {
  const aside = ownPlace(set, index, "aside", world);
  return aside !== null && world.disk.lstat(aside) !== null;
}

function undoOne(set: ChangeSet, index: number, world: ApplyWorld): Standing | null {
  const { disk } = world;
  const { path: target, before, after } = set.changes[index]!;
  const path = placeOf(target, world);
  // What stands on the way is no folder (any more): nothing of ours can be below it, and nothing can be put back there.
  if (path === null || disk.lstat(parentOf(path))?.kind !== "dir") return before.kind === "absent" ? null : ABSENT;
  const place = path;
  const aside = ownPath(set, index, "aside", world);
  const present = standingAt(disk, place);
  const parked = standingAt(disk, aside);

  if (present.kind === "absent" && parked.kind !== "absent") {
    giveBack(disk, aside, place);
    // Somebody who still held the file open may have written to it: his bytes are back in place, and said.
    return isAs(parked, before) ? null : parked;
  }
  if (isAs(present, before) || (present.kind === "dir" && before.kind === "dir" && after.kind !== "dir")) return null;
  if (present.kind === "dir" && after.kind === "dir" && before.kind !== "dir") {
    const left = undoSwap({ ...after, mode: present.mode });
    // A new folder that others have put something into meanwhile stays; nothing of theirs was changed.
    return before.kind === "absent" ? null : left;
  }
  if (before.kind === "dir" && present.kind === "absent") return undoSwap(present);
  return isAs(present, after) ? undoSwap(after) : present;

  function undoSwap(expected: Entry): Standing | null {
    let staged: string | null = null;
    if (before.kind === "file" && !(after.kind === "file" && after.digest === before.digest)) {
      staged = isAs(parked, before) ? aside : restage(set, index, world);
    }
    return swap(disk, { path: place, expected, next: before, staged, aside: ownPath(set, index, "old", world) })
      .foreign;
  }
}

/** The old content is gone from beside the path: it comes from the vault, and is durable before it gets its name. */
function restage(set: ChangeSet, index: number, world: ApplyWorld): string {
  const path = stagedName(set, index, world);
  if (world.disk.lstat(path) !== null) world.disk.unlink(path);
  writeStaged(path, set.changes[index]!.before as Entry & { kind: "file" }, world, { sync: true });
  return path;
}

function writeStaged(
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

function dropStaged(set: ChangeSet, world: ApplyWorld): void {
  set.changes.forEach((_, index) => {
    const path = ownPlace(set, index, "new", world);
    if (path !== null && world.disk.lstat(path) !== null) world.disk.unlink(path);
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

/** `null` when a link or a file stands on the way. */
export function placeOf(path: TargetPath, { places }: Pick<ApplyWorld, "places">): string | null {
  return orNull(() => places.absolute(path));
}

/** `ownPath`, or `null` when a link or a file stands on the way: what lay there went with the folder. */
export function ownPlace(...[set, index, role, world]: Parameters<typeof ownPath>): string | null {
  return orNull(() => ownPath(set, index, role, world));
}

function orNull(look: () => string): string | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof HoldfastError) return null;
    throw error;
  }
}

/** Its content is not what stands there already. */
export function bringsContent({ before, after }: Change): boolean {
  return after.kind === "file" && !(before.kind === "file" && before.digest === after.digest);
}

function stagedName(set: ChangeSet, index: number, world: ApplyWorld): string {
  return ownPath(set, index, "new", world);
}

/**
 * Temporary names lie in the nearest folder that stands before and after the change: one that goes would not be empty, one that
 * comes is not there yet. The same file system either way: no mount point appears or goes here.
 */
function ownPath(
  set: ChangeSet,
  index: number,
  role: "new" | "aside" | "old",
  { places }: Pick<ApplyWorld, "places">,
): string {
  const changed = changesByPath(set);
  let folder = parentOf(set.changes[index]!.path);
  for (
    let change = changed.get(folder);
    change && !(change.before.kind === "dir" && change.after.kind === "dir");
    change = changed.get(folder)
  ) {
    folder = parentOf(folder);
  }
  const name = ownName(set.id, index, role);
  return places.absolute(folder === "" ? name : `${folder}/${name}`);
}

const byPath = new WeakMap<ChangeSet, Map<TargetPath, Change>>();

function changesByPath(set: ChangeSet): Map<TargetPath, Change> {
  let map = byPath.get(set);
  if (!map) {
    map = new Map(set.changes.map((change) => [change.path, change]));
    byPath.set(set, map);
  }
  return map;
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}
