import { expect, test } from "vitest";
import type { Disk } from "../../src/base/index.ts";
import { applyDurably, type Operation, type Stage, type Submission } from "../../src/workorder/index.ts";
import { everyCrashPoint, inScratchFolder, newWorld, type World } from "../fakes/index.ts";
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
  plantFiles,
  ROOT,
  restart,
  submitAll,
  whileTimePasses,
  write,
} from "./order-machine.ts";

const TREE: Planted = {
  edited: ["one\n", 0o640],
  log: "first\n",
  gone: "bytes\n",
  moved: ["moved\n", 0o755],
  latest: { to: "old" },
  swap: "was a file\n",
  swapped: { folder: 0o755 },
  "swapped/in": "in a folder\n",
  deep: { folder: 0o750 },
  "deep/er": { folder: 0o755 },
  "deep/er/est": "deep\n",
  "deep/er/link": { to: "est" },
  "deep/empty": { folder: 0o700 },
  kept: "somebody's\n",
};

const CASES: Record<string, { orders: Operation[][]; seeds: number }> = {
  "files added, edited, appended to, removed and moved": {
    orders: [
      [
        write("added/new", "new\n", 0o755),
        { op: "replace", path: "edited", find: "one", replace: "two", count: null },
        append("log", "second\n"),
        { op: "delete", path: "gone" },
        { op: "move", path: "moved", to: "added/moved" },
      ],
    ],
    seeds: 4,
  },
  "modes, folders and links": {
    orders: [
      [
        { op: "chmod", path: "edited", mode: 0o600 },
        { op: "chmod", path: "deep", mode: 0o711 },
        { op: "mkdir", path: "made/below", mode: 0o500 },
        { op: "symlink", path: "latest", target: "new" },
        { op: "symlink", path: "made/link", target: "../kept" },
      ],
    ],
    seeds: 3,
  },
  "a file that becomes a folder, and a folder that becomes a file": {
    orders: [
      [
        { op: "delete", path: "swap" },
        write("swap/now", "a folder\n"),
        { op: "delete", path: "swapped" },
        write("swapped", "a file\n"),
      ],
    ],
    seeds: 4,
  },
  "a folder that goes with all in it": { orders: [[{ op: "delete", path: "deep" }]], seeds: 4 },
  "a folder that moves": { orders: [[{ op: "move", path: "deep", to: "there/deep" }]], seeds: 2 },
  "an order that its check undoes": {
    orders: [
      [
        write("broken.json", "{"),
        write("new/folder/file", "new\n"),
        { op: "replace", path: "edited", find: "one", replace: "two", count: null },
        { op: "chmod", path: "kept", mode: 0o600 },
        { op: "delete", path: "swap" },
        write("swap/now", "a folder\n"),
        { op: "delete", path: "deep" },
      ],
    ],
    seeds: 3,
  },
  "orders of a group that share a new folder, and one that is refused": {
    orders: [
      [write("shared/new/a", "a\n"), append("log", "a\n")],
      [write("shared/new/b", "b\n")],
      [{ op: "delete", path: "not there" }],
      [
        { op: "mkdir", path: "shared/other", mode: null },
        { op: "delete", path: "gone" },
      ],
    ],
    seeds: 3,
  },
};

for (const [name, { orders, seeds }] of Object.entries(CASES)) {
  test(`a power cut at any moment leaves ${name} as before or fully done, and done once after the restart`, async () => {
    const submissions = orders.map((operations, index) => order(`WO-${index}`, operations));
    const expected = await withoutCrash(submissions);
    const operations = await everyCrashPoint({
      setup: (world) => plant(world, TREE),
      run: (world) => submitAll(world, open(world), submissions),
      recover: (world) => restart(world),
      check: (world) => checkAfterwards(world, submissions, expected),
      seedsPerPoint: seeds,
    });
    expect(operations).toBeGreaterThan(20);
  }, 180_000);
}

test("a power cut at any moment of a restore leaves the tree as before or fully restored, as the ledger says", async () => {
  let upTo = 0;
  const pictures = { before: [] as string[], after: [] as string[] };
  await everyCrashPoint({
    setup: async (world) => {
      plant(world, TREE);
      pictures.after = picture(world.disk);
      const { vault } = open(world).world;
      ({ upTo } = await vault.remember({}));
      ruin(world.disk);
      await vault.remember({});
      vault.close();
      world.stores.closeAll();
      pictures.before = picture(world.disk);
    },
    run: async (world) => {
      const machine = open(world);
      const { effects } = await machine.world.vault.planRestore({ paths: null, from: { upTo }, exact: true });
      const record = () =>
        void machine.world.ledger.append({
          event: "snapshot.restored",
          actor: { kind: "human", name: "me" },
          data: { from: "test", restored: effects.length, kept: 0, snapshotBefore: null },
          summary: "restored",
        });
      const restored = applyDurably({ changes: effects, onForeign: "keep", record }, machine.world);
      await restored.finally(() => machine.engine.settle());
      await whileTimePasses(world, machine.engine.drained());
    },
    recover: (world) => restart(world),
    check: async (world) => {
      const machine = await restart(world);
      const restored = [...machine.world.ledger.read({ events: ["snapshot.restored"] })].length;
      expect(restored).toBeLessThanOrEqual(1);
      expect(picture(world.disk)).toEqual(restored === 1 ? pictures.after : pictures.before);
      await expectInOrder(machine);
    },
    seedsPerPoint: 4,
  });
}, 180_000);

function ruin(disk: Disk): void {
  for (const path of ["gone", "deep/er/est", "deep/er/link", "swap"]) disk.unlink(`${ROOT}/${path}`);
  for (const path of ["deep/er", "deep/empty", "deep"]) disk.rmdir(`${ROOT}/${path}`);
  disk.chmod(`${ROOT}/edited`, 0o600);
  disk.unlink(`${ROOT}/log`);
  plantFiles(disk, ROOT, { log: "overwritten\n", swap: { folder: 0o755 }, "swap/new": "new\n" });
}

interface Expected {
  before: string[];
  after: string[];
  stages: Record<string, Stage>;
}

/** Orders that were taken are over, others are not begun; those submitted again are done once all the same. */
async function checkAfterwards(world: World, submissions: readonly Submission[], expected: Expected): Promise<void> {
  const machine = await restart(world);
  const taken = machine.world.book.rows().length > 0;
  expect(machine.engine.trouble).toBeNull();
  expect(picture(world.disk)).toEqual(taken ? expected.after : expected.before);
  await expectInOrder(machine);
  await submitAll(world, machine, submissions);
  expect(picture(world.disk)).toEqual(expected.after);
  await expectInOrder(machine);
  expect(stages(machine)).toEqual(expected.stages);
  const accepted = Object.entries(expected.stages).filter(([, stage]) => stage === "accepted");
  expect(acceptances(machine)).toEqual(Object.fromEntries(accepted.map(([id]) => [id, 1])));
}

function withoutCrash(submissions: readonly Submission[]): Promise<Expected> {
  return inScratchFolder(async (folder) => {
    const world = newWorld(folder);
    plant(world, TREE);
    const before = picture(world.disk);
    const machine = open(world);
    await submitAll(world, machine, submissions);
    await expectInOrder(machine);
    const expected = { before, after: picture(world.disk), stages: stages(machine) };
    world.stores.closeAll();
    return expected;
  });
}

function stages({ world }: Machine): Record<string, Stage> {
  return Object.fromEntries(world.book.rows().map(({ id, stage }) => [id, stage]));
}
