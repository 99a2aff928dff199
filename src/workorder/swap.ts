/**
 * One place, one state for another: the only code that changes a path of the tree.
 *
 * Invariant: no byte is overwritten or removed that was not looked at. What stands at the path is first renamed aside (atomic, and
 * from then on nobody finds it under its name), then compared with what was expected, and only then replaced by `link` or
 * `symlink`, which refuse a taken name. Whoever wrote in between is put back, or stays where he is: `Swapped.foreign` tells.
 * One window stays open: the folders on the way are looked at before the first call here, and Node has no `openat` that would hold on
 * to them. Who exchanges one for a link within the calls of one swap can have its last step, or the put-aside of a file of the very
 * same name, happen beyond that link. A file is never overwritten there either: `link`, `symlink` and `mkdir` take free names only.
 * Crash: the path is as before, or absent with the old state under its aside name, or as after. Names come from the plan, so
 * recovery finds them.
 */

import {
  ABSENT,
  assert,
  assertNever,
  type Disk,
  type Entry,
  isSystemError,
  sameContent,
  sameEntry,
} from "../base/index.ts";
import { fileEntryOf, isAs, type Standing, standingAt } from "./entry-at.ts";

export interface SwapRequest {
  path: string;
  expected: Entry;
  next: Entry;
  /** A file with `next`'s content and mode beside the path; linked, not consumed. Only when `next` is a file with other content. */
  staged: string | null;
  /** Where the present file or link is put. Must be free. Only when something stands there. */
  aside: string | null;
}

/** `foreign`: what somebody else put there; the path was left to them. `null`: it is now as asked. */
export interface Swapped {
  foreign: Standing | null;
}

const DONE: Swapped = { foreign: null };

export function swap(disk: Disk, request: SwapRequest): Swapped {
  const { path, expected, next } = request;
  if (sameEntry(expected, next)) return DONE;
  if (expected.kind !== "absent" && sameContent(expected, next)) return changeMode(disk, request);
  if (expected.kind === "dir") {
    const left = removeFolder(disk, path, expected);
    if (left.foreign !== null || next.kind === "absent") return left;
    return install(disk, { ...request, expected: ABSENT });
  }
  if (expected.kind === "absent") return install(disk, request);
  const parked = park(disk, request);
  if (parked.foreign !== null || next.kind === "absent") return parked;
  return install(disk, request);
}

/** Takes a file or link away under its aside name, and looks at it there, where nobody else finds it. */
function park(disk: Disk, { path, expected, aside }: SwapRequest): Swapped {
  assert(aside !== null, "what stands at the path has a place to go to");
  const standing = disk.lstat(path);
  if (standing?.kind !== expected.kind) return { foreign: standingAt(disk, path) };
  try {
    disk.rename(path, aside);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return { foreign: ABSENT };
    throw error;
  }
  const taken = standingAt(disk, aside);
  if (isAs(taken, expected)) return DONE;
  giveBack(disk, aside, path);
  return { foreign: taken };
}

/**
 * Puts somebody's file back under its name unless a newer one stands there.
 *
 * The aside stays, for settling to remove or to vault: a power cut may keep an `unlink` and lose the `link` before it.
 */
export function giveBack(disk: Disk, aside: string, path: string): void {
  const stat = disk.lstat(aside);
  if (stat === null) return;
  try {
    if (stat.kind === "dir") {
      // A folder took the name between the look and the rename. Renaming it back overwrites no file and no folder that holds anything.
      disk.rename(aside, path);
      return;
    }
    if (stat.kind === "link") disk.symlink(disk.readlink(aside), path);
    else disk.link(aside, path);
  } catch (error) {
    if (!isSystemError(error, "EEXIST", "ENOTEMPTY", "ENOTDIR", "ENOENT")) throw error;
  }
}

function install(disk: Disk, { path, next, staged }: SwapRequest): Swapped {
  try {
    switch (next.kind) {
      case "file":
        assert(staged !== null, "a file's content is staged before it is installed");
        disk.link(staged, path);
        return DONE;
      case "link":
        disk.symlink(next.target, path);
        return DONE;
      case "dir":
        // Writable for the owner until its content is in: `apply` sets the last word.
        disk.mkdir(path, next.mode | 0o700);
        disk.chmod(path, next.mode | 0o700);
        return DONE;
      case "absent":
        return DONE;
      default:
        return assertNever(next);
    }
  } catch (error) {
    if (!isSystemError(error, "EEXIST", "ENOTDIR")) throw error;
    const present = standingAt(disk, path);
    // Two orders may each need the same new folder: that it is there is all that was asked.
    return next.kind === "dir" && present.kind === "dir" ? DONE : { foreign: present };
  }
}

/** `rmdir` removes an empty folder only: what somebody put in keeps it. */
function removeFolder(disk: Disk, path: string, expected: Entry): Swapped {
  const present = disk.lstat(path);
  if (present?.kind !== expected.kind) return { foreign: standingAt(disk, path) };
  try {
    disk.rmdir(path);
    return DONE;
  } catch (error) {
    if (isSystemError(error, "ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR")) return { foreign: standingAt(disk, path) };
    throw error;
  }
}

/** The content was looked at through the same open file whose mode then changes. */
function changeMode(disk: Disk, { path, expected, next }: SwapRequest): Swapped {
  assert(next.kind === "file" || next.kind === "dir", "only files and folders have a mode");
  if (next.kind === "dir" || !isReadable(expected)) {
    const present = standingAt(disk, path);
    if (!isAs(present, expected)) return { foreign: present };
    disk.chmod(path, next.mode);
    return DONE;
  }
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ELOOP", "ENOTDIR", "EISDIR", "ENXIO"))
      return { foreign: standingAt(disk, path) };
    throw error;
  }
  try {
    const present = fileEntryOf(disk, fd);
    if (!sameEntry(present, expected)) return { foreign: present };
    disk.fchmod(fd, next.mode);
    disk.fsync(fd);
    return DONE;
  } finally {
    disk.close(fd);
  }
}

function isReadable(entry: Entry): boolean {
  return entry.kind === "file" && (entry.mode & 0o400) !== 0;
}
