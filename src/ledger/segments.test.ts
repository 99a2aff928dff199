import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS, type Ports, type Store } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import type { Ledger } from "./contract.ts";
import { importRecords, recoverFromSegments, replaySegments, type SegmentBreak } from "./index.ts";
import { note, openTestLedger } from "./ledger-fixture.ts";

let folder: string;
let ports: Ports;
let store: Store;
let ledger: Ledger;
let segmentsDir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  ports = realPorts();
  ({ store, ledger, segmentsDir } = openTestLedger(folder, ports));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const FIRST = "segment-00000001.jsonl";

function appendMany(count: number, summary = "n"): void {
  store.transaction(() => {
    for (let index = 0; index < count; index += 1)
      ledger.append(note(`${summary} ${index}`, { paths: [`p/${index}`] }));
  });
}
function segment(name = FIRST): string {
  return readFileSync(join(segmentsDir, name), "utf8");
}
function lines(): string[] {
  return store.all<{ line: string }>("SELECT line FROM ledger_records ORDER BY seq").map(({ line }) => line);
}
/** The same folder with an empty database. */
function loseDatabase(): void {
  store.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(join(folder, `holdfast.db${suffix}`), { force: true });
  ({ store, ledger } = openTestLedger(folder, ports));
}
function replayed(): { seqs: number[]; brokenAt: SegmentBreak | null } {
  const replay = replaySegments(segmentsDir, ports.disk);
  const seqs: number[] = [];
  let next = replay.next();
  for (; !next.done; next = replay.next()) seqs.push(next.value.seq);
  return { seqs, brokenAt: next.value };
}

test("an export writes each record once, as one line, whoever exports", async () => {
  appendMany(3);
  await ledger.exportSegments();
  await ledger.exportSegments();
  const other = openTestLedger(folder, ports);
  appendMany(2);
  await other.ledger.exportSegments();
  appendMany(2);
  await ledger.exportSegments();
  await other.ledger.exportSegments();
  other.store.close();
  expect(segment()).toBe(
    lines()
      .map((line) => `${line}\n`)
      .join(""),
  );
  expect(ledger.verify()).toMatchObject({ ok: true, records: 7, segments: [{ name: FIRST, records: 7, ok: true }] });
});

test("an export inside a transaction is a defect: it could tell what never happened", () => {
  expect(() => store.transaction(() => ledger.exportSegments())).toThrow(/committed/);
});

test("a segment that is full is followed by the next", async () => {
  appendMany(LIMITS.segmentRecordsMax - 1);
  await ledger.exportSegments();
  appendMany(3);
  await ledger.exportSegments();
  const second = `segment-${String(LIMITS.segmentRecordsMax + 1).padStart(8, "0")}.jsonl`;
  expect(readdirSync(segmentsDir).sort()).toEqual([FIRST, second]);
  expect(ledger.verify().segments).toEqual([
    { name: FIRST, records: LIMITS.segmentRecordsMax, ok: true, why: null },
    { name: second, records: 2, ok: true, why: null },
  ]);
  expect(replayed()).toMatchObject({ brokenAt: null });
  expect(replayed().seqs).toHaveLength(LIMITS.segmentRecordsMax + 2);
  unlinkSync(join(segmentsDir, FIRST));
  expect(ledger.verify().segments).toEqual([expect.objectContaining({ name: second, ok: false })]);
  expect(replayed()).toEqual({ seqs: [], brokenAt: expect.objectContaining({ segment: second, seq: 1 }) });
});

test("segments that were deleted are written again", async () => {
  appendMany(3);
  await ledger.exportSegments();
  rmSync(segmentsDir, { recursive: true });
  await ledger.exportSegments();
  expect(segment()).toBe(
    lines()
      .map((line) => `${line}\n`)
      .join(""),
  );
});

test("a line that was cut off is completed by the next export, wherever it was cut", async () => {
  appendMany(4);
  await ledger.exportSegments();
  const whole = segment();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (bytes) => {
      truncateSync(join(segmentsDir, FIRST), bytes);
      const again = openTestLedger(folder, ports);
      await again.ledger.exportSegments();
      again.store.close();
      expect(segment()).toBe(whole);
    }),
  );
});

test("any cut of a segment replays as a prefix, and the cut is told", async () => {
  appendMany(5);
  await ledger.exportSegments();
  const whole = segment();
  const ends = [...whole.matchAll(/\n/g)].map(({ index }) => index + 1);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (bytes) => {
      writeFileSync(join(segmentsDir, FIRST), whole.slice(0, bytes));
      const complete = ends.filter((end) => end <= bytes).length;
      const { seqs, brokenAt } = replayed();
      expect(seqs).toEqual([1, 2, 3, 4, 5].slice(0, complete));
      if (bytes === 0 || ends.includes(bytes)) expect(brokenAt).toBeNull();
      else expect(brokenAt).toEqual({ segment: FIRST, seq: complete + 1, why: expect.any(String), cutOff: true });
    }),
  );
});

test("any byte of a segment that is changed stops the replay at its line, and verify names it", async () => {
  appendMany(4);
  await ledger.exportSegments();
  const whole = readFileSync(join(segmentsDir, FIRST));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Buffer.from(whole);
      bytes[at] = bytes[at]! ^ flip;
      writeFileSync(join(segmentsDir, FIRST), bytes);
      const line = whole.subarray(0, at).filter((byte) => byte === 0x0a).length;
      const { seqs, brokenAt } = replayed();
      expect(seqs).toEqual([1, 2, 3, 4].slice(0, line));
      expect(brokenAt).toMatchObject({ seq: line + 1 });
      expect(ledger.verify()).toMatchObject({ ok: false, brokenAt: null, segments: [{ ok: false }] });
    }),
  );
});

test("a byte that is no UTF-8 is not taken for the character that replaces it", async () => {
  appendMany(1, "\ufffd");
  await ledger.exportSegments();
  const bytes = readFileSync(join(segmentsDir, FIRST)).toString("latin1");
  writeFileSync(join(segmentsDir, FIRST), bytes.replace("\xef\xbf\xbd", "\xff"), "latin1");
  expect(replayed().brokenAt).toMatchObject({ seq: 1 });
  expect(ledger.verify()).toMatchObject({ ok: false });
});

test("a lost database comes back from the segments, and goes on", async () => {
  appendMany(4);
  await ledger.exportSegments();
  const before = { lines: lines(), paths: store.all("SELECT * FROM ledger_paths") };
  loseDatabase();
  expect(recoverFromSegments({ store, disk: ports.disk, segmentsDir })).toEqual({
    imported: 4,
    brokenAt: null,
    setAside: [],
  });
  expect({ lines: lines(), paths: store.all("SELECT * FROM ledger_paths") }).toEqual(before);
  expect(recoverFromSegments({ store, disk: ports.disk, segmentsDir })).toEqual({
    imported: 0,
    brokenAt: null,
    setAside: [],
  });
  appendMany(1);
  await ledger.exportSegments();
  expect(ledger.verify()).toMatchObject({ ok: true, records: 5, segments: [{ records: 5 }] });
});

test("a database that is an older copy gets the records that only the segments have", async () => {
  appendMany(2);
  store.copyTo(join(folder, "copy.db"));
  appendMany(3);
  await ledger.exportSegments();
  const before = lines();
  loseDatabase();
  store.close();
  rmSync(join(folder, "holdfast.db"));
  ports.disk.rename(join(folder, "copy.db"), join(folder, "holdfast.db"));
  ({ store, ledger } = openTestLedger(folder, ports));
  await expect(ledger.exportSegments()).rejects.toThrow(/does not fit the store/);
  expect(recoverFromSegments({ store, disk: ports.disk, segmentsDir })).toMatchObject({ imported: 3, setAside: [] });
  expect(lines()).toEqual(before);
});

test("a damaged segment gives what stands before the damage, is kept aside, and is exported anew", async () => {
  appendMany(5);
  await ledger.exportSegments();
  const damaged = segment().replace('"summary":"n 2"', '"summary":"n X"');
  writeFileSync(join(segmentsDir, FIRST), damaged);
  loseDatabase();
  const recovered = recoverFromSegments({ store, disk: ports.disk, segmentsDir });
  expect(recovered).toEqual({
    imported: 2,
    brokenAt: { segment: FIRST, seq: 3, why: "its hash does not fit its content", cutOff: false },
    setAside: [`${FIRST}.aside-1`],
  });
  expect(segment(`${FIRST}.aside-1`)).toBe(damaged);
  appendMany(1, "new");
  await ledger.exportSegments();
  expect(ledger.verify()).toMatchObject({ ok: true, records: 3, segments: [{ name: FIRST, records: 3 }] });
});

test("a segment of another history is set aside, not believed", async () => {
  appendMany(3);
  await ledger.exportSegments();
  loseDatabase();
  appendMany(2, "another");
  await expect(ledger.exportSegments()).rejects.toThrow(/does not fit the store/);
  expect(recoverFromSegments({ store, disk: ports.disk, segmentsDir })).toMatchObject({
    imported: 0,
    brokenAt: { seq: 1 },
    setAside: [`${FIRST}.aside-1`],
  });
  await ledger.exportSegments();
  expect(ledger.verify()).toMatchObject({ ok: true, records: 2 });
});

test("a hole before an intact last line, as a crash may leave it, is not built upon", async () => {
  appendMany(20);
  await ledger.exportSegments();
  const bytes = readFileSync(join(segmentsDir, FIRST));
  bytes.fill(0, 4_096, 4_200);
  writeFileSync(join(segmentsDir, FIRST), bytes);
  const again = openTestLedger(folder, ports);
  await expect(again.ledger.exportSegments()).rejects.toThrow(/does not fit the store/);
  expect(recoverFromSegments({ store, disk: ports.disk, segmentsDir }).setAside).toEqual([`${FIRST}.aside-1`]);
  await again.ledger.exportSegments();
  again.store.close();
  expect(ledger.verify()).toMatchObject({ ok: true, records: 20, segments: [{ records: 20 }] });
});

test("one record that is longer than what is synced at once is exported and recovered", async () => {
  const paths = Array.from({ length: 900 }, (_, index) => `${"x".repeat(600)}/${index}`);
  appendMany(2);
  store.transaction(() => ledger.append(note("long", { paths })));
  await ledger.exportSegments();
  appendFileSync(join(segmentsDir, FIRST), "half a li");
  const again = openTestLedger(folder, ports);
  await again.ledger.exportSegments();
  again.store.close();
  const before = lines();
  loseDatabase();
  importRecords(store, replaySegments(segmentsDir, ports.disk));
  expect(lines()).toEqual(before);
  expect(existsSync(join(segmentsDir, `${FIRST}.aside-1`))).toBe(false);
});
