/** Which trees a command concerns: that of the folder it runs in, and those that its words reach. */

import type { Ports } from "../base/index.ts";
import { isAtOrBelow, type Tree } from "../tree/index.ts";

/** `reached`: absolute places, each with all below it. */
export function treesAt(
  cwd: string,
  reached: readonly string[],
  trees: readonly Tree[],
  ports: Pick<Ports, "git">,
): Tree[] {
  const isHere = ({ root }: Tree) => isAtOrBelow(cwd, root);
  const isReached = ({ root }: Tree) =>
    reached.some((place) => isAtOrBelow(place, root) || place === "/" || isAtOrBelow(root, place));
  const found = trees.filter((tree) => isHere(tree) || isReached(tree));
  if (found.some(isHere)) return found;
  const shared = workspaceTree(cwd, trees, ports);
  return shared === null || found.includes(shared) ? found : [...found, shared];
}

/** A git worktree beside the tree: it shares the tree's repository, vault and ledger. */
function workspaceTree(cwd: string, trees: readonly Tree[], { git }: Pick<Ports, "git">): Tree | null {
  const common = git.locate(cwd)?.commonDir;
  return common === undefined ? null : (trees.find((tree) => tree.git?.commonDir === common) ?? null);
}
