import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { canonicalJson, digestOf, LIMITS, type Ports, type Store, type WorkOrderId } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import type { Ledger } from "./contract.ts";
import type { LedgerRecord, NewRecord } from "./events.ts";
import { ledgerMigrations, openLedger } from "./index.ts";
import { note, openTestLedger, TREE } from "./ledger-fixture.ts";

let folder: string;
let ports: Ports;
let store: Store;
let ledger: Ledger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  ports = realPorts();
  ({ store, ledger } = openTestLedger(folder, ports));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function append(...records: NewRecord[]): LedgerRecord[] {
  return store.transaction(() => records.map((record) => ledger.append(record)));
}
function withClock(nowMs: number): Ledger {
  const clock = { ...ports.clock, now: () => nowMs };
  return openLedger({ store, ports: { ...ports, clock }, tree: TREE, segmentsDir: join(folder, "ledger") });
}

test("an empty ledger has a head of zero and reads as nothing", () => {
  expect(ledger.head()).toEqual({ seq: 0, hash: "" });
  expect([...ledger.read()]).toEqual([]);
  expect(ledger.verify()).toEqual({ ok: true, records: 0, brokenAt: null, segments: [] });
});

test("appending outside a transaction is a defect", () => {
  expect(() => ledger.append(note("x"))).toThrow(/in the transaction/);
});

test("a record is read back as append returned it, and anybody can recompute its hash", () => {
  const [first, second] = append(
    note("one", { paths: ["src/a.ts"], cause: { what: "rm", confidence: 0.9 } }),
    note("two", { ok: false, wo: "WO-1" as WorkOrderId }),
  );
  expect([...ledger.read()]).toEqual([first, second]);
  expect(first).toMatchObject({ v: 1, seq: 1, tree: TREE, ok: true, prev: "", paths: ["src/a.ts"] });
  expect(second).toMatchObject({ seq: 2, ok: false, prev: first!.hash });
  const { hash, ...rest } = second!;
  expect(digestOf(rest.prev + canonicalJson(rest))).toBe(`sha256:${hash}`);
  expect(first!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a transaction that is rolled back takes its records with it", () => {
  append(note("kept"));
  expect(() =>
    store.transaction(() => {
      ledger.append(note("lost"));
      throw new Error("on purpose");
    }),
  ).toThrow("on purpose");
  expect(append(note("next"))[0]).toMatchObject({ seq: 2, summary: "next" });
  expect(ledger.verify()).toMatchObject({ ok: true, records: 2 });
});

test("two stores on one file append in turn to one chain", async () => {
  const other = openTestLedger(folder, ports);
  for (let round = 0; round < 20; round += 1) {
    const [side, writer] = round % 3 === 0 ? [other.store, other.ledger] : [store, ledger];
    side.transaction(() => {
      writer.append(note(`round ${round}`));
      writer.append(note(`again ${round}`));
    });
    if (round % 5 === 0) await writer.exportSegments();
  }
  expect(ledger.head()).toEqual(other.ledger.head());
  expect(ledger.verify()).toMatchObject({ ok: true, records: 40 });
  other.store.close();
});

test("a clock that was set back is told, and time never goes back", () => {
  const noonMs = Date.UTC(2026, 0, 1, 12);
  store.transaction(() => {
    withClock(noonMs).append(note("noon"));
    withClock(noonMs - 3_600_000).append(note("eleven"));
    withClock(noonMs + 1).append(note("after noon"));
  });
  const [noon, eleven, after] = [...ledger.read()];
  expect(eleven).toMatchObject({ ts: noon!.ts, clockBehindMs: 3_600_000 });
  expect(after).toMatchObject({ ts: "2026-01-01T12:00:00.001Z" });
  expect(after).not.toHaveProperty("clockBehindMs");
  expect(ledger.verify().ok).toBe(true);
});

test("long lists of paths are cut, and the record says how long they were", () => {
  const paths = Array.from({ length: LIMITS.ledgerPathsMax + 5 }, (_, index) => `p/${index}`);
  const [record] = append(note("many", { paths }));
  expect(record!.paths).toHaveLength(LIMITS.ledgerPathsMax);
  expect(record!.pathsTotal).toBe(LIMITS.ledgerPathsMax + 5);
});

test("data beyond its limit is a defect, data at the limit is not", () => {
  const overhead = '{"reason":""}'.length;
  const reason = "x".repeat(LIMITS.ledgerDataBytesMax - overhead);
  append(note("fits", { data: { reason } }));
  expect(() => append(note("too long", { data: { reason: `${reason}x` } }))).toThrow(/at most/);
});

test("text that is no Unicode is made so before it is hashed", () => {
  const [record] = append(note("half \ud800 a pair", { paths: ["a\udc00b"] }));
  expect(record).toMatchObject({ summary: "half \ufffd a pair", paths: ["a\ufffdb"] });
  expect([...ledger.read()]).toEqual([record]);
  expect(ledger.verify().ok).toBe(true);
});

test.each([
  "UPDATE ledger_records SET line = '{}' WHERE seq = 1",
  "DELETE FROM ledger_records WHERE seq = 2",
  "INSERT INTO ledger_records (seq, line) VALUES (2, '{}')",
  "UPDATE ledger_paths SET path = 'x'",
  "DELETE FROM ledger_paths",
])("records cannot be changed, removed or doubled: %s", (sql) => {
  append(note("one", { paths: ["a"] }), note("two", { paths: ["b"] }));
  expect(() => store.run(sql)).toThrow();
  expect(ledger.verify()).toMatchObject({ ok: true, records: 2 });
});

const queryRecord = fc.record({
  path: fc.constantFrom("a", "a/b", "a/b/c", "a0", "ab", "b"),
  wo: fc.option(fc.constantFrom("WO-1", "WO-2"), { nil: undefined }),
  component: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
  event: fc.constantFrom("guard.stopped" as const, "guard.started" as const),
  gapMs: fc.nat(2),
});

test("every query gives what filtering all records would give", () => {
  const base = Date.UTC(2026, 0, 1);
  const query = fc.record(
    {
      afterSeq: fc.nat(12),
      sinceMs: fc.nat(20).map((ms) => base + ms),
      untilMs: fc.nat(20).map((ms) => base + ms),
      path: fc.constantFrom("a", "a/b", "b", "zzz"),
      wo: fc.constantFrom("WO-1", "WO-9"),
      component: fc.constantFrom("x", "z"),
      events: fc.subarray(["guard.stopped" as const, "guard.started" as const]),
      limit: fc.integer({ min: 0, max: 5 }),
      newestFirst: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(queryRecord, { maxLength: 12 }), fc.array(query, { maxLength: 6 }), (given, queries) => {
      using fresh = disposableLedger();
      let nowMs = base;
      const clock = { ...ports.clock, now: () => nowMs };
      const writer = openLedger({ store: fresh.store, ports: { ...ports, clock }, tree: TREE, segmentsDir: folder });
      for (const { path, wo, component, event, gapMs } of given) {
        nowMs += gapMs;
        const data = event === "guard.stopped" ? { reason: "" } : { version: "" };
        fresh.store.transaction(() =>
          writer.append({ ...note("n"), event, data, paths: [path], wo: wo as WorkOrderId, component } as NewRecord),
        );
      }
      const all = [...writer.read()];
      for (const asked of queries) {
        const matching = all.filter(
          (record) =>
            record.seq > (asked.afterSeq ?? 0) &&
            Date.parse(record.ts) >= (asked.sinceMs ?? 0) &&
            Date.parse(record.ts) <= (asked.untilMs ?? Number.MAX_SAFE_INTEGER) &&
            (asked.path === undefined ||
              record.paths!.some((p) => p === asked.path || p.startsWith(`${asked.path}/`))) &&
            (asked.wo === undefined || record.wo === asked.wo) &&
            (asked.component === undefined || record.component === asked.component) &&
            (asked.events === undefined || asked.events.includes(record.event as "guard.stopped")),
        );
        const ordered = asked.newestFirst ? matching.reverse() : matching;
        expect([...writer.read(asked)]).toEqual(ordered.slice(0, asked.limit ?? ordered.length));
      }
    }),
    { numRuns: 60 },
  );
});

function disposableLedger(): { store: Store } & Disposable {
  const fresh = ports.stores.open(":memory:");
  for (const { sql } of ledgerMigrations) fresh.exec(sql);
  return { store: fresh, [Symbol.dispose]: () => fresh.close() };
}

test("since and until include their moment, and may lie anywhere", () => {
  const base = Date.UTC(2026, 0, 1);
  for (const ms of [0, 1, 1, 2]) store.transaction(() => withClock(base + ms).append(note("n")));
  const seqs = (query: object) => [...ledger.read(query)].map(({ seq }) => seq);
  expect(seqs({ sinceMs: base + 1, untilMs: base + 1 })).toEqual([2, 3]);
  expect(seqs({ sinceMs: base + 1 })).toEqual([2, 3, 4]);
  expect(seqs({ untilMs: base })).toEqual([1]);
  expect(seqs({ sinceMs: -1, untilMs: Number.MAX_SAFE_INTEGER })).toEqual([1, 2, 3, 4]);
  expect(seqs({ sinceMs: base + 3 })).toEqual([]);
});

test("reading goes beyond one page and one window, in both directions", () => {
  const count = LIMITS.ledgerWindowRecords + LIMITS.ledgerPageRecords + 3;
  store.transaction(() => {
    for (let index = 1; index <= count; index += 1) {
      ledger.append(note("n", index % 7_000 === 1 ? { component: "rare" } : {}));
    }
  });
  const seqs = (query: object) => [...ledger.read(query)].map(({ seq }) => seq);
  expect(seqs({})).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(seqs({ newestFirst: true })).toEqual(Array.from({ length: count }, (_, index) => count - index));
  expect(seqs({ component: "rare" })).toEqual([1, 7_001, 14_001]);
  expect(seqs({ component: "rare", newestFirst: true, limit: 2 })).toEqual([14_001, 7_001]);
});

test("a reader does not see what is appended while it reads", () => {
  append(note("one"), note("two"));
  const seen: number[] = [];
  for (const { seq } of ledger.read()) {
    seen.push(seq);
    append(note("more"));
  }
  expect(seen).toEqual([1, 2]);
});
