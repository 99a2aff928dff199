/** The disk or the store refuses: at every single call once, and from every changing call on until somebody makes room. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { HoldfastError } from "../../src/base/index.ts";
import type { Operation } from "../../src/workorder/index.ts";
import {
  type Operation as Call,
  inScratchFolder,
  newWorld,
  rebooted,
  type SystemErrorCode,
  type World,
} from "../fakes/index.ts";
import {
  acceptances,
  append,
  expectInOrder,
  type Machine,
  open,
  order,
  type Planted,
  picture,
  plant,
  restart,
  submitAll,
  whileTimePasses,
  write,
} from "./order-machine.ts";

const TREE: Planted = {
  d: { folder: 0o755 },
  "d/edited": "one\n",
  "d/gone": "gone\n",
  log: "first\n",
  deep: { folder: 0o755 },
  "deep/est": "deepest\n",
};
const OPERATIONS: Operation[] = [
  { op: "replace", path: "d/edited", find: "one", replace: "two", count: null },
  { op: "delete", path: "d/gone" },
  append("log", "second\n"),
  write("new/folder/file", "new\n", 0o755),
  { op: "delete", path: "deep" },
  { op: "symlink", path: "link", target: "d" },
];
const CODES: readonly SystemErrorCode[] = ["EIO", "EACCES", "ENOSPC"];

test("an order that meets an error at any call is undone or waits, and succeeds when it is tried again", async () => {
  const { calls, before, after } = await traced();
  expect(calls.length).toBeGreaterThan(100);
  const problems = await eachOf(calls, async (index, folder) => {
    const world = planted(join(folder, "w"));
    failOnce(world, index, CODES[index % CODES.length]!);
    await tryAndTryAgain(world, { before, after });
  });
  expect(problems).toEqual([]);
}, 180_000);

test("a disk that is full from any moment on keeps the order waiting or undone, says so, and goes on when there is room", async () => {
  const { calls, before, after } = await traced();
  const changing = calls.flatMap(({ number }, index) => (number === null ? [] : [index]));
  const problems = await eachOf(changing, async (position, folder) => {
    const world = planted(join(folder, "w"));
    const clear = fullFrom(world, changing[position]!);
    const machine = open(world);
    const refused = await submitAll(world, machine, [order("WO-1", OPERATIONS)]).catch((error: unknown) => error);
    const row = machine.world.book.row("WO-1");
    const said = machine.engine.trouble !== null || refused instanceof Error || row?.error != null;
    expect(said || row?.stage === "accepted").toBe(true);
    clear();
    await tryAndTryAgain(world, { before, after }, machine);
  });
  expect(problems).toEqual([]);
}, 180_000);

test("a recovery that meets an error is done by the next one", async () => {
  const { after } = await traced();
  const crashed = async (folder: string) => {
    const world = planted(join(folder, "w"));
    world.counter.crashAt(38);
    await submitAll(world, open(world), [order("WO-1", OPERATIONS)]).catch((error: unknown) => {
      if (!world.counter.crashed) throw error;
    });
    return rebooted(world, join(folder, "r"), 1);
  };
  const calls = await inScratchFolder(async (folder) => {
    const world = await crashed(folder);
    const made = counted(world);
    await restart(world);
    world.stores.closeAll();
    return made;
  });
  // Each run is two machines long: every third call, with another error each time.
  const some = calls.filter((_, index) => index % CODES.length === 0);
  const problems = await eachOf(some, async (index, folder) => {
    const world = await crashed(folder);
    failOnce(world, index * CODES.length, CODES[index % CODES.length]!);
    const first = await restart(world).catch((error: unknown) => {
      if (!isTrouble(error)) throw error;
      return null;
    });
    const machine = first ?? (await restart(world));
    await untilQuiet(world, machine);
    expect(machine.world.book.row("WO-1")?.stage).toBeOneOf(["accepted", "undone", "refused"]);
    await submitAll(world, machine, [order("WO-1", OPERATIONS)]);
    await untilQuiet(world, machine);
    expect(picture(world.disk)).toEqual(after);
    expect(acceptances(machine)).toEqual({ "WO-1": 1 });
    await expectInOrder(machine);
  });
  expect(problems).toEqual([]);
}, 180_000);

/** First as it comes, then once more: it ends accepted, once. */
async function tryAndTryAgain(
  world: World,
  { before, after }: { before: string[]; after: string[] },
  machine: Machine = open(world),
): Promise<void> {
  const submission = order("WO-1", OPERATIONS);
  await submitAll(world, machine, [submission]).catch((error: unknown) => {
    if (!isTrouble(error)) throw error;
  });
  await untilQuiet(world, machine);
  const stage = machine.world.book.row("WO-1")?.stage ?? null;
  expect(stage).toBeOneOf(["accepted", "undone", "refused", null]);
  expect(picture(world.disk)).toEqual(stage === "accepted" ? after : before);
  await expectInOrder(machine);
  await submitAll(world, machine, [submission]);
  await untilQuiet(world, machine);
  expect(machine.world.book.row("WO-1")?.stage).toBe("accepted");
  expect(picture(world.disk)).toEqual(after);
  expect(acceptances(machine)).toEqual({ "WO-1": 1 });
  await expectInOrder(machine);
}

async function untilQuiet(world: World, { engine }: Machine): Promise<void> {
  for (let again = 0; engine.trouble !== null && again < 10; again += 1) {
    await whileTimePasses(world, world.clock.sleep(31_000));
    await whileTimePasses(world, engine.drained());
  }
  expect(engine.trouble).toBeNull();
}

function failOnce(world: World, index: number, code: SystemErrorCode): void {
  let made = 0;
  world.counter.fault = (call) => {
    if (isStoreRead(call)) return null;
    made += 1;
    return made - 1 === index ? failure(call, code) : null;
  };
}

function fullFrom(world: World, index: number): () => void {
  let made = 0;
  world.counter.fault = (call) => {
    if (isStoreRead(call)) return null;
    made += 1;
    const takesRoom = ["commit", "createNew", "openAppend", "write", "mkdir", "symlink"].includes(call.name);
    return made > index && takesRoom && call.number !== null ? failure(call, "ENOSPC") : null;
  };
  return () => {
    world.counter.fault = null;
  };
}

/** The store has errors of its own. */
function failure(call: Call, code: SystemErrorCode): SystemErrorCode {
  if (call.name !== "commit") return code;
  throw new HoldfastError("STORE_FULL", "no room");
}

/** Of the store only the commits count: what it reads comes from memory. */
function isStoreRead(call: Call): boolean {
  return call.name === "commit" && call.number === null;
}

function isTrouble(error: unknown): boolean {
  return error instanceof HoldfastError || (error instanceof Error && "code" in error);
}

function planted(folder: string): World {
  const world = newWorld(folder);
  world.counter.outside(() => plant(world, TREE));
  world.disk.settle();
  return world;
}

function counted(world: World): Call[] {
  const calls: Call[] = [];
  world.counter.fault = (call) => {
    if (!isStoreRead(call)) calls.push(call);
    return null;
  };
  return calls;
}

async function traced(): Promise<{ calls: Call[]; before: string[]; after: string[] }> {
  return inScratchFolder(async (folder) => {
    const world = planted(folder);
    const before = picture(world.disk);
    const calls = counted(world);
    await submitAll(world, open(world), [order("WO-1", OPERATIONS)]);
    world.counter.fault = null;
    world.stores.closeAll();
    return { calls, before, after: picture(world.disk) };
  });
}

async function eachOf(
  calls: readonly unknown[],
  work: (index: number, folder: string) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, call] of calls.entries()) {
    try {
      await inScratchFolder((folder) => work(index, folder));
    } catch (error) {
      problems.push(`${index} ${JSON.stringify(call)}: ${(error as Error).stack}`);
    }
  }
  return problems;
}
