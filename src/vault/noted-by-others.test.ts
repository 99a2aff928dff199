import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.end());

/** As an order does: writes, and notes what it wrote, between two looks at the tree. */
async function writeAndNote(...paths: string[]): Promise<void> {
  const batch = world.vault.begin();
  for (const path of paths) {
    mkdirSync(join(world.root, path, ".."), { recursive: true });
    writeFileSync(join(world.root, path), path);
    batch.note(path as TreePath, (await batch.putPath(path as TreePath)).entry);
  }
  await batch.commit();
}

it.each([
  ["beside others", ["a/known", "a/new"], ["a/new"]],
  ["in a folder that nobody had seen", ["b/c/new"], ["b"]],
])("sees that what others noted since the last look went again: %s", async (_what, noted, removed) => {
  mkdirSync(join(world.root, "a"));
  writeFileSync(join(world.root, "a/known"), "");
  await world.vault.remember({});
  await writeAndNote(...noted);
  for (const path of removed) rmSync(join(world.root, path), { recursive: true });
  await world.vault.remember({});
  expect(world.vault.latest(noted.at(-1) as TreePath)?.entry).toEqual({ kind: "absent" });
});

it("sees it too when only that path is asked for", async () => {
  await world.vault.remember({});
  await writeAndNote("new", "b/new");
  rmSync(join(world.root, "new"));
  rmSync(join(world.root, "b"), { recursive: true });
  await world.vault.remember({ paths: ["new", "b"] as TreePath[] });
  expect(world.vault.latest("new" as TreePath)?.entry).toEqual({ kind: "absent" });
  expect(world.vault.latest("b/new" as TreePath)?.entry).toEqual({ kind: "absent" });
});
