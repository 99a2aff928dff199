/**
 * What a workspace took with it: the files whose bytes stand neither in the tree nor in another workspace, are reached by no ref of git,
 * and lie in no LFS store.
 *
 * Where git cannot say in time, bytes count as lost: an incident too many is better than a loss without a word.
 */

import { type Digest, type FileEntry, LIMITS, type TreePath } from "../../base/index.ts";
import { blobNames, listWorkspaces } from "../../tree/index.ts";
import type { Vault } from "../../vault/index.ts";
import { askGit, batches, literally } from "../git-answers.ts";
import type { GuardWorld } from "../world.ts";
import { lastStates, removalBegan } from "./last-states.ts";

export interface OnlyThere {
  readonly path: TreePath;
  readonly entry: FileEntry;
}

export interface TakenAway {
  /** Files that it had when its removal began. */
  readonly files: number;
  readonly only: OnlyThere[];
  /** When its removal can have begun; Unix ms. */
  readonly sinceMs: number;
}

/** `vault`: as the workspace sees it. `goneMs`: when it was last seen, or first missed. */
export async function takenAway(
  { name, vault, goneMs }: { name: string; vault: Vault; goneMs: number },
  world: GuardWorld,
): Promise<TakenAway> {
  const sinceMs = removalBegan(vault, goneMs);
  const had = [...lastStates(vault, name, sinceMs)].flatMap(([path, entry]) =>
    entry.kind === "file" ? [{ path, entry }] : [],
  );
  const elsewhere = digestsElsewhere(name, world);
  // What it began with is the tree's: some of it, untracked there, never stood in a worktree that git made.
  const bornAt = vault.workspaces().find((life) => life.name === name)?.since ?? 0;
  const isOwn = ({ path, entry }: OnlyThere) =>
    vault
      .versions(path)
      .some(({ number, entry: seen }) => number > bornAt && seen.kind === "file" && seen.digest === entry.digest);
  const left = had
    .filter(isOwn)
    .filter(({ entry: { digest, sizeBytes } }) => sizeBytes > 0 && !elsewhere.has(digest) && !isInLfs(digest, world));
  const known = await knownToGit(left, world);
  return { files: had.length, only: left.filter(({ path }) => !known.has(path)), sinceMs };
}

function digestsElsewhere(name: string, { vault, tree }: GuardWorld): Set<Digest> {
  const digests = new Set<Digest>();
  const add = (one: Vault): void => {
    for (const { entry } of one.statesAt()) if (entry.kind === "file") digests.add(entry.digest);
  };
  add(vault);
  for (const life of vault.workspaces()) {
    if (life.until === null && life.name !== name) add(vault.workspace(life.name, { ...tree, root: life.root }));
  }
  return digests;
}

/** Git holds a pointer; the bytes lie beside it, by the digest that the vault knows them by too. */
function isInLfs(digest: Digest, { tree, ports }: GuardWorld): boolean {
  if (tree.git === null) return false;
  const hex = digest.slice("sha256:".length);
  return ports.disk.lstat(`${tree.git.commonDir}/lfs/objects/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`) !== null;
}

/** Those that a ref, the newest stash or the HEAD of a checkout reaches, at whatever time. */
async function knownToGit(files: readonly OnlyThere[], world: GuardWorld): Promise<Set<TreePath>> {
  const known = new Set<TreePath>();
  const { tree, ports } = world;
  if (tree.git === null || files.length === 0) return known;
  const length = (ports.git.head(tree.git).commit ?? "").length || SHA1_LENGTH;
  const heads = listWorkspaces(tree, ports).flatMap(({ root, isThere }) => {
    const location = isThere ? ports.git.locate(root) : null;
    return (location !== null && ports.git.head(location).commit) || [];
  });
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const batch of batches([...byPath.keys()])) {
    const asked = ["rev-list", "--all", "--full-history", "--objects", "--no-object-names", ...heads, "--"];
    const reached = new Set(await askGit([...asked, ...literally(batch)], world, "\n"));
    for (const path of batch) {
      if (reached.size > 0 && blobsOf(byPath.get(path)!, length, world).some((blob) => reached.has(blob)))
        known.add(path);
      await ports.clock.breathe();
    }
  }
  return known;
}

const SHA1_LENGTH = 40;

function blobsOf({ entry }: OnlyThere, length: number, { vault }: GuardWorld): string[] {
  if (entry.sizeBytes > LIMITS.unionSizeBytesMax || !vault.has(entry.digest)) return [];
  return blobNames(vault.read(entry.digest), length);
}
