/**
 * One watch a folder, and one for each file that has further names.
 *
 * A watch follows its inode, not its path: after a folder was moved, exchanged or replaced, the old watch goes on under the old
 * name and the new folder is silent. So whoever looks at a folder calls `follow` with what it found, and a different inode is watched
 * anew. Where the system gives no more watches, components come first, and what is not watched is told by name.
 */

import { join } from "node:path";
import { isSystemError, LIMITS, type Stat, type TreePath, type Watch, type WatchPort } from "../base/index.ts";
import type { FolderPath } from "../tree/index.ts";
import type { EyesState } from "./contract.ts";

export interface WatcherParts {
  readonly root: string;
  readonly watch: WatchPort;
  readonly isProtected: (folder: FolderPath) => boolean;
  /** `name: null`: anything in that folder. */
  readonly onHint: (folder: FolderPath, name: string | null) => void;
  /** A watch broke: what it would have seen is lost. */
  readonly onLoss: (why: string) => void;
}

interface Watched {
  readonly dev: number;
  readonly ino: number;
  readonly watch: Watch | null;
  /** The folder itself may have been removed and made again: then the watch is dead, whatever the inode. */
  doubtful: boolean;
}

export class Watcher {
  readonly #parts: WatcherParts;
  readonly #folders = new Map<FolderPath, Watched>();
  readonly #files = new Map<TreePath, Watched>();
  readonly #unwatched = new Map<string, string>();
  #isFull: "ENOSPC" | "EMFILE" | null = null;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
  }

  /** Watches the folder that was found. True when nobody watched this very folder before: what is in it must be looked at. */
  follow(path: FolderPath, stat: Stat): boolean {
    const known = this.#folders.get(path);
    if (known !== undefined && !known.doubtful && known.ino === stat.ino && known.dev === stat.dev) return false;
    known?.watch?.close();
    this.#folders.delete(path);
    this.#unwatched.delete(path);
    const watch = this.#watchFolder(path);
    if (watch === undefined) return false;
    this.#folders.set(path, { dev: stat.dev, ino: stat.ino, watch, doubtful: false });
    return true;
  }

  /** The folder is gone, or no folder any more, with all below it. */
  unfollow(path: FolderPath): void {
    if (!this.#folders.has(path) && !this.#unwatched.has(path)) return;
    const isBelow = (other: string) => other === path || other.startsWith(`${path}/`);
    for (const [folder, { watch }] of this.#folders) {
      if (!isBelow(folder)) continue;
      watch?.close();
      this.#folders.delete(folder);
    }
    for (const folder of this.#unwatched.keys()) if (isBelow(folder)) this.#unwatched.delete(folder);
  }

  /** A file as it was found: watched by itself while it has further names. */
  followFile(path: TreePath, stat: Stat | null): void {
    const known = this.#files.get(path);
    const isLinked = stat?.kind === "file" && stat.nlink > 1;
    if (known !== undefined && isLinked && known.ino === stat.ino && known.dev === stat.dev) return;
    known?.watch?.close();
    this.#files.delete(path);
    if (!isLinked) return;
    if (this.#files.size >= LIMITS.fileWatchesMax || this.#isFull !== null) {
      this.#leave(path, "has further names, and there are no more watches for files");
      return;
    }
    const watch = this.#guarded(path, () =>
      this.#parts.watch.watchFile(
        join(this.#parts.root, path),
        () => this.#parts.onHint(...splitName(path)),
        (error) => this.#lost(path, error),
      ),
    );
    if (watch !== undefined) this.#files.set(path, { dev: stat.dev, ino: stat.ino, watch, doubtful: false });
  }

  /** Whether the folder itself may have gone since it was followed. */
  isDoubtful(path: FolderPath): boolean {
    return this.#folders.get(path)?.doubtful ?? false;
  }

  folders(): FolderPath[] {
    return [...this.#folders.keys()];
  }

  linkedFiles(): TreePath[] {
    return [...this.#files.keys()];
  }

  get isComplete(): boolean {
    return this.#unwatched.size === 0;
  }

  /** For people: how many are watched, and what is not, and why. */
  state(): Pick<EyesState, "watched" | "unwatched" | "unwatchedTotal" | "full"> {
    const told = [...this.#unwatched].slice(0, LIMITS.unwatchedToldMax);
    return {
      watched: { folders: this.#folders.size, files: this.#files.size },
      unwatched: told.map(([path, why]) => ({ path, why })),
      unwatchedTotal: this.#unwatched.size,
      full: this.#isFull,
    };
  }

  /** Whether watches that were refused might be given now. */
  tryAgain(): void {
    this.#isFull = null;
    this.#unwatched.clear();
  }

  close(): void {
    for (const { watch } of [...this.#folders.values(), ...this.#files.values()]) watch?.close();
    this.#folders.clear();
    this.#files.clear();
    this.#unwatched.clear();
  }

  /** `null`: seen by the root's watch. `undefined`: not watched. */
  #watchFolder(path: FolderPath): Watch | null | undefined {
    const { watch, root, onHint, isProtected } = this.#parts;
    if (watch.recursive && path !== "") return null;
    if (this.#isFull !== null && !(isProtected(path) && this.#makeRoom())) {
      this.#leave(path, `the system gives no more watches (${this.#isFull})`);
      return undefined;
    }
    const absolute = join(root, path);
    const own = absolute.slice(absolute.lastIndexOf("/") + 1);
    const take = watch.recursive
      ? (name: string | null) => (name === null ? onHint("", null) : onHint(...splitName(name as TreePath)))
      : (name: string | null) => {
          if (name === null || name === own) this.#doubt(path);
          onHint(path, name);
        };
    const start = () =>
      this.#guarded(path, () => watch.watchFolder(absolute, take, (error) => this.#lost(path, error)));
    const started = start();
    if (started !== undefined || this.#isFull === null || !isProtected(path) || !this.#makeRoom()) return started;
    this.#unwatched.delete(path);
    return start();
  }

  #guarded(path: FolderPath, start: () => Watch): Watch | undefined {
    try {
      return start();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      if (error.code === "ENOSPC" || error.code === "EMFILE") this.#isFull = error.code;
      this.#leave(path, `cannot be watched (${error.code})`);
      return undefined;
    }
  }

  /** Takes the watch of a folder that no component needs. */
  #makeRoom(): boolean {
    for (const [path, { watch }] of this.#folders) {
      if (path === "" || this.#parts.isProtected(path)) continue;
      watch?.close();
      this.#folders.delete(path);
      this.#leave(path, "its watch went to a component");
      return true;
    }
    return false;
  }

  #leave(path: string, why: string): void {
    this.#unwatched.set(path, why);
  }

  /** A hint with the folder's own name may mean that the folder itself went: `foo` in `foo` looks the same. */
  #doubt(path: FolderPath): void {
    const known = this.#folders.get(path);
    if (known !== undefined) known.doubtful = true;
  }

  #lost(path: FolderPath, error: Error): void {
    this.#folders.delete(path);
    this.#files.delete(path as TreePath);
    this.#parts.onLoss(`the watch of ${path === "" ? "the root" : path} broke: ${error.message}`);
  }
}

/** The folders that components' paths are or lie in. */
export function foldersOf(paths: readonly TreePath[]): Set<FolderPath> {
  const folders = new Set<FolderPath>();
  for (const path of paths) {
    folders.add(path);
    folders.add(path.includes("/") ? (path.slice(0, path.lastIndexOf("/")) as TreePath) : "");
  }
  return folders;
}

function splitName(path: TreePath): [FolderPath, string] {
  const at = path.lastIndexOf("/");
  return at < 0 ? ["", path] : [path.slice(0, at) as TreePath, path.slice(at + 1)];
}
