/**
 * Goes back: from whatever a failure or a crash left of a change set to what was before.
 *
 * Idempotent: a crash in the middle is undone by undoing once more. Asides stay, for `settle`.
 */

import { ABSENT, type Entry, HoldfastError, isSystemError } from "../base/index.ts";
import { type Kept, setFolderModes } from "./apply.ts";
import { applyOrder, type ChangeSet, reversed } from "./change-set.ts";
import { isAs, type Standing, standingAt } from "./entry-at.ts";
import { drop, ownPath, ownPlace, parentOf, placeOf } from "./own-places.ts";
import { type ApplyWorld, dropStaged, writeStaged } from "./stage.ts";
import { giveBack, swap } from "./swap.ts";

/**
 * Goes back to every `before`, from whatever a failure or a crash left. Bytes that are neither before nor after belong to somebody
 * else: they stay where they are and are returned. `swapped` limits it to what this process knows it did; after a crash it is all.
 */
export function undo(set: ChangeSet, world: ApplyWorld, swapped: readonly number[] = applyOrder(set)): Kept[] {
  for (let tries = 1; ; tries += 1) {
    try {
      return undoAll(set, world, swapped);
    } catch (error) {
      // Somebody else is at the same paths: what was looked at is not there any more. Look again.
      const mayPass = isSystemError(error) || error instanceof HoldfastError;
      if (!mayPass || tries === TRIES_MAX) throw error;
    }
  }
}

const TRIES_MAX = 3;

function undoAll(set: ChangeSet, world: ApplyWorld, swapped: readonly number[]): Kept[] {
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
  const path = ownPath(set, index, "new", world);
  drop(path, world.disk);
  const before = set.changes[index]!.before as Entry & { kind: "file" };
  writeStaged(path, before, world.contentOf(before.digest), { disk: world.disk, sync: true });
  return path;
}
