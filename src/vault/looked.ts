/**
 * Two threads look at the folders of the signatures' file: this one from the front, as its walk comes by, another from the end. Each
 * folder is looked at by whoever takes it first, and found unmoved or moved; they meet somewhere in the middle.
 *
 * Only cuts the waiting short: what the other thread has not looked at, or found moved, is looked at here, name by name. All looks are
 * younger than the walk that asks for them.
 *
 *     shared memory:  stop i32 · a state (i32) for each folder · padding to 8 · what `lstat` said of each name (8 × f64), of folders only
 */

import type { Disk, LookJob, Stat } from "../base/index.ts";
import type { FolderPath, WalkedName } from "../tree/index.ts";
import type { PackedFolder } from "./packed-folder.ts";
import { decodeSignatures } from "./signatures-file.ts";

const FREE = 0;
const TAKEN = 1;
const UNMOVED = 2;
const MOVED = 3;
const NAME_DOUBLES = 8;

export class Looked {
  readonly memory: SharedArrayBuffer;
  readonly #states: Int32Array;
  readonly #stats: Float64Array;

  /** Of a file with so many folders and names. */
  constructor(sizes: { folders: number; names: number }, memory?: SharedArrayBuffer) {
    const statsAt = Math.ceil((1 + sizes.folders) / 2) * 8;
    this.memory = memory ?? new SharedArrayBuffer(statsAt + sizes.names * NAME_DOUBLES * 8);
    this.#states = new Int32Array(this.memory, 0, 1 + sizes.folders);
    this.#stats = new Float64Array(this.memory, statsAt, sizes.names * NAME_DOUBLES);
  }

  /** As `PackedFolder.unmoved`. */
  unmoved(folder: PackedFolder, place: Place): readonly WalkedName[] | null {
    const at = 1 + folder.index;
    const state = Atomics.compareExchange(this.#states, at, FREE, TAKEN);
    if (state === MOVED) return null;
    if (state === UNMOVED) return folder.foldersIn(place.path, (row) => this.#statAt(row));
    return folder.unmoved(place.path, place);
  }

  /** The other thread's part. */
  lookFromEnd(folders: readonly (readonly [FolderPath, PackedFolder])[], place: Omit<Place, "path">): void {
    for (let index = folders.length - 1; index >= 0 && Atomics.load(this.#states, 0) === 0; index -= 1) {
      const [path, folder] = folders[index]!;
      const at = 1 + folder.index;
      if (Atomics.compareExchange(this.#states, at, FREE, TAKEN) !== FREE) continue;
      Atomics.store(this.#states, at, this.#look(folder, { ...place, path }));
    }
  }

  stop(): void {
    Atomics.store(this.#states, 0, 1);
  }

  #look(folder: PackedFolder, place: Place): number {
    let unmoved: WalkedName[] | null;
    try {
      unmoved = folder.unmoved(place.path, place);
    } catch {
      // The walk looks again, and tells why it cannot.
      return MOVED;
    }
    if (unmoved === null) return MOVED;
    let next = 0;
    for (const row of folder.folderRows()) this.#setStat(row, unmoved[next++]!.stat);
    return UNMOVED;
  }

  #setStat(row: number, { sizeBytes, mode, mtimeMs, ctimeMs, ino, dev, nlink }: Stat): void {
    this.#stats.set([sizeBytes, mode, mtimeMs, ctimeMs, ino, dev, nlink], row * NAME_DOUBLES);
  }

  #statAt(row: number): Stat {
    const at = row * NAME_DOUBLES;
    const [sizeBytes, mode, mtimeMs, ctimeMs, ino, dev, nlink] = this.#stats.subarray(
      at,
      at + NAME_DOUBLES,
    ) as unknown as [number, number, number, number, number, number, number];
    return { kind: "dir", sizeBytes, mode, mtimeMs, ctimeMs, ino, dev, nlink };
  }
}

interface Place {
  readonly path: FolderPath;
  readonly root: string;
  readonly disk: Disk;
}

/** In the second thread. */
export function lookJob({ root, signatures, found }: LookJob, disk: Disk): null {
  const decoded = decodeSignatures(Buffer.from(signatures));
  if (decoded === null) return null;
  const folders = [...decoded.folders] as [FolderPath, PackedFolder][];
  const names = folders.reduce((sum, [, { count }]) => sum + count, 0);
  new Looked({ folders: folders.length, names }, found).lookFromEnd(folders, { root, disk });
  return null;
}
