import { afterEach, beforeEach, expect, test } from "vitest";
import type { Entry } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { openBaselines } from "./baseline.ts";
import { type ComponentWorld, temporaryComponents } from "./component-fixture.ts";

let world: ComponentWorld;
beforeEach(() => {
  world = temporaryComponents();
});
afterEach(() => world.close());

const FILE: Entry = { kind: "link", target: "x" };
const HOW = { branch: null, seq: 1, componentOf: () => "c" };
const move = (path: string, entry: Entry = FILE, into: Pick<ComponentWorld, "store" | "baselines"> = world) =>
  into.store.transaction(() => into.baselines.move([{ path, entry }], HOW));
const named = (...paths: string[]) => paths.filter((path) => world.baselines.named().has(path));

test("what moves is named, and what is accepted as absent is named no more", () => {
  move("a/b");
  expect(named("a/b", "a")).toEqual(["a/b"]);
  expect(world.baselines.named().leads("a")).toBe(true);
  move("c");
  move("a/b", { kind: "absent" });
  expect(named("a/b", "c")).toEqual(["c"]);
});

test("a path of two branches is named until both let go of it", () => {
  move("a");
  world.store.transaction(() => world.baselines.move([{ path: "a", entry: FILE }], { ...HOW, branch: "main" }));
  expect(named("a")).toEqual(["a"]);
  move("a", { kind: "absent" });
  expect(named("a")).toEqual(["a"]);
});

test("a move that was rolled back leaves no trace, also when somebody asked in the middle of it", () => {
  move("kept");
  expect(named("kept", "lost")).toEqual(["kept"]);
  expect(() =>
    world.store.transaction(() => {
      world.baselines.move([{ path: "lost", entry: FILE }], HOW);
      expect(named("kept", "lost")).toEqual(["kept", "lost"]);
      throw new Error("on purpose");
    }),
  ).toThrow("on purpose");
  expect(named("kept", "lost")).toEqual(["kept"]);
});

test("what another process accepted, and what is removed as a whole, is seen", () => {
  move("mine");
  expect(named("mine", "theirs")).toEqual(["mine"]);
  const store = realPorts().stores.open(world.store.path);
  move("theirs", FILE, { store, baselines: openBaselines(store) });
  store.close();
  expect(named("mine", "theirs")).toEqual(["mine", "theirs"]);
  world.store.transaction(() => world.baselines.remove("c"));
  expect(named("mine", "theirs")).toEqual([]);
});
