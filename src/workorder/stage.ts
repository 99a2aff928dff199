/**
 * Puts new content beside the tree's paths under temporary names, and new folders whole (`new-folders.ts`): nothing that anybody looks
 * for is touched.
 *
 * Crash: names come from the set, so whatever was staged is found and dropped (`dropStaged`).
 */

import { type Digest, type Disk, type Entry, HoldfastError, isSystemError } from "../base/index.ts";
import { applyOrder, bringsContent, type ChangeSet, type TargetPath } from "./change-set.ts";
import { type NewFolder, newFolderOf, newFoldersOf } from "./new-folders.ts";
import { drop, ownPlace, ownTarget, type PlaceWorld, parentOf, placeOf, reach } from "./own-places.ts";

export interface ApplyWorld extends PlaceWorld {
  /** The content behind a digest, in pieces. */
  contentOf(digest: Digest): Iterable<Uint8Array>;
}

/** All of it: the caller bounds the size. */
export function wholeContent(digest: Digest, { contentOf }: Pick<ApplyWorld, "contentOf">): Buffer {
  return Buffer.concat([...contentOf(digest)]);
}

/** Places: to be synced before `install`. */
export interface Staged {
  readonly files: string[];
  readonly dirs: string[];
}

/** Writes every new content beside its place, and every new folder whole. */
export function stage(set: ChangeSet, world: ApplyWorld): Staged {
  const staging = new Staging(set, world);
  for (const file of staging.files) staging.write(file, world.contentOf(file.entry.digest));
  return staging.staged;
}

export interface StagedFile {
  readonly target: TargetPath;
  readonly entry: FileEntry;
  readonly isInNewFolder: boolean;
}
type FileEntry = Entry & { kind: "file" };

/** Folders and links are there when it is made; files are to be written, in any order. */
export class Staging {
  readonly files: StagedFile[] = [];
  readonly staged: Staged = { files: [], dirs: [] };
  readonly #world: PlaceWorld;
  /** The folder that was looked at last. */
  #folder: { target: string; place: string } | null = null;

  constructor(set: ChangeSet, world: PlaceWorld) {
    this.#world = world;
    /** In this one turn what was made a moment ago is where it was made. */
    const made = new Map<string, string>();
    for (const index of applyOrder(set)) {
      const change = set.changes[index]!;
      const isInNewFolder = newFolderOf(set, index) !== null;
      if (!isInNewFolder && !bringsContent(change)) continue;
      this.#begin({ target: ownTarget(set, index, "new"), isInNewFolder }, change.after, made);
    }
  }

  write(file: StagedFile, pieces: Iterable<Uint8Array>): void {
    const place = this.#place(file);
    writeStaged(place, file.entry, pieces, this.#world);
    this.staged.files.push(place);
  }

  #begin(at: Omit<StagedFile, "entry">, entry: Entry, made: Map<string, string>): void {
    const { disk } = this.#world;
    if (entry.kind === "file") this.files.push({ ...at, entry });
    else if (entry.kind === "link") disk.symlink(entry.target, this.#place(at));
    else if (entry.kind === "dir") {
      const above = made.get(parentOf(at.target));
      const place = above === undefined ? this.#place(at) : `${above}/${nameOf(at.target)}`;
      made.set(at.target, place);
      // Writable for its owner until its content is in place: `install` sets the last word.
      disk.mkdir(place, entry.mode | OWNER);
      if (disk.lstat(place)?.mode !== (entry.mode | OWNER)) disk.chmod(place, entry.mode | OWNER);
      this.staged.dirs.push(place);
    }
  }

  /** Nobody looks for what is in a new folder before it is in place: there the way is looked at once a folder, not once a file. */
  #place({ target, isInNewFolder }: Omit<StagedFile, "entry">): string {
    const folder = parentOf(target);
    if (!isInNewFolder) return reach(target, this.#world);
    if (this.#folder?.target !== folder) this.#folder = { target: folder, place: parentOf(reach(target, this.#world)) };
    return `${this.#folder.place}/${nameOf(target)}`;
  }
}

function nameOf(target: TargetPath): string {
  return target.slice(target.lastIndexOf("/") + 1);
}

export const OWNER = 0o700;

export function writeStaged(
  path: string,
  entry: FileEntry,
  pieces: Iterable<Uint8Array>,
  { disk, sync = false }: { disk: Disk; sync?: boolean },
): void {
  const fd = disk.createNew(path, 0o600);
  try {
    for (const piece of pieces) disk.write(fd, piece, null);
    disk.fchmod(fd, entry.mode);
    if (sync) disk.fsync(fd);
  } finally {
    disk.close(fd);
  }
}

export function dropStaged(set: ChangeSet, world: PlaceWorld): void {
  set.changes.forEach((_, index) => {
    const path = newFolderOf(set, index) === null ? ownPlace(set, index, "new", world) : null;
    if (path !== null) drop(path, world.disk);
  });
  for (const folder of newFoldersOf(set)) dropFolder(set, folder, world);
}

/** A new folder that was staged, or what is left of it. What somebody put into it goes where the folder was to stand. */
export function dropFolder(set: ChangeSet, { index, path, members }: NewFolder, world: PlaceWorld): void {
  const { disk } = world;
  const staged = ownPlace(set, index, "new", world);
  if (staged === null || disk.lstat(staged) === null) return;
  for (const member of [...members].reverse()) {
    const place = ownPlace(set, member, "new", world);
    if (place === null) continue;
    if (set.changes[member]!.after.kind === "dir") dropEmpty(place, disk);
    else drop(place, disk);
  }
  if (disk.lstat(staged) === null) return;
  const home = placeOf(path, world);
  if (home === null || disk.lstat(home) !== null)
    throw new HoldfastError(
      "WO_ASIDE_STAYS",
      `what somebody put into ${path} while it was made lies at ${staged} now`,
      {
        data: { path, aside: staged },
      },
    );
  disk.rename(staged, home);
}

function dropEmpty(place: string, disk: Disk): void {
  try {
    disk.rmdir(place);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST")) throw error;
  }
}
