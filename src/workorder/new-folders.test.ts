import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ABSENT, type Disk, digestOf, type Entry } from "../base/index.ts";
import { install } from "./apply.ts";
import type { ChangeSet } from "./change-set.ts";
import { newFoldersOf } from "./new-folders.ts";
import { type TestWorld, temporaryWorld } from "./order-world-fixture.ts";
import { stage } from "./stage.ts";
import { undo } from "./undo.ts";

const TEXTS = ["one\n", "two\n"];
const file = (text: string): Entry => ({ kind: "file", digest: digestOf(text), sizeBytes: text.length, mode: 0o640 });
const dir: Entry = { kind: "dir", mode: 0o755 };
const come = (path: string, after: Entry) => ({ path, before: ABSENT, after });
const SET: ChangeSet = {
  v: 1,
  id: "s1",
  changes: [
    come("new", dir),
    come("new/in", { kind: "dir", mode: 0o500 }),
    come("new/in/one", file("one\n")),
    come("new/link", { kind: "link", target: "in/one" }),
    come("old/two", file("two\n")),
  ],
};

let world: TestWorld;
beforeEach(() => {
  world = temporaryWorld();
  mkdirSync(join(world.root, "old"));
});
afterEach(() => world.close());

function apply(disk: Disk = world.ports.disk) {
  const contentOf = (digest: string) =>
    TEXTS.filter((text) => digestOf(text) === digest).map((text) => Buffer.from(text));
  return { disk, places: world.places, contentOf };
}

const names = () => readdirSync(world.root, { recursive: true }).map(String).sort();
const text = (path: string) => readFileSync(join(world.root, path), "utf8");

describe("a new folder", () => {
  it("comes whole, in one rename, with the modes that were asked for", () => {
    const renamed: string[] = [];
    const { disk } = world.ports;
    const rename = (from: string, to: string): void => {
      renamed.push(to);
      disk.rename(from, to);
    };
    expect(newFoldersOf(SET).map(({ path, members }) => [path, members.length])).toEqual([["new", 4]]);
    stage(SET, apply());
    expect(install(SET, apply({ ...disk, rename }))).toMatchObject({
      foreign: [],
      swapped: expect.arrayContaining([0, 1, 2, 3, 4]),
    });
    expect(renamed).toEqual([join(world.root, "new")]);
    expect(names()).toEqual(["new", "new/in", "new/in/one", "new/link", "old", "old/two"]);
    expect([text("new/link"), text("old/two")]).toEqual(TEXTS);
    expect(["new", "new/in", "new/in/one"].map((path) => statSync(join(world.root, path)).mode & 0o777)).toEqual([
      0o755, 0o500, 0o640,
    ]);
  });

  it("goes into the one that somebody made meanwhile, path by path, and what they put there stays", () => {
    stage(SET, apply());
    mkdirSync(join(world.root, "new"));
    writeFileSync(join(world.root, "new", "theirs"), "theirs\n");
    writeFileSync(join(world.root, "new", "link"), "theirs\n");
    const { foreign } = install(SET, apply(), { keepGoing: true });
    expect(foreign.map(({ path }) => path)).toEqual(["new/link"]);
    expect([text("new/theirs"), text("new/link"), text("new/in/one")]).toEqual(["theirs\n", "theirs\n", "one\n"]);
    expect(names()).not.toContainEqual(expect.stringContaining(".holdfast-"));
  });

  it("leaves nothing when it is given up before it was in place, and what somebody put into it under its name", () => {
    stage(SET, apply());
    undo(SET, apply(), []);
    expect(names()).toEqual(["old"]);
    stage(SET, apply());
    const staged = readdirSync(world.root).find((name) => name.endsWith(".new"))!;
    writeFileSync(join(world.root, staged, "theirs"), "theirs\n");
    undo(SET, apply(), []);
    expect(names()).toEqual(["new", "new/theirs", "old"]);
  });
});
