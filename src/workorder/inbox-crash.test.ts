/** The process ends between every two steps of taking files in; the next one finds everything taken exactly once. */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { FakeClock, OperationCounter, SimulatedCrash } from "../../test/fakes/index.ts";
import { type Disk, digestOf, isoTime, type Ports, type Store } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { carryOut } from "./carry-out.ts";
import { Inbound } from "./inbound.ts";
import { openInbox } from "./inbox.ts";
import { drop, openIntake, orderText } from "./inbox-fixture.ts";
import type { Submission } from "./receive.ts";
import { makeTestTree, recordsOf, type TestTree } from "./world-fixture.ts";

const INBOX = "bridge/inbox/CLC";
let tree: TestTree;
afterEach(() => tree.end());

describe("a crash while files are taken in", () => {
  it("leaves nothing undone, and does nothing twice, wherever it comes", async () => {
    const whole = await crashAt(Number.POSITIVE_INFINITY);
    tree.end();
    expect(whole.count).toBeGreaterThan(30);
    for (let at = 1; at <= whole.count; at += 1) {
      const counter = await crashAt(at);
      await finish(at);
      counter.outside(() => tree.end());
    }
  }, 90_000);
});

/** Takes everything in until the crash at step `at`. */
async function crashAt(at: number): Promise<OperationCounter> {
  tree = makeTestTree();
  dropAll();
  const counter = new OperationCounter();
  counter.crashAt(at);
  const clock = new FakeClock(Date.now() + 1_000);
  const world = tree.open(crashing(counter, clock));
  const engine = {
    async submit(submissions: readonly Submission[]) {
      const inbound = new Inbound();
      const taken = inbound.add(submissions);
      taken.catch(() => undefined);
      await carryOut({ rows: [], intake: inbound.take(world) }, world, new AbortController().signal);
      return taken;
    },
    complete: () => undefined,
  };
  const inbox = openInbox(world, engine);
  try {
    for (let waiting = 1; waiting > 0; await clock.advance(inbox.settleMs())) ({ waiting } = await inbox.scan());
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
  }
  return counter;
}

/** A new process: recovers, runs what it knows of, and takes in what still lies there. */
async function finish(at: number): Promise<void> {
  const { world, engine, drain } = await openIntake(tree, { clock: new FakeClock(Date.now() + 10_000) });
  engine.wake();
  await drain();
  const day = isoTime(world.ports.clock.now()).slice(0, 10);
  const where = `after a crash at step ${at}`;
  expect(tree.names(INBOX), where).toEqual([]);
  expect(tree.names(`bridge/archive/CLC/${day}`), where).toEqual([
    "ack.json",
    "ack.json.reason.json",
    "failing.yaml",
    "folder",
    "good.yaml",
    "many.yaml",
  ]);
  expect(tree.names("bridge/failed/CLC"), where).toEqual(["wrong.yaml", "wrong.yaml.error.json"]);
  expect(
    recordsOf(world, "wo.received")
      .map(({ wo }) => wo)
      .sort(),
    where,
  ).toEqual(["WO-FAILING", "WO-FOLDER", "WO-GOOD", "WO-M1", "WO-M2"]);
  expect(
    world.book
      .rows()
      .map(({ id, stage, attempt }) => `${id} ${stage} ${attempt}`)
      .sort(),
    where,
  ).toEqual([
    "WO-FAILING refused 1",
    "WO-FOLDER accepted 1",
    "WO-GOOD accepted 1",
    "WO-M1 accepted 1",
    "WO-M2 accepted 1",
  ]);
  expect(
    recordsOf(world, "wo.set-aside")
      .map(({ paths }) => paths?.[0])
      .sort(),
    where,
  ).toEqual([`${INBOX}/ack.json`, `${INBOX}/wrong.yaml`]);
  for (const folder of ["bridge/archive/CLC", "bridge/failed", INBOX]) {
    expect(
      readdirSync(tree.place(folder), { recursive: true }).filter((name) => String(name).includes(".holdfast")),
      where,
    ).toEqual([]);
  }
}

function dropAll(): void {
  drop(tree, `${INBOX}/good.yaml`, orderText("WO-GOOD", "a.txt", "x"));
  drop(tree, `${INBOX}/failing.yaml`, "wo_id: WO-FAILING\nedits:\n  - {path: none.txt, find: x, replace: y}\n");
  drop(tree, `${INBOX}/many.yaml`, `${orderText("WO-M1", "b.txt", "x")}---\n${orderText("WO-M2", "c.txt", "y")}`);
  drop(tree, `${INBOX}/wrong.yaml`, "wo_id: WO-W\nwo_id: WO-W\n");
  drop(
    tree,
    `${INBOX}/ack.json`,
    '{"wo_id":"WO-9","status":"success","completed_at":"2025-11-29T21:36:37Z","result":null}',
  );
  const order = orderText("WO-FOLDER", "f.txt", "x");
  mkdirSync(tree.place(`${INBOX}/folder`));
  writeFileSync(tree.place(`${INBOX}/folder/folder.yaml`), order);
  writeFileSync(tree.place(`${INBOX}/folder/checksums.sha256`), `${digestOf(order).slice(7)}  folder.yaml\n`);
}

const CHANGES = [
  "createNew",
  "openAppend",
  "write",
  "mkdir",
  "rmdir",
  "link",
  "rename",
  "unlink",
  "chmod",
  "syncDir",
  "syncAll",
  "fdatasync",
  "fsync",
] as const;

/** The real ports, each change of the disk and each commit counted. The store is opened before anything is counted. */
function crashing(counter: OperationCounter, clock: FakeClock): Partial<Ports> {
  const ports = realPorts();
  const disk = { ...ports.disk };
  for (const name of CHANGES) {
    const real = ports.disk[name] as (...args: unknown[]) => unknown;
    (disk as Record<string, unknown>)[name] = (...args: unknown[]) => {
      counter.change(name, String(args[0]));
      return real(...args);
    };
  }
  const open = (path: string): Store => {
    const store = ports.stores.open(path);
    const transaction = store.transaction.bind(store);
    store.transaction = <T>(work: () => T): T => {
      if (!store.inTransaction) counter.change("commit", path);
      return transaction(work);
    };
    return store;
  };
  return { clock, disk: disk as Disk, stores: { ...ports.stores, open } };
}
