/** Which tree a folder belongs to, and as what: the canonical one, a workspace of it, a copy, one that was moved, or none. */

import { dirname, join } from "node:path";
import { HoldfastError, isSystemError, type Ports } from "../base/index.ts";
import { CONFIG_FILE } from "./config.ts";
import { haveOneOrigin, originAt, originOf } from "./origin.ts";
import { loadRegistry, type Registry } from "./registry.ts";
import type { RegistryEntry } from "./registry-file.ts";
import { stateFolder } from "./state-folder.ts";
import type { Tree } from "./tree.ts";

export type LocatePorts = Pick<Ports, "disk" | "clock" | "process" | "stores" | "git" | "log">;

export type Located =
  /** In the tree itself. */
  | { readonly standing: "canonical"; readonly tree: Tree }
  /** In a git worktree at `root` of the tree. */
  | { readonly standing: "workspace"; readonly tree: Tree; readonly root: string }
  /** `root` grew from the same origin as these trees, which are where they were registered: it is only read. */
  | { readonly standing: "copy"; readonly root: string; readonly of: readonly Tree[] }
  /** `root` was registered at another path, where nothing is any more: `from` as it was. */
  | { readonly standing: "moved"; readonly root: string; readonly from: Tree }
  /** `nearest`: the git checkout that the folder is in, else the folder: what `init` would take. */
  | { readonly standing: "none"; readonly nearest: string };

/**
 * `startDir` is what somebody asked for; `null` when nothing was asked: then it is the current folder, and where that belongs to no
 * tree, the one that `LUKA_SOT` names. Starts git only in a folder that has a `holdfast.yaml` and is not registered.
 *
 * Throws `TREE_NOT_FOUND` when there is no such folder, and what `loadRegistry` throws.
 */
export async function findTree(startDir: string | null, ports: LocatePorts): Promise<Located> {
  const registry = await loadRegistry(ports);
  const here = await findFrom(realFolder(startDir ?? ports.process.cwd(), ports), registry, ports);
  const named = ports.process.env("LUKA_SOT");
  if (startDir !== null || here.standing !== "none" || !named) return here;
  return findFrom(realFolder(named, ports, "LUKA_SOT names "), registry, ports);
}

/** Every registered tree, oldest first; a root may be gone. */
export async function listTrees(ports: LocatePorts): Promise<Tree[]> {
  const { home, entries } = await loadRegistry(ports);
  return entries.map((entry) => treeOf(entry, home, ports));
}

export function treeOf(entry: RegistryEntry, home: string, ports: Pick<Ports, "disk" | "git" | "process">): Tree {
  const isThere = ports.disk.lstat(entry.root)?.kind === "dir";
  return {
    id: entry.id,
    root: entry.root,
    state: stateFolder(home, entry.id, ports.process),
    git: isThere ? ports.git.locate(entry.root) : null,
  };
}

/** The tree that shares its repository with the checkout at `root`, when that is a git worktree beside or of it. */
export function workspaceOf(
  root: string,
  registry: Registry,
  ports: Pick<Ports, "disk" | "git">,
): RegistryEntry | null {
  const common = commonDirAt(root, ports);
  if (common === null) return null;
  return registry.entries.find((entry) => entry.root !== root && commonDirAt(entry.root, ports) === common) ?? null;
}

/** The nearest folder that is anything to Holdfast decides, from the innermost outwards. */
async function findFrom(start: string, registry: Registry, ports: LocatePorts): Promise<Located> {
  for (const folder of withParents(start)) {
    const entry = registry.entries.find((candidate) => candidate.root === folder);
    if (entry !== undefined) return { standing: "canonical", tree: treeOf(entry, registry.home, ports) };
    const located = await standingOf(folder, registry, ports);
    if (located !== null) return located;
  }
  return { standing: "none", nearest: ports.git.locate(start)?.workTree ?? start };
}

/** Of a folder that is no registered root; `null` when it is nothing by itself. */
async function standingOf(root: string, registry: Registry, ports: LocatePorts): Promise<Located | null> {
  const shared = workspaceOf(root, registry, ports);
  if (shared !== null) return { standing: "workspace", tree: treeOf(shared, registry.home, ports), root };
  if (ports.disk.lstat(join(root, CONFIG_FILE))?.kind !== "file") return null;
  const kin = await kinOf(root, registry, ports);
  const moved = kin.find((entry) => isGone(entry, ports));
  if (moved !== undefined) return { standing: "moved", root, from: treeOf(moved, registry.home, ports) };
  if (kin.length === 0) return null;
  return { standing: "copy", root, of: kin.map((entry) => treeOf(entry, registry.home, ports)) };
}

/**
 * The trees that `root` is a copy of, or was; the likeliest first. The very folder that was registered (device and inode) may only
 * be contradicted by its commits: a file system gives a deleted folder's inode to the next one that is made.
 */
async function kinOf(root: string, registry: Registry, ports: LocatePorts): Promise<RegistryEntry[]> {
  if (registry.entries.length === 0) return [];
  const here = await originAt(root, ports);
  const stat = ports.disk.lstat(root);
  const kin: RegistryEntry[] = [];
  for (const entry of registry.entries) {
    const origin = await originOf(entry, ports);
    const isSameFolder = isGone(entry, ports) && stat?.ino === entry.inode && stat.dev === entry.device;
    const isContradicted = here.rootCommits.length > 0 && origin.rootCommits.length > 0 && !haveOneOrigin(here, origin);
    if (isSameFolder && !isContradicted) kin.unshift(entry);
    else if (haveOneOrigin(here, origin)) kin.push(entry);
  }
  return kin;
}

function isGone(entry: RegistryEntry, ports: Pick<Ports, "disk">): boolean {
  return ports.disk.lstat(entry.root) === null;
}

/** Of the checkout whose root is exactly `root`. */
function commonDirAt(root: string, ports: Pick<Ports, "disk" | "git">): string | null {
  if (ports.disk.lstat(join(root, ".git")) === null) return null;
  const location = ports.git.locate(root);
  return location === null || location.workTree !== root ? null : ports.disk.realpath(location.commonDir);
}

function realFolder(path: string, ports: Pick<Ports, "disk">, prefix = ""): string {
  try {
    const real = ports.disk.realpath(path);
    return ports.disk.lstat(real)?.kind === "dir" ? real : dirname(real);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP", "EACCES")) throw error;
    throw new HoldfastError("TREE_NOT_FOUND", `${prefix}${path}${prefix ? ", which does" : " does"} not exist`, {
      cause: error,
    });
  }
}

function withParents(folder: string): string[] {
  const folders = [folder];
  while (folders.at(-1) !== "/") folders.push(dirname(folders.at(-1)!));
  return folders;
}
