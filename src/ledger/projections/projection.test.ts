import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS, type Ports, type Store, type WorkOrderId } from "../../base/index.ts";
import { realPorts } from "../../platform/index.ts";
import type { Ledger } from "../contract.ts";
import type { NewRecord } from "../events.ts";
import { note, openTestLedger } from "../ledger-fixture.ts";
import { mls } from "./mls.ts";
import { openProjector, type Projection } from "./projection.ts";
import { telemetry, telemetryLine } from "./telemetry.ts";

let folder: string;
let root: string;
let file: string;
let ports: Ports;
let store: Store;
let ledger: Ledger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  root = join(folder, "tree");
  mkdirSync(root);
  file = join(root, "g/telemetry/unified.jsonl");
  ports = realPorts();
  ({ store, ledger } = openTestLedger(folder, ports));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function append(count: number, more: Partial<NewRecord> = {}): void {
  store.transaction(() => {
    for (let index = 0; index < count; index += 1) ledger.append(note(`n ${index}`, more));
  });
}
/** As a process that just started: nothing is remembered but what is on the disk. */
function started(): { follow(): Promise<void>; projection: Projection } {
  const projection = telemetry(file, { store, disk: ports.disk, root });
  const projector = openProjector({ store, ledger, clock: ports.clock, disk: ports.disk });
  return { follow: () => projector.follow(projection), projection };
}
function ownLines(): string[] {
  return [...ledger.read()].map((record) => JSON.stringify(telemetryLine(record)));
}
function fileLines(): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

test("each record becomes one line, once, however often and by whomever it is followed", async () => {
  append(3);
  const first = started();
  await first.follow();
  await first.follow();
  append(2);
  await started().follow();
  append(1);
  await first.follow();
  expect(fileLines()).toEqual(ownLines());
  expect(fileLines()).toHaveLength(6);
});

test("more records than one page are followed to the end", async () => {
  append(LIMITS.ledgerPageRecords * 2);
  await started().follow();
  append(1);
  await started().follow();
  expect(fileLines()).toEqual(ownLines());
});

test("a deleted file is built again, also by a process that saw it before", async () => {
  append(3);
  const { follow } = started();
  await follow();
  rmSync(join(root, "g"), { recursive: true });
  await follow();
  expect(fileLines()).toEqual(ownLines());
});

test("a store that forgot its positions finds its own lines in the file", async () => {
  append(3);
  await started().follow();
  appendFileSync(file, '{"event":"router.start"}\n');
  store.run("DELETE FROM projection_positions");
  store.run("DELETE FROM projection_files");
  append(1);
  await started().follow();
  const own = ownLines();
  expect(fileLines()).toEqual([...own.slice(0, 3), '{"event":"router.start"}', own[3]]);
});

test("a rebuilding that is cut off in the middle is finished by the next process", async () => {
  append(LIMITS.ledgerPageRecords * 2 + 10);
  await started().follow();
  const own = ownLines();
  const kept = own.slice(LIMITS.ledgerPageRecords + 5);
  writeFileSync(file, kept.map((line) => `${line}\n`).join(""));
  const killed = openProjector({
    store,
    ledger,
    disk: ports.disk,
    clock: { ...ports.clock, breathe: () => Promise.reject(new Error("killed")) },
  });
  await expect(killed.follow(started().projection)).rejects.toThrow("killed");
  expect(fileLines()).toHaveLength(kept.length + LIMITS.ledgerPageRecords);
  await started().follow();
  expect(fileLines().sort()).toEqual(own.sort());
});

test("a place that moved is filled from the beginning, and the old file stays", async () => {
  append(2);
  await started().follow();
  const old = file;
  file = join(root, "elsewhere.jsonl");
  await started().follow();
  expect(fileLines()).toEqual(ownLines());
  expect(readFileSync(old, "utf8")).toBe(readFileSync(file, "utf8"));
});

test("a line that somebody left without a newline is not run together with ours", async () => {
  mkdirSync(join(root, "g/telemetry"), { recursive: true });
  writeFileSync(file, '{"event":"half');
  append(1);
  await started().follow();
  expect(fileLines()).toEqual(['{"event":"half', ...ownLines()]);
});

test("lines of others that look like ours are not taken for ours", async () => {
  append(2);
  const [own] = ownLines().map((line) => JSON.parse(line));
  const foreign = [
    { ...own, ts: "2020-01-01T00:00:00.000Z" },
    { ...own, event: "another" },
    { ...own, seq: String(own.seq) },
    { detail: own },
    [own],
  ].map((line) => JSON.stringify(line));
  mkdirSync(join(root, "g/telemetry"), { recursive: true });
  writeFileSync(file, `${foreign.join("\n")}\n`);
  await started().follow();
  expect(fileLines()).toEqual([...foreign, ...ownLines()]);
});

test.each([
  ["the file", () => symlinkSync(join(folder, "outside"), file)],
  [
    "a folder on the way",
    () => {
      rmSync(join(root, "g"), { recursive: true });
      symlinkSync(folder, join(root, "g"));
    },
  ],
])("nothing is written through a symbolic link at %s", async (_, plant) => {
  mkdirSync(join(root, "g/telemetry"), { recursive: true });
  plant();
  append(1);
  await expect(started().follow()).rejects.toMatchObject({ code: "PATH_THROUGH_LINK" });
  expect(existsSync(join(folder, "outside"))).toBe(false);
  expect(existsSync(join(folder, "telemetry"))).toBe(false);
});

test("a fifo in the place of the file is refused, not waited for", async () => {
  mkdirSync(join(root, "g/telemetry"), { recursive: true });
  await ports.process.run({ command: ["mkfifo", file], cwd: root, timeoutMs: 5_000 });
  append(1);
  await expect(started().follow()).rejects.toMatchObject({ code: "PATH_INVALID" });
});

test("a tree that is not there is not made", async () => {
  rmSync(root, { recursive: true });
  append(1);
  await expect(started().follow()).rejects.toMatchObject({ code: "TREE_NOT_FOUND" });
  expect(existsSync(root)).toBe(false);
});

test("the daily ledger is built again day by day, next to the lines of others", async () => {
  const places = join(root, "mls/ledger");
  const start = () => mls(places, { store, disk: ports.disk, root });
  const projector = openProjector({ store, ledger, clock: ports.clock, disk: ports.disk });
  append(1, { event: "wo.completed", wo: "WO-1" as WorkOrderId, data: { summary: "s" } });
  append(1, { event: "wo.started", wo: "WO-2" as WorkOrderId, data: {} });
  append(1, { event: "wo.failed", wo: "WO-2" as WorkOrderId, data: { message: "m" } });
  await projector.follow(start());
  const day = join(places, `${[...ledger.read()][0]!.ts.slice(0, 10)}.jsonl`);
  const built = readFileSync(day, "utf8");
  expect(
    built
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { type: "improvement", links: { wo_id: "WO-1" }, source: { producer: "holdfast" }, seq: 1 },
    { type: "failure", links: { wo_id: "WO-2" }, memo: "m", seq: 3 },
  ]);
  const foreign = '{"ts":"2025-11-13T00:23:01+0700","type":"solution","source":{"producer":"cls"},"seq":1}\n';
  writeFileSync(day, foreign);
  await projector.rebuild(start());
  expect(readFileSync(day, "utf8")).toBe(foreign + built);
});
