/** For tests of this room: a ledger on a real store in a folder. Opening it again opens the same one. */

import { join } from "node:path";
import type { Ports, Store, TreeId } from "../base/index.ts";
import type { Ledger } from "./contract.ts";
import type { NewRecord } from "./events.ts";
import { openLedger } from "./ledger.ts";
import { ledgerMigrations } from "./schema.ts";

export const TREE = "T0193a2f4" as TreeId;

export function openTestLedger(folder: string, ports: Ports): { store: Store; ledger: Ledger; segmentsDir: string } {
  const store = ports.stores.open(join(folder, "holdfast.db"));
  const known = store.get("SELECT 1 FROM sqlite_schema WHERE name = 'ledger_records'");
  if (known === undefined) for (const { sql } of ledgerMigrations) store.exec(sql);
  // No power is cut here; `test/crash` does that.
  store.exec("PRAGMA synchronous=OFF");
  const segmentsDir = join(folder, "ledger");
  return { store, ledger: openLedger({ store, ports, tree: TREE, segmentsDir }), segmentsDir };
}

/** A record that says `summary`, with the rest as in `more`. */
export function note(summary: string, more: Partial<NewRecord> = {}): NewRecord {
  return { event: "guard.stopped", actor: { kind: "human", name: "ann" }, summary, data: { reason: "test" }, ...more };
}
