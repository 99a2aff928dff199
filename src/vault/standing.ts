/** What stands at a path of the tree, told by `lstat` alone. */

import { join } from "node:path";
import type { Disk, Stat, TreePath } from "../base/index.ts";
import { LIVE_SUFFIXES, withSidecars } from "./database.ts";

interface Place {
  readonly disk: Disk;
  readonly root: string;
}

/** `null`: nothing. What can only be reached through a link does not stand there. */
export function standingAt(path: TreePath, { disk, root }: Place): Stat | null {
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
    if (disk.lstat(join(root, path.slice(0, at)))?.kind !== "dir") return null;
  }
  return disk.lstat(join(root, path));
}

/** A file's look with that of the sidecars that it would have as a database. */
export function withOwnSidecars(path: TreePath, stat: Stat, { disk, root }: Place): Stat {
  if (stat.kind !== "file") return stat;
  return withSidecars(
    stat,
    LIVE_SUFFIXES.flatMap((suffix) => disk.lstat(join(root, path + suffix)) ?? []),
  );
}
