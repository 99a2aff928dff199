/**
 * The outbox: what is to be told and was not delivered yet, and when something was told last. Position and rows move in one commit, so a
 * record is told once it is in the ledger, whatever crashes: at least once, with the same id.
 */

import type { Migration } from "../base/index.ts";

export const alertMigrations: readonly Migration[] = [
  {
    room: "alerts",
    version: 1,
    sql: `
      -- channel: JSON, with secrets by reference. topic: what is grouped. next_ms: not before.
      CREATE TABLE alert_outbox (
        id TEXT PRIMARY KEY, channel TEXT NOT NULL, topic TEXT NOT NULL, alert TEXT NOT NULL,
        first_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, error TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX alert_outbox_topic ON alert_outbox (channel, topic);
      CREATE TABLE alert_sent (channel TEXT NOT NULL, topic TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
      CREATE INDEX alert_sent_at ON alert_sent (channel, at_ms);
      CREATE TABLE alert_memory (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  },
];
