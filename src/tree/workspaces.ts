/**
 * The checkouts that share a tree's repository, read from git's own files: gitrepository-layout(5), `worktrees/`.
 *
 * Starts no process and writes nothing. A name that git keeps for a folder that is gone is listed all the same: it is the only sign of
 * what was there.
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import { type GitLocation, isSystemError, type Ports, type TreePath } from "../base/index.ts";
import { readWhole } from "./durable-file.ts";
import { isAtOrBelow } from "./path.ts";
import { realPlace } from "./path-check.ts";
import type { Tree } from "./tree.ts";

export interface Workspace {
  /** Git's own name for it, which stays when it is moved; `MAIN_CHECKOUT` for the one that is no linked worktree. */
  readonly name: string;
  /** Real path, as far as it exists. */
  readonly root: string;
  readonly gitDir: string;
  /** The folder is there and says itself that it belongs to this name. */
  readonly isThere: boolean;
}

/** Git takes no name that begins with a dot. */
export const MAIN_CHECKOUT = ".main";

type WorkspacePorts = Pick<Ports, "disk" | "git">;

/** All but the tree itself, sorted by name. Empty outside git, and for a tree that is only a part of its checkout. */
export function listWorkspaces({ root, git }: Pick<Tree, "root" | "git">, ports: WorkspacePorts): Workspace[] {
  if (git === null || git.workTree !== root) return [];
  const linked = linkedNames(git.commonDir, ports).flatMap((name) => linkedWorkspace(git, name, ports) ?? []);
  return [...mainCheckout(git.commonDir, ports), ...linked]
    .filter((workspace) => workspace.root !== root)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What lies inside the tree and is none of it: other checkouts of its repository, and Holdfast's own folder. */
export function foldersApart(
  { root, git, state }: Pick<Tree, "root" | "git" | "state">,
  ports: WorkspacePorts,
): TreePath[] {
  const checkouts =
    git === null ? [] : linkedNames(git.commonDir, ports).flatMap((name) => linkedRoot(git, name, ports));
  const there = checkouts.filter((place) => ports.disk.lstat(join(place, ".git"))?.kind === "file");
  return [state.dir, ...there]
    .filter((place) => place !== root && isAtOrBelow(place, root))
    .map((place) => relative(root, place) as TreePath)
    .sort();
}

/** `gitdir` holds the path of the worktree's `.git` file: absolute, or, by configuration, relative to the folder that it lies in. */
function linkedRoot({ commonDir }: GitLocation, name: string, ports: WorkspacePorts): string[] {
  const gitDir = join(commonDir, "worktrees", name);
  const named = readLine(join(gitDir, "gitdir"), ports);
  return named === null || named === "" ? [] : [dirname(resolve(gitDir, named))];
}

function linkedNames(commonDir: string, { disk }: WorkspacePorts): string[] {
  try {
    return disk
      .list(join(commonDir, "worktrees"))
      .names.filter(({ kind }) => kind === "dir")
      .map(({ name }) => name);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return [];
    throw error;
  }
}

function linkedWorkspace(git: GitLocation, name: string, ports: WorkspacePorts): Workspace | null {
  const gitDir = join(git.commonDir, "worktrees", name);
  const [root] = linkedRoot(git, name, ports);
  return root === undefined ? null : workspaceAt(realPlace(root, ports.disk), { name, gitDir }, ports);
}

/** A repository without a checkout of its own has none; a submodule's is not told by where its repository lies. */
function mainCheckout(commonDir: string, ports: WorkspacePorts): Workspace[] {
  if (basename(commonDir) !== ".git") return [];
  const root = realPlace(dirname(commonDir), ports.disk);
  const workspace = workspaceAt(root, { name: MAIN_CHECKOUT, gitDir: commonDir }, ports);
  return workspace.isThere ? [workspace] : [];
}

function workspaceAt(root: string, { name, gitDir }: Pick<Workspace, "name" | "gitDir">, ports: WorkspacePorts) {
  const location = ports.disk.lstat(join(root, ".git")) === null ? null : ports.git.locate(root);
  const isThere = location?.workTree === root && sameFolder(location.gitDir, gitDir, ports);
  return { name, root, gitDir, isThere };
}

function sameFolder(a: string, b: string, { disk }: WorkspacePorts): boolean {
  const [one, other] = [disk.lstat(a), disk.lstat(b)];
  return one !== null && other !== null && one.ino === other.ino && one.dev === other.dev;
}

function readLine(path: string, { disk }: WorkspacePorts): string | null {
  try {
    const bytes = readWhole(disk, path);
    return bytes === null ? null : bytes.toString("utf8").replace(/\r?\n$/, "");
  } catch (error) {
    // Being made or removed this moment, or somebody else's: looked at again the next time.
    if (isSystemError(error)) return null;
    throw error;
  }
}
