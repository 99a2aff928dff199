/** Orders with commands, whose process ends at every moment at which it asks something of the store, the disk or a command. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { HoldfastError, type Ports, type WorkOrderId } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { Engine } from "./engine.ts";
import type { Step, WorkOrder } from "./order.ts";
import { orderFromOperations } from "./order-from-operations.ts";
import type { Submission } from "./receive.ts";
import { makeTestTree, recordsOf, type TestTree } from "./world-fixture.ts";

class Killed extends Error {}

let tree: TestTree;
afterEach(() => tree?.end());

const MOMENTS_MAX = 60;

/** Ports that do nothing more from moment `at` on: a moment is before a transaction, around a command, before a barrier. */
function mortal(at: number): { ports: Partial<Ports>; passed: () => number } {
  let moments = 0;
  const moment = () => {
    moments += 1;
    if (moments >= at) throw new Killed(`at moment ${at}`);
  };
  const { disk, process, stores } = realPorts();
  return {
    passed: () => moments,
    ports: {
      clock: quick(),
      disk: {
        ...disk,
        syncAll: async (paths) => {
          moment();
          await disk.syncAll(paths);
        },
      },
      process: {
        ...process,
        run: async (request) => {
          moment();
          const result = await process.run(request);
          moment();
          return result;
        },
      },
      stores: {
        ...stores,
        open: (path, options) => {
          const store = stores.open(path, options);
          const transaction = <T>(work: () => T): T => {
            if (!store.inTransaction) moment();
            return store.transaction(work);
          };
          return new Proxy(store, {
            get: (real, key) => {
              if (key === "transaction") return transaction;
              const value = Reflect.get(real, key) as unknown;
              return typeof value === "function" ? value.bind(real) : value;
            },
          });
        },
      },
    },
  };
}

function quick(): Ports["clock"] {
  const { clock } = realPorts();
  return { ...clock, sleep: (_ms, signal) => clock.sleep(1, signal) };
}

const step = (shell: string): Step => ({
  name: shell,
  run: { shell },
  timeoutMs: null,
  retries: 0,
  retryDelayMs: 0,
  alwaysRun: false,
});

/** Its steps count themselves outside the tree, where nothing is undone. */
function submission(base: string, idempotent: boolean): Submission {
  const body = orderFromOperations({
    id: "WO-1" as WorkOrderId,
    title: "steps",
    tags: [],
    operations: [
      { op: "write", path: "written", content: Buffer.from("new\n").toString("base64"), mode: null, sha256: null },
    ],
  });
  const steps = [
    step(`echo 1 >> '${base}/ran'; echo stepped > log; mkdir -p made; echo x > made/in`),
    step(`echo 2 >> '${base}/ran'; rm -f gone`),
  ];
  const order: WorkOrder = { ...body, steps, idempotent };
  const from = { filename: null, agent: null, via: "cli", inboxPath: null } as const;
  return { order, raw: Buffer.from(JSON.stringify(order)), ...from, actor: { kind: "human", name: "me" } };
}

function makeTree(): void {
  tree = makeTestTree({
    config: "",
    make: (root) => {
      writeFileSync(join(root, "log"), "before\n");
      writeFileSync(join(root, "gone"), "gone\n");
    },
  });
}

const BEFORE = { gone: "gone\n", log: "before\n" };
const AFTER = { log: "stepped\n", "made/in": "x\n", written: "new\n" };

function texts(): Record<string, string> {
  const names = readdirSync(tree.root, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((path) => [path.slice(tree.root.length + 1), readFileSync(path, "utf8")]));
}

const runs = () =>
  existsSync(join(tree.base, "ran")) ? readFileSync(join(tree.base, "ran"), "utf8").split("\n").length - 1 : 0;

async function untilKilled(at: number, idempotent: boolean): Promise<number> {
  const { ports, passed } = mortal(at);
  const world = tree.open(ports);
  const engine = new Engine(
    world,
    () => undefined,
    () => undefined,
  );
  const submitted = engine.submit([submission(tree.base, idempotent)]);
  for (const ending of await Promise.allSettled([submitted, engine.drained()]))
    if (ending.status === "rejected" && !(ending.reason instanceof Killed)) throw ending.reason;
  return passed();
}

async function restarted(): Promise<ReturnType<TestTree["open"]>> {
  const world = tree.open({ clock: quick() });
  const engine = new Engine(world, () => undefined);
  await engine.recover();
  await engine.drained();
  expect(engine.trouble).toBeNull();
  await engine.stop();
  return world;
}

it.each([
  ["run at most once", false],
  ["that are idempotent run until they are through", true],
])(
  "steps %s, whenever the process ends, and the tree is as before or fully done",
  { timeout: 60_000 },
  async (_, idempotent) => {
    let at = 1;
    for (let over = false; !over; at += 1) {
      makeTree();
      over = (await untilKilled(at, idempotent)) < at;
      const world = await restarted();
      const row = world.book.row("WO-1");
      const because = `ended at moment ${at}: ${JSON.stringify(row?.error)}`;
      if (row === null || row.stage !== "accepted") {
        expect(texts(), because).toEqual(BEFORE);
        if (row !== null) expect([idempotent, row.error?.code], because).toEqual([false, "WO_INTERRUPTED"]);
      } else {
        expect(texts(), because).toEqual(AFTER);
        expect(recordsOf(world, "wo.accepted"), because).toHaveLength(1);
      }
      if (!idempotent) expect(runs(), because).toBeLessThanOrEqual(2);
      expect(world.journal.entries(), because).toEqual([]);
      tree.end();
      expect(at).toBeLessThan(MOMENTS_MAX);
    }
    expect(at).toBeGreaterThan(12);
  },
);

it("an order whose end cannot be recorded is undone, and whoever waits for it hears so", async () => {
  makeTree();
  const { stores } = realPorts();
  let isFull = false;
  const full: Ports["stores"] = {
    ...stores,
    open: (path, options) => {
      const store = stores.open(path, options);
      const transaction = <T>(work: () => T): T => {
        if (isFull) throw new HoldfastError("STORE_FULL", "no room");
        return store.transaction(work);
      };
      return new Proxy(store, {
        get: (real, key) => {
          if (key === "transaction") return transaction;
          const value = Reflect.get(real, key) as unknown;
          return typeof value === "function" ? value.bind(real) : value;
        },
      });
    },
  };
  const { process } = realPorts();
  const run: Ports["process"]["run"] = async (request) => {
    const result = await process.run(request);
    isFull = true;
    return result;
  };
  const world = tree.open({ stores: full, clock: quick(), process: { ...process, run } });
  const engine = new Engine(world, () => undefined);
  await engine.submit([submission(tree.base, false)]);
  const finished = engine.finished("WO-1");
  while (engine.trouble === null) await world.ports.clock.breathe();
  expect(engine.trouble.code).toBe("STORE_FULL");
  isFull = false;
  expect(await finished).toMatchObject({ stage: "undone", error: { code: "WO_INTERRUPTED" } });
  await engine.drained();
  expect(texts()).toEqual(BEFORE);
  expect(engine.trouble).toBeNull();
  await engine.stop();
});
