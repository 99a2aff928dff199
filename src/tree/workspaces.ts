/**
 * The checkouts that share a tree's repository, read from git's own files: gitrepository-layout(5), `worktrees/`.
 *
 * Starts no process and writes nothing. A name that git keeps for a folder that is gone is listed all the same: it is the only sign of
 * what was there.
 */

import { basename, dirname, join, resolve } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import { readWhole } from "./durable-file.ts";
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
  const linked = linkedNames(git.commonDir, ports).flatMap((name) => linkedWorkspace(git.commonDir, name, ports) ?? []);
  return [...mainCheckout(git.commonDir, ports), ...linked]
    .filter((workspace) => workspace.root !== root)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
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

/** `gitdir` holds the path of the worktree's `.git` file: absolute, or, by configuration, relative to the folder that it lies in. */
function linkedWorkspace(commonDir: string, name: string, ports: WorkspacePorts): Workspace | null {
  const gitDir = join(commonDir, "worktrees", name);
  const named = readLine(join(gitDir, "gitdir"), ports);
  if (named === null || named === "") return null;
  return workspaceAt(realPlace(dirname(resolve(gitDir, named)), ports.disk), { name, gitDir }, ports);
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
