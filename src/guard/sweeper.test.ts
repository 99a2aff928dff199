/** The rolling deep sweep: every file is read once in its time, a few folders at a time. */

import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { Stat } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type EyesWorld, eyesWorld } from "./eyes-fixture.ts";
import type { Occasion } from "./handover.ts";
import { Root } from "./root.ts";
import { Sweeper } from "./sweeper.ts";
import { Watcher } from "./watcher.ts";

let world: EyesWorld;
afterEach(() => world.end());

it("finds, slice by slice, what every time and size hides, and begins again at the end", async () => {
  const real = realPorts();
  const frozen = new Map<string, Stat>();
  const disk = { ...real.disk, lstat: (path: string) => frozen.get(path) ?? real.disk.lstat(path) };
  const ports = { ...real, disk };
  world = eyesWorld({
    ports: { disk },
    before(root) {
      for (const folder of ["a", "b", "c"]) {
        fs.mkdirSync(join(root, folder));
        for (const name of ["1", "2", "3"]) fs.writeFileSync(join(root, folder, name), `${folder}${name}`);
      }
    },
  });
  const told: Occasion[] = [];
  const root = new Root(world.root, ports, null);
  root.adopt();
  const watcher = new Watcher({
    root: world.root,
    watch: ports.watch,
    isProtected: () => false,
    onHint() {},
    onLoss() {},
  });
  const sweeper = new Sweeper({
    rootPath: world.root,
    vault: world.vault,
    watcher,
    root,
    handover: { tell: (occasion) => void told.push(occasion) },
    ports,
    isProtected: () => false,
    onNewFolder() {},
  });
  await sweeper.sweep({ by: "start", why: "the start", blind: null }, 0);
  await new Promise((again) => setTimeout(again, 50));
  await sweeper.sweep({ by: "sweep", why: "times are certain now", blind: null }, 0);
  for (const path of ["a/2", "c/1"]) {
    frozen.set(join(world.root, path), real.disk.lstat(join(world.root, path))!);
    fs.writeFileSync(join(world.root, path), "!!");
  }
  told.length = 0;
  const before = world.vault.versionHead();
  const slices: (string | null)[] = [];
  for (let after: string | null = null; slices.at(-1) !== null; ) {
    after = await sweeper.deepSlice(after);
    slices.push(after);
  }
  watcher.close();
  expect(slices).toEqual(["a", "b", null]);
  expect(world.vault.changesBetween(before, world.vault.versionHead()).map(({ path }) => path)).toEqual(["a/2", "c/1"]);
  expect(told.map(({ by }) => by)).toEqual(["deep-sweep", "deep-sweep"]);
});
