/** Puts what a part of the tree looks like now into the signatures of the whole. */

import type { TreePath } from "../base/index.ts";
import type { Scan } from "./scan.ts";
import { folderOf, type Signatures, splitPath } from "./signatures.ts";

export function mergePart(whole: Signatures, part: Signatures, scan: Pick<Scan, "changed" | "walkedFolders">): void {
  whole.extra = part.extra;
  // Listings made by different rules: none may be taken over.
  if (whole.rulesKey !== part.rulesKey) whole.rulesKey = "";
  for (const { path, entry } of scan.changed) {
    if (entry.kind !== "absent") continue;
    const { folder, name } = splitPath(path);
    whole.folders.get(folder)?.names.delete(name);
    whole.folders.delete(path);
  }
  for (const [path, folder] of part.folders) {
    const known = folderOf(whole, path);
    if (scan.walkedFolders.has(path)) whole.folders.set(path, folder);
    else for (const [name, signature] of folder.names) known.names.set(name, signature);
  }
  for (const folder of scan.walkedFolders) {
    const signature = part.ignoreFiles.get(folder);
    if (signature === undefined) whole.ignoreFiles.delete(folder);
    else whole.ignoreFiles.set(folder, signature);
  }
}

/** Without those that lie below another one. */
export function outermost(paths: readonly TreePath[]): TreePath[] {
  const wanted = new Set<string>(paths);
  return [...new Set(paths)].filter((path) => {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
      if (wanted.has(path.slice(0, at))) return false;
    return true;
  });
}
