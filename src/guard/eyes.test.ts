/** Continuous remembering on a real file system: whatever is done to the tree, what rests is in the vault. */

import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { type EyesWorld, eyesWorld } from "./eyes-fixture.ts";

let world: EyesWorld;
const at = (path: string) => join(world.root, path);
const put = (path: string, text: string) => {
  fs.mkdirSync(join(at(path), ".."), { recursive: true });
  fs.writeFileSync(at(path), text);
};
const text = (path: string) => {
  const entry = world.vault.latest(path as TreePath)?.entry;
  return entry?.kind === "file" ? world.vault.read(entry.digest).toString() : (entry?.kind ?? null);
};

beforeEach(() => {
  world = eyesWorld();
});
afterEach(() => world.end());

describe("the eyes", () => {
  it("remember a file that is made, written again, and removed", async () => {
    await world.eyes.start();
    put("a.txt", "one");
    await world.eyes.remembered();
    expect(text("a.txt")).toBe("one");
    put("a.txt", "two");
    await world.eyes.remembered();
    expect(text("a.txt")).toBe("two");
    fs.rmSync(at("a.txt"));
    await world.eyes.remembered();
    expect(text("a.txt")).toBe("absent");
    expect(world.changes()).toEqual(["a.txt: absent → file", "a.txt: file → file", "a.txt: file → absent"]);
  });
});
