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

export function loadLooked(store: Store): Looked | null {
  const row = store.get<Row>("SELECT at_ms, judged_up_to, root_dev, root_ino, deep_after FROM guard_looked");
  if (row === undefined) return null;
  const { at_ms, judged_up_to, root_dev, root_ino, deep_after } = row;
  const root = root_dev === null || root_ino === null ? null : { dev: root_dev, ino: root_ino };
  return { atMs: at_ms, judgedUpTo: judged_up_to, root, deepAfter: deep_after };
}

/** Unix ms; `null` where nobody ever did. */
export function lastLookMs(store: Store): number | null {
  return loadLooked(store)?.atMs ?? null;
}

export function saveLooked(store: Store, { atMs, judgedUpTo, root, deepAfter }: Looked): void {
  store.run(
    "INSERT OR REPLACE INTO guard_looked VALUES (1, ?, ?, ?, ?, ?)",
    atMs,
    judgedUpTo,
    root?.dev ?? null,
    root?.ino ?? null,
    deepAfter,
  );
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
];
