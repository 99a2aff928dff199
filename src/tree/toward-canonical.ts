/**
 * Where a folder stands toward the tree that it belongs to: is it that tree, a workspace or a copy of it, and how far behind?
 *
 * To be said before anything is claimed of what is missing there. Reads files of git first and starts it only in a folder that is not
 * the tree itself. "Not known" is a legal answer: a copy may have commits that the tree never saw, and the other way round.
 */

import { DefectError, type GitHead, LIMITS, type Ports } from "../base/index.ts";
import { type Located, type LocatePorts, treeOf } from "./locate.ts";
import { firstKnownCommit, haveOneOrigin, originAt, originOf, shallowCommits } from "./origin.ts";
import { loadRegistry } from "./registry.ts";
import type { RegistryEntry } from "./registry-file.ts";
import type { Tree } from "./tree.ts";

export type TowardCanonical =
  | { readonly kind: "canonical"; readonly tree: Tree }
  /** Nothing that Holdfast knows has the same origin. */
  | { readonly kind: "none"; readonly root: string }
  | ({ readonly kind: "workspace" | "copy" | "moved"; readonly tree: Tree } & Distance);

export interface Distance {
  readonly root: string;
  readonly head: GitHead | null;
  readonly canonicalHead: GitHead | null;
  /** Commits that the tree's HEAD has and this one has not, and the other way round; `null`: not known. */
  readonly behind: number | null;
  readonly ahead: number | null;
}

/** A clone that has no configuration yet is known by its root commits. */
export async function towardCanonical(located: Located, ports: LocatePorts): Promise<TowardCanonical> {
  switch (located.standing) {
    case "canonical":
      return { kind: "canonical", tree: located.tree };
    case "workspace":
      return { kind: "workspace", tree: located.tree, ...(await distance(located.root, located.tree, ports)) };
    case "copy": {
      const [tree] = located.of as [Tree, ...Tree[]];
      return { kind: "copy", tree, ...(await distance(located.root, tree, ports)) };
    }
    case "moved":
      return { kind: "moved", tree: located.from, ...(await distance(located.root, located.from, ports)) };
    case "none": {
      const tree = await treeOfOneOrigin(located.nearest, ports);
      if (tree === null) return { kind: "none", root: located.nearest };
      return { kind: "copy", tree, ...(await distance(located.nearest, tree, ports)) };
    }
  }
}

/** One sentence for people and agents; `null` when there is nothing to say: it is the tree itself, or there is none. */
export function sayTowardCanonical(standing: TowardCanonical): string | null {
  if (standing.kind === "canonical" || standing.kind === "none") return null;
  const { kind, root, tree, behind, ahead } = standing;
  if (kind === "moved")
    return `${root} was registered as ${tree.root}, where nothing is any more: the tree seems to have moved`;
  const what = kind === "workspace" ? "a workspace (git worktree)" : "a copy";
  const missing = "what is missing here may be there";
  if (behind === null) return `${root} is ${what} of ${tree.root}; how far apart they are is not known, and ${missing}`;
  if (behind === 0) return `${root} is ${what} of ${tree.root}, and has every commit of it`;
  const also = ahead ? ` (and ${commits(ahead)} ahead)` : "";
  return `${root} is ${what} of ${tree.root} and ${commits(behind)} behind it${also}: ${missing}`;
}

/** Also for two checkouts of which neither has all commits of the other. */
export async function distance(
  root: string,
  tree: Tree,
  ports: Pick<Ports, "disk" | "git" | "log">,
): Promise<Distance> {
  const location = ports.git.locate(root);
  const head = location === null ? null : ports.git.head(location);
  const canonicalHead = tree.git === null ? null : ports.git.head(tree.git);
  const unknown = { root, head, canonicalHead, behind: null, ahead: null };
  if (head?.commit == null || canonicalHead?.commit == null) return unknown;
  if (head.commit === canonicalHead.commit) return { ...unknown, behind: 0, ahead: 0 };
  try {
    const counted = await countApart(
      { root, commit: head.commit },
      { root: tree.root, commit: canonicalHead.commit },
      ports,
    );
    return counted === null ? unknown : { ...unknown, ...counted };
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DefectError) throw error;
    ports.log.info("git could not say how far a copy is behind", { root, why: error.message });
    return unknown;
  }
}

interface Checkout {
  readonly root: string;
  readonly commit: string;
}

async function countApart(
  here: Checkout,
  there: Checkout,
  ports: Pick<Ports, "git">,
): Promise<{ behind: number; ahead: number } | null> {
  // Of one repository, or nothing but behind: then its own HEAD is known there, and its history need not be listed.
  let line = [here.commit];
  let index = await firstKnownCommit(there.root, line, ports);
  if (index < 0) {
    line = await commitsOf(here, ports);
    index = await firstKnownCommit(there.root, line, ports);
  }
  if (index < 0) return null;
  const counted = await ports.git.run(
    there.root,
    ["rev-list", "--count", "--left-right", `${line[index]}...${there.commit}`],
    { timeoutMs: LIMITS.copyGitMs },
  );
  const [left, right] = counted.toString("utf8").trim().split("\t").map(Number) as [number, number];
  return { behind: right, ahead: index + left };
}

/** Newest first, of the first parents: the line that the checkout is on. */
async function commitsOf({ root, commit }: Checkout, ports: Pick<Ports, "git">): Promise<string[]> {
  const args = ["rev-list", "--first-parent", `--max-count=${LIMITS.copyCommitsMax}`, commit];
  const listed = await ports.git.run(root, args, { timeoutMs: LIMITS.copyGitMs });
  return listed.toString("utf8").split("\n").filter(Boolean);
}

async function treeOfOneOrigin(root: string, ports: LocatePorts): Promise<Tree | null> {
  const registry = await loadRegistry(ports);
  if (registry.entries.length === 0) return null;
  const here = await originAt(root, ports);
  const kin: RegistryEntry[] = [];
  for (const entry of registry.entries) {
    if (ports.disk.lstat(entry.root) === null) continue;
    const isKin = haveOneOrigin(here, await originOf(entry, ports)) || (await isShallowOf(root, entry.root, ports));
    if (isKin) kin.push(entry);
  }
  const named = ports.process.env("LUKA_SOT");
  const first = kin.find(({ root: place }) => place === named) ?? kin[0];
  return first === undefined ? null : treeOf(first, registry.home, ports);
}

async function isShallowOf(root: string, of: string, ports: LocatePorts): Promise<boolean> {
  const cut = shallowCommits(root, ports);
  return cut.length > 0 && ports.git.locate(of) !== null && (await firstKnownCommit(of, cut, ports)) >= 0;
}

function commits(count: number): string {
  return count === 1 ? "1 commit" : `${count.toLocaleString("en")} commits`;
}
