/** `holdfast.yaml` as it lies in the tree, accepted or not. */

import { join } from "node:path";
import type { Disk } from "../base/index.ts";
import { CONFIG_FILE, type Tree } from "../tree/index.ts";
import { bytesAt } from "../workorder/index.ts";

/** `null` when it is missing, or no file. */
export function readConfigText(tree: Tree, disk: Disk): string | null {
  const path = join(tree.root, CONFIG_FILE);
  return disk.lstat(path)?.kind === "file" ? bytesAt(disk, path).toString() : null;
}
