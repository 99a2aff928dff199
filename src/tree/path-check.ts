/**
 * Paths against what stands on the disk: from any spelling to a `TreePath`, and from a `TreePath` to a place that may be written.
 *
 * Invariant: `checkedPath` returns only places that are reached through real folders below the root, outside git's and Holdfast's
 * own folders. It holds for the moment of the call, so it is asked when a change is planned *and* when it is written.
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import { type Disk, isSystemError, type Stat, type TreePath } from "../base/index.ts";
import { foldedName, isAtOrBelow, parseTreePath, pathError } from "./path.ts";
import type { Tree } from "./tree.ts";

/**
 * The absolute path of `path`, after a look at every folder on the way. What does not exist yet is fine.
 *
 * Throws `PATH_THROUGH_LINK` (a parent is a symbolic link), `PATH_INVALID` (a parent is no folder; the path is a device, fifo or
 * socket), `PATH_FORBIDDEN` (git's or Holdfast's own folder, under whatever name it is reached).
 */
export function checkedPath(
  tree: Tree,
  path: TreePath,
  disk: Pick<Disk, "lstat">,
  { own = ownIdentities(tree, disk), isFolder = false }: { own?: readonly Identity[]; isFolder?: boolean } = {},
): string {
  refuseOwnFolders(tree, path);
  walkDown({ from: tree.root, segments: path.split("/"), path, disk, isFolder }, (stat) => {
    if (own.some((folder) => folder.ino === stat.ino && folder.dev === stat.dev)) {
      throw pathError("PATH_FORBIDDEN", path, "leads into a folder of git or of Holdfast");
    }
  });
  return absolute(tree, path);
}

export type Identity = Pick<Stat, "ino" | "dev">;

/** Of git's and Holdfast's own folders, as they stand now. Good for the moment, like what is checked with it. */
export function ownIdentities(tree: Tree, disk: Pick<Disk, "lstat">): Identity[] {
  return ownFolders(tree).flatMap((folder) => disk.lstat(folder) ?? []);
}

/** Joins without looking. For reading; what is written goes through `checkedPath`. */
export function absolute(tree: Pick<Tree, "root">, path: TreePath): string {
  return tree.root === "/" ? `/${path}` : `${tree.root}/${path}`;
}

/**
 * A path as somebody typed it: relative to `cwd` when given, else to the root; or absolute and inside the tree by its real parent.
 *
 * Throws as `parseTreePath` does, and `PATH_ESCAPES` for what really stands outside, `PATH_FORBIDDEN` for the state folder.
 */
export function treePathOf(tree: Tree, text: string, at: { disk: Pick<Disk, "realpath">; cwd?: string }): TreePath {
  if (text.includes("\0")) throw pathError("PATH_INVALID", text, "contains NUL");
  const path =
    text.startsWith("/") || at.cwd !== undefined ? relativeToRoot(tree, resolve(at.cwd ?? "/", text), at.disk) : text;
  const parsed = parseTreePath(path);
  refuseOwnFolders(tree, parsed);
  return parsed;
}

/** Throws `PATH_FORBIDDEN` when `path` is, or stands below, a folder of Holdfast or git that lies inside the tree. */
export function refuseOwnFolders(tree: Tree, path: TreePath): void {
  const folded = foldedPath(path);
  for (const folder of ownFolders(tree)) {
    if (!isAtOrBelow(folder, tree.root)) continue;
    if (isAtOrBelow(folded, foldedPath(relative(tree.root, folder)))) {
      throw pathError("PATH_FORBIDDEN", path, "belongs to Holdfast or git");
    }
  }
}

/** Holdfast's home, with the state of every tree of this machine, and git's folders where they are not called `.git`. */
export function ownFolders(tree: Tree): string[] {
  const home = dirname(tree.state.dir);
  const state = isAtOrBelow(tree.root, home) ? [] : [home];
  const git = tree.git === null ? [] : [tree.git.gitDir, tree.git.commonDir];
  return [...new Set([...state, tree.state.dir, ...git])];
}

/**
 * Calls `look` for each thing that exists from `from` down, the last one included; refuses links and files on the way, and with
 * `isFolder` at its end.
 */
export function walkDown(
  way: { from: string; segments: readonly string[]; path: string; disk: Pick<Disk, "lstat">; isFolder?: boolean },
  look: (stat: { ino: number; dev: number }) => void,
): void {
  let place = way.from === "/" ? "" : way.from;
  for (const [index, segment] of way.segments.entries()) {
    place += `/${segment}`;
    const stat = way.disk.lstat(place);
    if (stat === null) return;
    const isLast = index === way.segments.length - 1 && way.isFolder !== true;
    if (!isLast && stat.kind === "link")
      throw pathError("PATH_THROUGH_LINK", way.path, `passes the symbolic link ${place}`);
    if (!isLast && stat.kind !== "dir")
      throw pathError("PATH_INVALID", way.path, `needs a folder where ${place} is none`);
    if (isLast && stat.kind === "other") throw pathError("PATH_INVALID", way.path, "is a device, fifo or socket");
    look(stat);
  }
}

/** The real path of a place that may not exist yet: of its nearest existing folder, and the rest as it is spelled. */
export function realPlace(path: string, disk: Pick<Disk, "realpath">): string {
  const missing: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      return join(disk.realpath(folder), ...missing);
    } catch (error) {
      if (!isSystemError(error, "ENOENT", "ENOTDIR") || folder === "/") throw error;
      missing.unshift(basename(folder));
    }
  }
}

/** The last segment is not resolved: a symbolic link is itself a thing of the tree. */
function relativeToRoot(tree: Tree, path: string, disk: Pick<Disk, "realpath">): string {
  const place = path === tree.root ? path : join(realParent(path, disk), basename(path));
  if (place === tree.root) throw pathError("PATH_INVALID", path, "is the tree itself");
  if (!isAtOrBelow(place, tree.root)) throw pathError("PATH_ESCAPES", path, `is outside the tree ${tree.root}`);
  return relative(tree.root, place);
}

function realParent(path: string, disk: Pick<Disk, "realpath">): string {
  try {
    return realPlace(dirname(path), disk);
  } catch (error) {
    if (isSystemError(error, "ELOOP"))
      throw pathError("PATH_THROUGH_LINK", path, "passes symbolic links that go in circles");
    if (isSystemError(error, "ENAMETOOLONG", "EACCES"))
      throw pathError("PATH_INVALID", path, `cannot be reached (${error.code})`);
    throw error;
  }
}

function foldedPath(path: string): string {
  return path.split("/").map(foldedName).join("/");
}
