/**
 * What git says of drifted paths, a few questions for many paths at once: does it track them, are they as HEAD has them, does a stash
 * hold them, is it in the middle of something.
 *
 * A git that cannot answer (no commit yet, a broken repository) never makes a path healthy: nothing is tracked then, nothing matches.
 */

import { createHash } from "node:crypto";
import { type Entry, type FileEntry, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import { type Tree, trackedPaths } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";

const BATCH_BYTES_MAX = 64 * 1024;

/** State that git leaves while it waits for a person to go on: an open merge, rebase, bisection, a stopped pick. */
const MIDDLES = [
  "index.lock",
  "MERGE_HEAD",
  "rebase-merge",
  "rebase-apply",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "BISECT_LOG",
] as const;

/** Where HEAD was before git last moved it; some commands move it several times. */
const REVS_BEFORE = ["ORIG_HEAD", "HEAD@{1}", "HEAD@{2}", "HEAD@{3}"];

interface Parts {
  readonly tree: Tree;
  readonly vault: Vault;
  readonly ports: Pick<Ports, "disk" | "git" | "process" | "log">;
}

export interface GitStanding {
  isInTheMiddle(): boolean;
  /**
   * Those that git tracks here, or, where they are gone from the index, on the branch that they were accepted on. `justBefore`: or
   * that it tracked until a moment ago, when it recorded something.
   */
  tracked(
    paths: readonly { path: TreePath; branch: string | null }[],
    options?: { justBefore: boolean },
  ): Promise<Set<string>>;
  /** Those that are exactly as HEAD's tree has them: content by git's own comparison, filters and all; absent in both, too. */
  matchingHead(paths: readonly TreePath[]): Promise<Set<string>>;
  /** Path → the stash that holds exactly this content, and since when. */
  stashed(goals: readonly { path: TreePath; goal: Entry }[]): Promise<Map<string, { name: string; sinceMs: number }>>;
}

export function openGitStanding({ tree, vault, ports }: Parts): GitStanding {
  async function ask(args: readonly string[]): Promise<string[] | null> {
    try {
      return (await ports.git.run(tree.root, args))
        .toString("utf8")
        .split("\0")
        .filter((part) => part !== "");
    } catch (error) {
      ports.log.info("git could not answer the guard", { args: args.slice(0, 3), why: (error as Error).message });
      return null;
    }
  }

  return {
    isInTheMiddle() {
      const { git } = tree;
      return git !== null && MIDDLES.some((name) => ports.disk.lstat(`${git.gitDir}/${name}`) !== null);
    },

    async tracked(paths, { justBefore } = { justBefore: false }) {
      if (tree.git === null || paths.length === 0) return new Set();
      const tracked = new Set<string>(
        await trackedPaths(
          tree,
          paths.map(({ path }) => path),
          ports,
        ),
      );
      const addFrom = async (rev: string, missing: readonly TreePath[]) => {
        for (const batch of batches(missing)) {
          for (const name of (await ask(["ls-tree", "-z", "--name-only", rev, "--", ...batch])) ?? [])
            tracked.add(name);
        }
      };
      const untracked = () => paths.filter(({ path }) => !tracked.has(path));
      for (const [branch, missing] of byBranch(untracked())) await addFrom(branch, missing);
      for (const rev of justBefore ? REVS_BEFORE : []) {
        const missing = untracked().map(({ path }) => path);
        if (missing.length > 0) await addFrom(rev, missing);
      }
      return tracked;
    },

    async matchingHead(paths) {
      if (tree.git === null || paths.length === 0) return new Set();
      const matching = new Set<string>(paths);
      for (const batch of batches(paths)) {
        const pathspecs = batch.map((path) => `:(literal)${path}`);
        const differing = await ask([
          "diff",
          "--name-only",
          "-z",
          "--relative",
          "--no-renames",
          "HEAD",
          "--",
          ...pathspecs,
        ]);
        for (const path of differing ?? batch) matching.delete(path);
      }
      return matching;
    },

    async stashed(goals) {
      const held = new Map<string, { name: string; sinceMs: number }>();
      if (tree.git === null || ports.disk.lstat(`${tree.git.commonDir}/logs/refs/stash`) === null) return held;
      const files = goals.filter((one): one is { path: TreePath; goal: FileEntry } => one.goal.kind === "file");
      const listed = await ask(["stash", "list", `-n${LIMITS.stashesMax}`, "-z", "--format=%H %ct %gd"]);
      for (const line of files.length === 0 ? [] : (listed ?? [])) {
        const [commit, seconds, name] = line.split(" ") as [string, string, string];
        const blobs = await blobsIn(
          commit,
          files.map(({ path }) => path),
        );
        for (const { path, goal } of files) {
          const blob = blobs.get(path);
          if (blob === undefined || held.has(path) || blob !== blobId(vault, goal, blob.length)) continue;
          held.set(path, { name, sinceMs: Number(seconds) * 1_000 });
        }
      }
      return held;
    },
  };

  /** Tracked files are in the stash commit itself, untracked ones in its third parent. */
  async function blobsIn(commit: string, paths: readonly TreePath[]): Promise<Map<string, string>> {
    const blobs = new Map<string, string>();
    const { log } = ports;
    for (const rev of [`${commit}^3`, commit]) {
      for (const batch of batches(paths)) {
        const listed = await ports.git
          .run(tree.root, ["ls-tree", "-r", "-z", rev, "--", ...batch])
          .catch((error: unknown) => {
            // Most stashes have no third parent.
            log.info("a stash was not listed", { rev, why: (error as Error).message });
            return Buffer.alloc(0);
          });
        for (const line of listed.toString("utf8").split("\0")) {
          const [facts, path] = line.split("\t");
          if (path !== undefined) blobs.set(path, facts!.split(" ")[2]!);
        }
      }
    }
    return blobs;
  }
}

/** Git's name for content, without filters; `length` tells its hash. `null`: too large to be worth it, or its bytes are gone. */
export function blobId(vault: Vault, entry: Entry, length: number): string | null {
  if (entry.kind === "link") return hashed(Buffer.from(entry.target), length);
  if (entry.kind !== "file" || entry.sizeBytes > LIMITS.unionSizeBytesMax || !vault.has(entry.digest)) return null;
  return hashed(vault.read(entry.digest), length);
}

function hashed(bytes: Buffer, length: number): string {
  return createHash(length === 64 ? "sha256" : "sha1")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
}

function byBranch(paths: readonly { path: TreePath; branch: string | null }[]): Map<string, TreePath[]> {
  const grouped = new Map<string, TreePath[]>();
  for (const { path, branch } of paths) {
    const ref = branch === null ? "HEAD" : `refs/heads/${branch}`;
    grouped.set(ref, [...(grouped.get(ref) ?? []), path]);
  }
  return grouped;
}

export function* batches(paths: readonly TreePath[]): Generator<TreePath[]> {
  let batch: TreePath[] = [];
  let bytes = 0;
  for (const path of paths) {
    bytes += Buffer.byteLength(path) + 32;
    if (bytes > BATCH_BYTES_MAX && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = Buffer.byteLength(path) + 32;
    }
    batch.push(path);
  }
  if (batch.length > 0) yield batch;
}
