/**
 * The workspaces in a vault: their lives, and what of their bytes is still counted on.
 *
 * A workspace that lives counts on what it began with, though the tree may have gone on; one that is over counts on nothing, and what it
 * had is as old as its end.
 */

import { ABSENT, type Digest, digestFromBytes, type Store } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Vault } from "./contract.ts";
import { beginningOf, lifePath, workspaceLives, workspaceOf } from "./workspace-versions.ts";

type InVault = Pick<Vault, "workspaces" | "workspace" | "beginWorkspace" | "endWorkspace">;

export function openWorkspaces(parts: {
  store: Store;
  begin: Vault["begin"];
  head: () => number;
  vaultOf: (name: string, tree: Tree) => Vault;
}): InVault {
  const { store, begin, head, vaultOf } = parts;
  const lives = () => workspaceLives(store);
  const isAlive = (name: string) => lives().some((life) => life.name === name && life.until === null);
  return {
    workspaces: lives,
    workspace: vaultOf,
    async beginWorkspace(name, root, alsoCommit) {
      if (isAlive(name)) return;
      const batch = begin();
      const fork = head();
      batch.note(lifePath(name), beginningOf(fork, root));
      await batch.commit(() => alsoCommit(fork));
    },
    async endWorkspace(name, alsoCommit) {
      const batch = begin();
      if (isAlive(name)) batch.note(lifePath(name), ABSENT);
      await batch.commit(alsoCommit);
    },
  };
}

/** The newest state of every path that stands somewhere: in the tree, or in a workspace that lives. */
export function currentDigests(store: Store): Set<Digest> {
  const lives = new Map(workspaceLives(store).map((life) => [life.name, life]));
  const current = new Set<Digest>();
  for (const { path, number, digest } of newestFiles(store, Number.MAX_SAFE_INTEGER, "1")) {
    const name = workspaceOf(path);
    const life = name === null ? null : lives.get(name);
    const stands = life === null || (life !== undefined && life.until === null && number > life.since);
    if (stands) current.add(digestFromBytes(digest));
  }
  const forks = [...lives.values()].filter(({ until }) => until === null).map(({ fork }) => fork);
  for (const fork of new Set(forks)) {
    for (const { digest } of newestFiles(store, fork, "(path < '.git/' OR path >= '.git0')"))
      current.add(digestFromBytes(digest));
  }
  return current;
}

/** What stood in workspaces that are over: digest → the version that ended it. */
export function endedDigests(store: Store): Map<Digest, number> {
  const lives = new Map(workspaceLives(store).map((life) => [life.name, life]));
  const ended = new Map<Digest, number>();
  for (const { path, number, digest } of newestFiles(
    store,
    Number.MAX_SAFE_INTEGER,
    "path >= '.git/' AND path < '.git0'",
  )) {
    const life = lives.get(workspaceOf(path) ?? "");
    if (life === undefined) continue;
    const over = number > life.since ? life.until : life.since;
    if (over !== null) ended.set(digestFromBytes(digest), Math.max(over, ended.get(digestFromBytes(digest)) ?? 0));
  }
  return ended;
}

function newestFiles(store: Store, upTo: number, scope: string) {
  return store.iterate<{ path: string; number: number; digest: Uint8Array }>(
    `SELECT v.path, v.number, v.digest
     FROM (SELECT path, max(number) AS newest FROM vault_version WHERE number <= ? AND ${scope} GROUP BY path) AS last
     JOIN vault_version v ON v.number = last.newest WHERE v.kind = 1`,
    upTo,
  );
}
