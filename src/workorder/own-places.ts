/**
 * Where a change happens on the disk: the path itself, and the temporary names beside it. Asked anew before every step, because a
 * link may appear on the way at any time; what is reached through one is out of bounds.
 */

import { type Disk, HoldfastError, isSystemError, ownName } from "../base/index.ts";
import type { Change, ChangeSet, TargetPath } from "./change-set.ts";
import { type NewFolder, newFolderOf } from "./new-folders.ts";
import type { Places } from "./target.ts";

export interface PlaceWorld {
  disk: Disk;
  places: Places;
}

/** The place of a path, whatever stands there; `null` when a link or a file stands on the way. */
export function placeOf(path: TargetPath, world: PlaceWorld): string | null {
  return orNull(() => reach(path, world));
}

type Role = "new" | "aside" | "old";

/** The place of a temporary name. Throws when a link or a file stands on the way. */
export function ownPath(set: ChangeSet, index: number, role: Role, world: PlaceWorld): string {
  return reach(ownTarget(set, index, role), world);
}

/** A temporary name, from the root. What comes with a new folder is staged inside of it, under its own name. */
export function ownTarget(set: ChangeSet, index: number, role: Role): TargetPath {
  const folder = role === "new" ? newFolderOf(set, index) : null;
  if (folder === null) return joined(ownFolder(set, index), ownName(set.id, index, role));
  const staged = joined(ownFolder(set, folder.index), ownName(set.id, folder.index, role));
  return staged + set.changes[index]!.path.slice(folder.path.length);
}

/**
 * Temporary names lie in the nearest folder that stands before and after the change: one that goes would not be empty, one that
 * comes is not there yet. The same file system either way: no mount point appears or goes here.
 */
function ownFolder(set: ChangeSet, index: number): string {
  const changed = changesByPath(set);
  let folder = parentOf(set.changes[index]!.path);
  for (
    let change = changed.get(folder);
    change && !(change.before.kind === "dir" && change.after.kind === "dir");
    change = changed.get(folder)
  ) {
    folder = parentOf(folder);
  }
  return folder;
}

/** The places of one step: of the path, and of the temporary names that it takes. Good for that step only. Throws as `reach` does. */
export function placesOfStep(
  set: ChangeSet,
  index: number,
  world: PlaceWorld,
): { path: string; own(role: Role): string } {
  const target = set.changes[index]!.path;
  const path = reach(target, world);
  const folder = ownFolder(set, index);
  let place = folder === parentOf(target) ? parentOf(path) : null;
  return {
    path,
    own(role) {
      if (role === "new" && newFolderOf(set, index) !== null) return ownPath(set, index, role, world);
      const name = ownName(set.id, index, role);
      place ??= parentOf(reach(joined(folder, name), world));
      return `${place}/${name}`;
    },
  };
}

function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** `ownPath`, or `null` when a link or a file stands on the way: what lay there went with the folder. */
export function ownPlace(...[set, index, role, world]: Parameters<typeof ownPath>): string | null {
  return orNull(() => ownPath(set, index, role, world));
}

/**
 * Makes durable what changed in the folders of a set, after it was installed or undone. `whole`: new folders that were durable before
 * they were renamed into place; only where they stand has changed.
 */
export async function syncFolders(
  sets: readonly ChangeSet[],
  world: PlaceWorld,
  whole: ReadonlySet<NewFolder> = new Set(),
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await world.disk.syncAll({ files: [], dirs: changedFolders(sets, world, whole) });
      return;
    } catch (error) {
      // Somebody removed one of them just now.
      if (tries === TRIES_MAX || !isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP")) throw error;
    }
  }
}

const TRIES_MAX = 5;

function changedFolders(sets: readonly ChangeSet[], world: PlaceWorld, whole: ReadonlySet<NewFolder>): string[] {
  const folders = new Set<string>();
  for (const set of sets) {
    set.changes.forEach(({ path }, index) => {
      const folder = newFolderOf(set, index);
      if (folder !== null && folder.index !== index && whole.has(folder)) return;
      folders.add(parentOf(path));
      folders.add(ownFolder(set, index));
    });
  }
  const places = [...folders].flatMap((folder) => {
    const place = placeOf(joined(folder, ANY_NAME), world);
    return place === null ? [] : [parentOf(place)];
  });
  return places.filter((place) => world.disk.lstat(place)?.kind === "dir");
}

/** Stands for whatever lies in a folder. */
const ANY_NAME = "x";

/** Removes a temporary name. That it is gone is all that is asked. */
export function drop(place: string, disk: Disk): void {
  try {
    disk.unlink(place);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw error;
  }
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut < 0 ? "" : path.slice(0, cut);
}

/** The same, or a refusal. Only the way there is looked at: what stands at its end may be anything. */
export function reach(path: TargetPath, { places }: PlaceWorld): string {
  const folder = parentOf(path);
  if (!places.isInside(path)) return places.absolute(path);
  return folder === "" ? `${places.root}/${path}` : places.folder(folder) + path.slice(folder.length);
}

function orNull(look: () => string): string | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof HoldfastError) return null;
    throw error;
  }
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
