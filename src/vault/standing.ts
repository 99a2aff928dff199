/** What stands at a path of the tree, told by `lstat` alone. */

import { join } from "node:path";
import type { Clock, Disk, Stat, TreePath } from "../base/index.ts";
import { LIVE_SUFFIXES, withSidecars } from "./database.ts";

interface Place {
  readonly disk: Disk;
  readonly root: string;
}

/** Looks at many paths: each folder on the way is looked at once in a turn of the loop. */
export class Standing {
  readonly #place: Place;
  readonly #clock: Pick<Clock, "breathe">;
  readonly #folders = new Map<string, boolean>();

  constructor({ disk, root }: Place, clock: Pick<Clock, "breathe">) {
    this.#place = { disk, root };
    this.#clock = clock;
  }

  /** `null`: nothing. What can only be reached through a link does not stand there. */
  at(path: TreePath): Stat | null {
    const { disk, root } = this.#place;
    const end = path.lastIndexOf("/");
    return end > 0 && !this.#isFolder(path.slice(0, end)) ? null : disk.lstat(join(root, path));
  }

  #isFolder(path: string): boolean {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const { disk, root } = this.#place;
    const end = path.lastIndexOf("/");
    const isFolder = (end <= 0 || this.#isFolder(path.slice(0, end))) && disk.lstat(join(root, path))?.kind === "dir";
    if (this.#folders.size === 0) void this.#clock.breathe().then(() => this.#folders.clear());
    this.#folders.set(path, isFolder);
    return isFolder;
  }
}

/** The smallest page of SQLite: a file that is not made of such is no database. */
const PAGE_BYTES_MIN = 512;

/** A file's look with that of the sidecars that it would have as a database. */
export function withOwnSidecars(path: TreePath, stat: Stat, { disk, root }: Place): Stat {
  if (stat.kind !== "file" || stat.sizeBytes % PAGE_BYTES_MIN !== 0) return stat;
  return withSidecars(
    stat,
    LIVE_SUFFIXES.flatMap((suffix) => disk.lstat(join(root, path + suffix)) ?? []),
  );
}
