/**
 * Somebody else who writes at any moment of an order: while it is applied, undone, recovered after a power cut, or settled.
 *
 * Left out are the windows that no system call of Node's closes, named at the head of `settle.ts` (a write between the last look at
 * an aside and its `unlink`) and of `swap.ts` (a folder on the way exchanged between the check and the very next calls below it).
 */

import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, type TreePath } from "../../src/base/index.ts";
import { inScratchFolder, newWorld, rebooted, type World } from "../fakes/index.ts";
import {
  ELSEWHERE,
  expectUnhurt,
  type Machine,
  open,
  order,
  picture,
  plant,
  plantFiles,
  ROOT,
  readFile,
  restart,
  submitAll,
  whileTimePasses,
  write,
} from "./order-machine.ts";
import { ACTS, type Act, FILES, FOLDERS, OPERATIONS, TREE } from "./second-writer.ts";

const WAYS = ["accepted", "undone", "recovered"] as const;

test("whatever somebody else does at whatever moment, no byte is lost, none is written elsewhere, no order ends half", async () => {
  let acted = 0;
  const property = fc.asyncProperty(
    fc.constantFrom(...Object.keys(ACTS)),
    fc.nat(),
    fc.constantFrom(...WAYS),
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 8, max: 70 }),
    async (name, choice, way, moment, crashAt) => {
      const { on, act } = ACTS[name]!;
      const path = on[choice % on.length]!;
      acted += await inScratchFolder((folder) => play({ act, path, way, moment, crashAt, folder }));
    },
  );
  await fc.assert(property, { numRuns: RUNS });
  expect(acted).toBeGreaterThan(RUNS / 4);
}, 180_000);

const RUNS = 300;

interface Play {
  act: Act;
  path: string;
  way: (typeof WAYS)[number];
  moment: number;
  crashAt: number;
  folder: string;
}

/** Returns 1 when somebody else did something, 0 when it came to nothing. */
async function play({ act, path, way, moment, crashAt, folder }: Play): Promise<number> {
  let world = newWorld(join(folder, "1"));
  world.counter.outside(() => {
    plant(world, TREE);
    plantFiles(world.disk, ELSEWHERE, {
      edited: "one\n",
      gone: "gone\n",
      est: "deepest\n",
      er: { folder: 0o755 },
      "er/est": "deepest\n",
    });
  });
  world.disk.settle();
  const before = picture(world.disk);
  const elsewhere = picture(world.disk, ELSEWHERE);
  const after = way === "undone" ? before : AFTER;
  const submission = order("WO-1", way === "undone" ? [...OPERATIONS, write("broken.json", "{")] : OPERATIONS);

  let machine: Machine;
  if (way === "recovered") {
    world.counter.crashAt(crashAt);
    await submitAll(world, open(world), [submission]).catch((error: unknown) => {
      if (!world.counter.crashed) throw error;
    });
    world = rebooted(world, join(folder, "2"), 1);
  }
  const wrote = interfere(world, { act, path, moment });
  if (way === "recovered") machine = await restart(world);
  else {
    machine = open(world);
    await submitAll(world, machine, [submission]);
  }
  for (let again = 0; machine.engine.trouble !== null && again < 10; again += 1) {
    await whileTimePasses(world, world.clock.sleep(60_000));
    await whileTimePasses(world, machine.engine.drained());
  }
  world.counter.between = null;
  expect(machine.engine.trouble).toBeNull();
  expect(picture(world.disk, ELSEWHERE)).toEqual(elsewhere);
  await expectUnhurt(machine);
  const row = machine.world.book.row("WO-1");
  expect(row?.stage ?? "accepted").toBeOneOf(["accepted", "undone", "conflicted", "refused"]);
  const untouched = (lines: string[]) => lines.filter((line) => !isAbout(line, path));
  const isDone = row === null ? false : row.stage === "accepted";
  expect(untouched(picture(world.disk))).toEqual(untouched(isDone ? after : before));
  if (wrote.bytes !== null) expectKept(machine, wrote.bytes);
  world.stores.closeAll();
  return wrote.acted ? 1 : 0;
}

function interfere(
  world: World,
  { act, path, moment }: Pick<Play, "act" | "path" | "moment">,
): { bytes: string | null; acted: boolean } {
  const wrote = { bytes: null as string | null, acted: false };
  const held = world.counter.outside(() =>
    world.disk.lstat(`${ROOT}/${path}`)?.kind === "file" ? world.disk.openAppend(`${ROOT}/${path}`, 0o644) : null,
  );
  const heldText = held === null ? null : readHeld(world, path);
  world.counter.between = (operation) => {
    if (operation.number !== moment) return;
    wrote.bytes = act(world, path, heldText === TREE[path] ? held : null, operation);
    wrote.acted = true;
  };
  return wrote;
}

function readHeld(world: World, path: string): string {
  return world.counter.outside(() => readFile(world.disk, `${ROOT}/${path}`));
}

/** In the tree under a name that somebody looks for, or in the vault under a digest that ledger or history name. */
function expectKept({ world }: Machine, text: string): void {
  if (contents(picture(world.ports.disk)).includes(text)) return;
  const digest = digestOf(Buffer.from(text));
  expect(world.vault.has(digest), `${JSON.stringify(text)} is lost`).toBe(true);
  const named = JSON.stringify([...world.ledger.read()]);
  const paths = [...FILES, ...[...FILES, ...FOLDERS].map((path) => `${path}/theirs`)];
  const versions = paths.flatMap((path) => world.vault.versions(path as TreePath)).map(({ entry }) => entry);
  expect(`${named}${JSON.stringify(versions)}`).toContain(digest);
}

function contents(lines: string[]): string[] {
  return lines.flatMap((line) => /^\S+ \d+ (.*)$/s.exec(line)?.[1] ?? []);
}

function isAbout(line: string, path: string): boolean {
  const named = line.split(/[ ]/)[0]!.replace(/\/$/, "").replace(".moved", "");
  return named === path || named.startsWith(`${path}/`) || path.startsWith(`${named}/`);
}

const AFTER = await inScratchFolder(async (folder) => {
  const world = newWorld(folder);
  plant(world, TREE);
  await submitAll(world, open(world), [order("WO-1", OPERATIONS)]);
  world.stores.closeAll();
  return picture(world.disk);
});
