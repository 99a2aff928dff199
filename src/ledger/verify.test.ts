import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ports, SqlValue, Store, WorkOrderId } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { lineOf, seal } from "./chain.ts";
import type { Ledger } from "./contract.ts";
import type { LedgerRecord } from "./events.ts";
import { note, openTestLedger } from "./ledger-fixture.ts";

let folder: string;
let ports: Ports;
let store: Store;
let ledger: Ledger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  ports = realPorts();
  ({ store, ledger } = openTestLedger(folder, ports));
  store.transaction(() => {
    for (const path of ["a", "b", "c", "d"]) {
      ledger.append(
        note("n", {
          actor: { kind: "agent", name: "codex", pid: 7, session: "s" },
          wo: "WO-1" as WorkOrderId,
          component: "x",
          incident: "I1",
          paths: [path],
          cause: { what: "rm", actor: "codex", pid: 7, confidence: 0.5 },
        }),
      );
    }
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** As somebody with the file and `sqlite3` would. */
function tamper(sql: string, ...values: SqlValue[]): void {
  const triggers = store.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) store.exec(`DROP TRIGGER ${name}`);
  store.run(sql, ...values);
}
function third(): LedgerRecord {
  return [...ledger.read()][2]!;
}

const CHANGES: { [field: string]: (record: LedgerRecord) => unknown } = {
  v: (record) => ({ ...record, v: 2 }),
  seq: (record) => ({ ...record, seq: 4 }),
  id: (record) => ({ ...record, id: record.id.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) }),
  ts: (record) => ({ ...record, ts: new Date(Date.parse(record.ts) + 1).toISOString() }),
  tree: (record) => ({ ...record, tree: "other" }),
  actor: (record) => ({ ...record, actor: { ...record.actor, name: "ann" } }),
  event: (record) => ({ ...record, event: "guard.started" }),
  ok: (record) => ({ ...record, ok: false }),
  wo: (record) => ({ ...record, wo: "WO-2" }),
  component: ({ component: _, ...record }) => record,
  incident: (record) => ({ ...record, incident: "I2" }),
  paths: (record) => ({ ...record, paths: ["z"] }),
  cause: (record) => ({ ...record, cause: { ...record.cause, confidence: 0.6 } }),
  summary: (record) => ({ ...record, summary: "m" }),
  data: (record) => ({ ...record, data: { reason: "another" } }),
  prev: (record) => ({ ...record, prev: "0".repeat(64) }),
  hash: (record) => ({ ...record, hash: "0".repeat(64) }),
};

test.each(Object.keys(CHANGES))("a changed %s is found, and its record is named", (field) => {
  const record = third();
  const original = lineOf(record);
  const { hash, ...body } = CHANGES[field]!(record) as LedgerRecord;
  // The old hash stays, so only the field differs; `seal` would hide the change in a new chain.
  const line = original.replace(/^.*$/, () => `${seal(body).line.slice(0, -66)}${hash}"}`);
  expect(line).not.toBe(original);
  tamper("UPDATE ledger_records SET line = ? WHERE seq = 3", line);
  expect(ledger.verify()).toMatchObject({ ok: false, records: 4, brokenAt: { seq: 3 } });
});

test("a record that is sealed again after a change breaks the chain at the next one", () => {
  const { hash: _, ...body } = third();
  tamper("UPDATE ledger_records SET line = ? WHERE seq = 3", seal({ ...body, summary: "forged" }).line);
  expect(ledger.verify().brokenAt).toEqual({ seq: 4, why: "its prev is not the hash of the record before it" });
});

test("a removed record is a gap, whether in the middle or at the beginning", () => {
  tamper("DELETE FROM ledger_records WHERE seq = 2");
  expect(ledger.verify().brokenAt).toEqual({ seq: 3, why: "gap in seq: 3 follows 1" });
  tamper("DELETE FROM ledger_records WHERE seq = 1");
  expect(ledger.verify().brokenAt).toEqual({ seq: 3, why: "gap in seq: 3 follows 0" });
});

test("a record that was cut away at the end is found by the segments", async () => {
  await ledger.exportSegments();
  tamper("DELETE FROM ledger_records WHERE seq = 4");
  tamper("DELETE FROM ledger_paths WHERE seq = 4");
  expect(ledger.verify()).toMatchObject({
    ok: false,
    brokenAt: null,
    segments: [{ ok: false, why: "record 4 is not in the store" }],
  });
});

test("a line that is no record is named as such", () => {
  tamper("UPDATE ledger_records SET line = ? WHERE seq = 3", '{"a":1}');
  expect(ledger.verify().brokenAt).toEqual({ seq: 3, why: "it does not end in a hash" });
});

test("an index of paths that hides or invents a record is found", () => {
  tamper("UPDATE ledger_paths SET path = 'elsewhere' WHERE seq = 3");
  expect(ledger.verify().brokenAt).toEqual({ seq: 3, why: "the index of paths does not fit its paths" });
  tamper("DELETE FROM ledger_paths WHERE seq = 3");
  expect(ledger.verify().brokenAt?.seq).toBe(3);
  tamper("INSERT INTO ledger_paths (path, seq) VALUES ('c', 3), ('c', 2)");
  expect(ledger.verify().brokenAt?.seq).toBe(2);
});
