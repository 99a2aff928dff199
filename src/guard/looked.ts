/**
 * When somebody last looked, and how far changes were handed over: what lets a daemon that was away say from when to when.
 *
 * Saved now and then, so a crash leaves it older than the truth: the blind stretch is told longer, never shorter, and some changes
 * are handed over again.
 */

import type { Migration, Store } from "../base/index.ts";
import type { RootIdentity } from "./root.ts";

export interface Looked {
  /** Unix ms. */
  readonly atMs: number;
  /** The vault's version up to which everything was judged. */
  readonly judgedUpTo: number;
  readonly root: RootIdentity | null;
  /** Where the rolling deep sweep goes on: the last path that it read; `null` at the beginning. */
  readonly deepAfter: string | null;
}

interface Row {
  at_ms: number;
  judged_up_to: number;
  root_dev: number | null;
  root_ino: number | null;
  deep_after: string | null;
}

/** Of the tree, or of one workspace. */
export interface LookedStore {
  load(): Looked | null;
  save(looked: Looked): void;
}

export function lookedOfTree(store: Store): LookedStore {
  return {
    load: () => fromRow(store.get<Row>("SELECT at_ms, judged_up_to, root_dev, root_ino, deep_after FROM guard_looked")),
    save: (looked) => void store.run("INSERT OR REPLACE INTO guard_looked VALUES (1, ?, ?, ?, ?, ?)", ...toRow(looked)),
  };
}

/** Where a workspace stands, too: it may have been moved since it was met. */
export interface WorkspaceLooked extends LookedStore {
  root(): string | null;
  /** It stands there from now on, and was never looked at. */
  begin(root: string): void;
  moved(root: string): void;
  forget(): void;
}

export function lookedOfWorkspace(store: Store, name: string): WorkspaceLooked {
  const root = () => store.get<{ root: string }>("SELECT root FROM guard_workspace WHERE name = ?", name)?.root ?? null;
  return {
    root,
    begin: (place) =>
      void store.run("INSERT OR REPLACE INTO guard_workspace VALUES (?, ?, NULL, NULL, NULL, NULL, NULL)", name, place),
    moved: (place) => void store.run("UPDATE guard_workspace SET root = ? WHERE name = ?", place, name),
    forget: () => void store.run("DELETE FROM guard_workspace WHERE name = ?", name),
    load: () =>
      fromRow(
        store.get<Row>(
          "SELECT at_ms, judged_up_to, root_dev, root_ino, deep_after FROM guard_workspace WHERE name = ? AND at_ms IS NOT NULL",
          name,
        ),
      ),
    save: (looked) => {
      const set = "at_ms = ?, judged_up_to = ?, root_dev = ?, root_ino = ?, deep_after = ?";
      store.run(`UPDATE guard_workspace SET ${set} WHERE name = ?`, ...toRow(looked), name);
    },
  };
}

function fromRow(row: Row | undefined): Looked | null {
  if (row === undefined) return null;
  const { at_ms, judged_up_to, root_dev, root_ino, deep_after } = row;
  const root = root_dev === null || root_ino === null ? null : { dev: root_dev, ino: root_ino };
  return { atMs: at_ms, judgedUpTo: judged_up_to, root, deepAfter: deep_after };
}

/** Unix ms; `null` where nobody ever did. */
export function lastLookMs(store: Store): number | null {
  return lookedOfTree(store).load()?.atMs ?? null;
}

function toRow({ atMs, judgedUpTo, root, deepAfter }: Looked) {
  return [atMs, judgedUpTo, root?.dev ?? null, root?.ino ?? null, deepAfter] as const;
}

export const lookedMigrations: Migration[] = [
  {
    room: "guard-looked",
    version: 1,
    sql: `
      -- One row. at_ms: somebody looked then. judged_up_to: a number of vault_version. A cache of nothing: lost, it begins anew.
      CREATE TABLE guard_looked (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        at_ms REAL NOT NULL,
        judged_up_to INTEGER NOT NULL,
        root_dev INTEGER,
        root_ino INTEGER,
        deep_after TEXT
      ) STRICT;
    `,
  },
  {
    room: "guard-looked",
    version: 2,
    sql: `
      -- The same of each workspace that lives, by git's name for it. at_ms is NULL until it was looked at.
      CREATE TABLE guard_workspace (
        name TEXT PRIMARY KEY,
        root TEXT NOT NULL,
        at_ms REAL,
        judged_up_to INTEGER,
        root_dev INTEGER,
        root_ino INTEGER,
        deep_after TEXT
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
