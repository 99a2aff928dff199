/** How the kernel finds its way: links followed in the middle of a path, never at its end unless asked. */

import { systemError } from "../../src/platform/index.ts";
import type { Inode } from "./simulated-inode.ts";

const LINKS_MAX = 40;
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4095;

export interface Place {
  /** The folder that has, or would have, the name. */
  readonly dir: Inode;
  readonly name: string;
  /** What stands there. */
  readonly inode: Inode | null;
  /** Without links. */
  readonly realPath: string;
}

/** Where `path` leads. Throws `ENOENT`, `ENOTDIR`, `ELOOP`, `ENAMETOOLONG` for what is wrong on the way, not at the end. */
export function findPlace(root: Inode, path: string, options: { syscall: string; follow: boolean }): Place {
  const { syscall } = options;
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw systemError("ENAMETOOLONG", syscall, path);
  if (!path.startsWith("/")) throw systemError("ENOENT", syscall, path);
  const way: { dir: Inode; path: string }[] = [{ dir: root, path: "" }];
  const rest = path.split("/").filter((part) => part !== "");
  let links = 0;
  let place: Place = { dir: root, name: "", inode: root, realPath: "/" };
  while (rest.length > 0) {
    const name = rest.shift()!;
    if (name === ".") continue;
    if (name === "..") {
      if (way.length > 1) way.pop();
      const here = way.at(-1)!;
      place = { dir: way.at(-2)?.dir ?? root, name: "", inode: here.dir, realPath: here.path || "/" };
      continue;
    }
    if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw systemError("ENAMETOOLONG", syscall, path);
    const here = way.at(-1)!;
    const inode = here.dir.names.get(name) ?? null;
    place = { dir: here.dir, name, inode, realPath: `${here.path}/${name}` };
    if (inode?.kind === "link" && (rest.length > 0 || options.follow)) {
      links += 1;
      if (links > LINKS_MAX) throw systemError("ELOOP", syscall, path);
      if (inode.target.startsWith("/")) way.length = 1;
      rest.unshift(...inode.target.split("/").filter((part) => part !== ""));
      place = { dir: way.at(-1)!.dir, name: "", inode: way.at(-1)!.dir, realPath: way.at(-1)!.path || "/" };
      continue;
    }
    if (inode?.kind === "dir") way.push({ dir: inode, path: place.realPath });
    else if (rest.length > 0) throw systemError(inode === null ? "ENOENT" : "ENOTDIR", syscall, path);
  }
  return place;
}

/** The order of the refusals is Linux's (`do_renameat2`, `vfs_rename`). */
export function assertRenamable(source: Place, place: Place, from: string): void {
  const { inode } = source;
  if (inode === null) throw systemError("ENOENT", "rename", from);
  if (inode.kind === "dir" && contains(inode, place.dir)) throw systemError("EINVAL", "rename", from);
  if (place.inode?.kind === "dir" && contains(place.inode, source.dir)) throw systemError("ENOTEMPTY", "rename", from);
  if (place.inode === null || place.inode === inode) return;
  if (inode.kind === "dir" && place.inode.kind !== "dir") throw systemError("ENOTDIR", "rename", from);
  if (inode.kind !== "dir" && place.inode.kind === "dir") throw systemError("EISDIR", "rename", from);
  if (place.inode.names.size > 0) throw systemError("ENOTEMPTY", "rename", from);
}

function contains(dir: Inode, inner: Inode): boolean {
  return dir === inner || [...dir.names.values()].some((child) => child.kind === "dir" && contains(child, inner));
}
