/**
 * The ledger's tables.
 *
 * Invariant: a row is the exported line and nothing else. What queries need of it is computed by SQLite from that line, so that no
 * column can say anything else than the record does. `ledger_paths` is the one index that SQLite cannot compute; `verify` checks it.
 * Records are never changed nor removed: triggers refuse it, also to code that forgot. There is none on INSERT: with one, SQLite keeps a
 * statement journal, which makes each append three times as dear; a gap in `seq` is found by `verify`, a second record by the key.
 */

import type { Migration } from "../base/index.ts";

const RECORDS = `
CREATE TABLE ledger_records (
  seq INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  ts TEXT GENERATED ALWAYS AS (line ->> 'ts') VIRTUAL,
  event TEXT GENERATED ALWAYS AS (line ->> 'event') VIRTUAL,
  wo TEXT GENERATED ALWAYS AS (line ->> 'wo') VIRTUAL,
  component TEXT GENERATED ALWAYS AS (line ->> 'component') VIRTUAL
);
CREATE INDEX ledger_records_ts ON ledger_records (ts);
CREATE INDEX ledger_records_event ON ledger_records (event);
CREATE INDEX ledger_records_wo ON ledger_records (wo) WHERE wo IS NOT NULL;
CREATE INDEX ledger_records_component ON ledger_records (component) WHERE component IS NOT NULL;

CREATE TABLE ledger_paths (
  path TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (path, seq)
) WITHOUT ROWID;

CREATE TRIGGER ledger_records_no_update BEFORE UPDATE ON ledger_records
  BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_records_no_delete BEFORE DELETE ON ledger_records
  BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_paths_no_update BEFORE UPDATE ON ledger_paths
  BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_paths_no_delete BEFORE DELETE ON ledger_paths
  BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
`;

/** Where each projection stands. Losing these rows costs a scan of the projected files, never a doubled line. */
const PROJECTIONS = `
CREATE TABLE projection_positions (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE projection_files (
  projection TEXT NOT NULL,
  file TEXT NOT NULL,
  scan_from INTEGER NOT NULL,
  anchor_at INTEGER NOT NULL,
  anchor_key TEXT NOT NULL,
  PRIMARY KEY (projection, file)
) WITHOUT ROWID;
`;

export const ledgerMigrations: readonly Migration[] = [
  { room: "ledger", version: 1, sql: RECORDS },
  { room: "ledger", version: 2, sql: PROJECTIONS },
];
