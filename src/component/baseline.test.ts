import { afterEach, beforeEach, expect, it } from "vitest";
import { ABSENT } from "../base/index.ts";
import { type ComponentWorld, temporaryComponents } from "./component-fixture.ts";

let world: ComponentWorld;
beforeEach(() => {
  world = temporaryComponents();
});
afterEach(() => world.close());

const FOLDER = { kind: "dir", mode: 0o755 } as const;

function move(branch: string | null, entry: typeof FOLDER | typeof ABSENT, seq: number): void {
  world.store.transaction(() =>
    world.baselines.move([{ path: "a", entry }], { branch, seq, componentOf: () => "tools" }),
  );
}

it("remembers on which branch a path was let go, as long as another has it", () => {
  move("main", FOLDER, 1);
  move("other", ABSENT, 2);
  expect(world.baselines.letGo()).toEqual([{ path: "a", branch: "other", seq: 2 }]);
  expect(world.baselines.at("a", "main")?.seq).toBe(1);
  move("main", ABSENT, 3);
  expect([world.baselines.letGo(), world.baselines.all()]).toEqual([[], []]);
});

it("forgets that it was let go when it is accepted there again, and with the component", () => {
  move("main", FOLDER, 1);
  move(null, ABSENT, 2);
  move(null, FOLDER, 3);
  expect(world.baselines.letGo()).toEqual([]);
  move("other", ABSENT, 4);
  expect(world.baselines.letGo()).toHaveLength(1);
  world.baselines.remove("tools");
  expect(world.baselines.letGo()).toEqual([]);
});
