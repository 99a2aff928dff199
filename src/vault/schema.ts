/** The vault's tables: an index over the packs, which hold the truth. `rebuildIndex` makes all of it again from the packs. */

import type { Migration } from "../base/index.ts";

export const vaultMigrations: Migration[] = [
  {
    room: "vault",
    version: 1,
    sql: `
      -- Packs that hold committed records. What lies behind end_bytes was never committed.
      CREATE TABLE vault_pack (
        number INTEGER PRIMARY KEY,
        end_bytes INTEGER NOT NULL
      ) STRICT;

      -- Every committed record of any kind.
      CREATE TABLE vault_record (
        number INTEGER PRIMARY KEY,
        pack INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        raw_length INTEGER NOT NULL,
        kind INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX vault_record_by_pack ON vault_record (pack, offset);

      -- Content of at most one block: where in which block's raw bytes it lies. added_at: the newest version number when it was
      -- put, or last counted on by a batch that noted no version of it.
      CREATE TABLE vault_piece (
        digest BLOB PRIMARY KEY,
        record INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        added_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Longer content: the digests of its pieces, 32 bytes each, in order.
      CREATE TABLE vault_run (
        digest BLOB PRIMARY KEY,
        record INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        pieces BLOB NOT NULL,
        added_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Every state that was remembered of every path; never removed, even when the bytes are.
      CREATE TABLE vault_version (
        number INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        kind INTEGER NOT NULL,
        mode INTEGER NOT NULL,
        digest BLOB,
        size_bytes INTEGER NOT NULL,
        target TEXT,
        seen_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX vault_version_by_path ON vault_version (path, number);

      -- One committed record of versions: the last number in it, and its place in the chain.
      CREATE TABLE vault_moment (
        up_to INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX vault_moment_by_time ON vault_moment (at_ms, up_to);

      CREATE TABLE vault_snapshot (
        id TEXT PRIMARY KEY,
        record INTEGER NOT NULL,
        up_to INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      -- Content that was forgotten on purpose: its absence is no loss.
      CREATE TABLE vault_forgotten (
        digest BLOB PRIMARY KEY
      ) STRICT, WITHOUT ROWID;

      -- epoch grows whenever bytes are removed: a batch that began before looks again at what it counted on. No pack gets a number
      -- up to last_removed_pack again: somebody may still hold the old one open.
      CREATE TABLE vault_state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch INTEGER NOT NULL,
        last_removed_pack INTEGER NOT NULL
      ) STRICT;
      INSERT INTO vault_state VALUES (1, 0, 0);
    `,
  },
];
