/**
 * Applies a change set to the tree, all or nothing.
 *
 * Invariant: every `before` of the set is durable in the vault, and the set in the journal, before the first call here.
 * The way: content is staged beside the tree's paths and made durable (`stage`, one barrier for many sets), then every path is
 * swapped, new folders with all that is in them (`install`), then the folders are made durable. When anything fails, `undo` goes back.
 * Crash: each path is before, after, or absent with its old state under a name that the set tells. `undo` takes it from there.
 */

import { isSystemError } from "../base/index.ts";
import { applyOrder, bringsContent, type Change, type ChangeSet, type TargetPath } from "./change-set.ts";
import type { Standing } from "./entry-at.ts";
import { type NewFolder, newFolderOf, newFoldersOf } from "./new-folders.ts";
import { drop, type PlaceWorld, placeOf, placesOfStep } from "./own-places.ts";
import { dropFolder, OWNER } from "./stage.ts";
import { swap } from "./swap.ts";

/** A path where somebody else's state stands, and which therefore was left alone. */
export interface Kept {
  path: TargetPath;
  entry: Standing;
}

/** How far `install` came: the changes that it swapped, and the paths that were not as planned. */
export interface Installed {
  swapped: number[];
  foreign: Kept[];
  /** The new folders that were renamed into place with all that is in them. */
  whole: Set<NewFolder>;
}

/** Swaps every path. Stops at the first that is not as planned (then `undo` of what was swapped is due), or leaves it and goes on. */
export function install(
  set: ChangeSet,
  world: PlaceWorld,
  { keepGoing }: { keepGoing: boolean } = { keepGoing: false },
): Installed {
  const done: Installed = { swapped: [], foreign: [], whole: new Set() };
  for (const index of applyOrder(set)) {
    const folder = newFolderOf(set, index);
    if (folder !== null && done.whole.has(folder)) continue;
    if (folder?.index === index && moveIn(set, folder, world)) {
      done.whole.add(folder);
      for (const member of folder.members) done.swapped.push(member);
      continue;
    }
    const foreign = installOne(set, index, world);
    if (foreign === null) done.swapped.push(index);
    else done.foreign.push({ path: set.changes[index]!.path, entry: foreign });
    if (foreign !== null && !keepGoing) return done;
  }
  for (const folder of newFoldersOf(set)) if (!done.whole.has(folder)) dropFolder(set, folder, world);
  const last = set.changes.filter((change, index) => !isAsItCame(change, newFolderOf(set, index), done));
  setFolderModes(last, world);
  return done;
}

function installOne(set: ChangeSet, index: number, world: PlaceWorld): Standing | null {
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
  return foreign;
}

/** False when somebody's stands there: then what is in it goes in path by path. */
function moveIn(set: ChangeSet, { index }: NewFolder, world: PlaceWorld): boolean {
  const { path, own } = placesOfStep(set, index, world);
  if (world.disk.lstat(path) !== null) return false;
  try {
    world.disk.rename(own("new"), path);
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST", "ENOTEMPTY", "ENOTDIR")) return false;
    throw error;
  }
}

function isAsItCame({ after }: Change, folder: NewFolder | null, { whole }: Installed): boolean {
  return folder !== null && whole.has(folder) && after.kind === "dir" && (after.mode & OWNER) === OWNER;
}

/** New folders were writable for their owner until their content was in. */
export function setFolderModes(changes: readonly Change[], world: PlaceWorld): void {
  const { disk } = world;
  for (const { path, before, after } of [...changes].reverse()) {
    if (after.kind !== "dir" || before.kind === "dir") continue;
    const place = placeOf(path, world);
    const present = place === null ? null : disk.lstat(place);
    if (place !== null && present?.kind === "dir" && present.mode !== after.mode) disk.chmod(place, after.mode);
  }
}
