/**
 * Paths outside the tree that an order may still write, because `orders.allowOutside` names their folder
 * (`~/Library/LaunchAgents`). The same rules as inside: no `..`, no `.git`, no symbolic link below the allowed folder.
 */

import { type Disk, HoldfastError, type ProcessPort } from "../base/index.ts";
import type { Config } from "./config.ts";
import { checkCharacters, checkSegment, isAtOrBelow, pathError } from "./path.ts";
import { ownFolders, realPlace, walkDown } from "./path-check.ts";
import type { Tree } from "./tree.ts";

declare const outside: unique symbol;
/** An absolute path below a folder that the configuration allows, spelled through that folder's real path. */
export type OutsidePath = string & { readonly [outside]: true };

/**
 * `text`: absolute or `~/…`. Looks at every folder on the way, so it is asked when planned *and* when written; its own result is
 * accepted again.
 *
 * Throws `PATH_ESCAPES` (no allowed folder holds it), `PATH_INVALID`, `PATH_FORBIDDEN` (git's, Holdfast's, or inside the tree,
 * where it is to be named as a tree path), `PATH_THROUGH_LINK`.
 */
export function allowedOutside(
  tree: Tree,
  config: Pick<Config, "orders">,
  text: string,
  ports: { disk: Pick<Disk, "lstat" | "realpath">; process: Pick<ProcessPort, "home"> },
): OutsidePath {
  const path = expandHome(text, ports.process.home()).replace(/\/+$/, "");
  checkCharacters(path);
  for (const allowed of config.orders.allowOutside) {
    const spelled = expandHome(allowed, ports.process.home()).replace(/(?<=.)\/+$/, "");
    const folder = realPlace(spelled, ports.disk);
    const base = [spelled, folder].find((candidate) => path !== candidate && isAtOrBelow(path, candidate));
    if (base !== undefined)
      return checkedOutside(tree, { folder, below: path.slice(base.length).replace(/^\//, ""), path }, ports.disk);
  }
  throw new HoldfastError("PATH_ESCAPES", pathError("PATH_ESCAPES", text, "is outside the tree").message, {
    hint: "make the path relative, or allow its folder in orders.allowOutside",
    data: { path: text, allowOutside: config.orders.allowOutside },
  });
}

/** `~` and `~/…` → below `home`; anything else as it is. */
export function expandHome(text: string, home: string): string {
  return text === "~" || text.startsWith("~/") ? home + text.slice(1) : text;
}

function checkedOutside(
  tree: Tree,
  place: { folder: string; below: string; path: string },
  disk: Pick<Disk, "lstat">,
): OutsidePath {
  const segments = place.below.split("/");
  for (const segment of segments) checkSegment(segment, place.path);
  const absolute = place.folder === "/" ? `/${place.below}` : `${place.folder}/${place.below}`;
  const own = [tree.root, ...ownFolders(tree)];
  if (own.some((folder) => isAtOrBelow(absolute, folder))) {
    throw pathError("PATH_FORBIDDEN", place.path, "belongs to the tree, to git or to Holdfast");
  }
  const identities = own.map((folder) => disk.lstat(folder));
  walkDown({ from: place.folder, segments, path: place.path, disk }, (stat) => {
    if (identities.some((folder) => folder !== null && folder.ino === stat.ino && folder.dev === stat.dev)) {
      throw pathError("PATH_FORBIDDEN", place.path, "leads into the tree, or a folder of git or Holdfast");
    }
  });
  return absolute as OutsidePath;
}
