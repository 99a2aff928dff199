/**
 * The judgement's tables. Incidents and windows are folds over the ledger; drift that stands, and states that go on, are found again by
 * the judge's first look after a start. Nothing here is the only copy of anything.
 */

import type { Migration } from "../base/index.ts";

export const judgementMigrations: readonly Migration[] = [
  {
    room: "guard/judgement",
    version: 1,
    sql: `
      CREATE TABLE guard_incident (
        id TEXT PRIMARY KEY, state TEXT NOT NULL, key TEXT, last_drift_ms INTEGER NOT NULL, seq INTEGER NOT NULL, row TEXT NOT NULL
      ) STRICT;
      CREATE INDEX guard_incident_recent ON guard_incident (last_drift_ms);
      CREATE INDEX guard_incident_state ON guard_incident (state);

      -- What differs right now, and what was done about it. facet: content or mode.
      CREATE TABLE guard_drift (
        path TEXT NOT NULL, facet TEXT NOT NULL, incident TEXT NOT NULL, wo TEXT, drift TEXT NOT NULL,
        PRIMARY KEY (path, facet)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX guard_drift_incident ON guard_drift (incident);

      -- The last state of a path that was going on, on a branch, where it is not the accepted one. seq: the baseline's record.
      CREATE TABLE guard_going_on (
        path TEXT NOT NULL, branch TEXT NOT NULL, entry TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (path, branch)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE guard_window (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,
        from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, pid INTEGER
      ) STRICT;

      CREATE TABLE guard_memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  },
];
