import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Digest, TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
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

it("lets stand what others noted after it had looked, and looks once more", async () => {
  const real = realPorts();
  let onLook: ((path: string) => void) | null = null;
  const disk = {
    ...real.disk,
    openRead(...args: Parameters<typeof real.disk.openRead>) {
      onLook?.(args[0]);
      return real.disk.openRead(...args);
    },
  };
  world.end();
  world = makeWorld({ ports: { ...real, disk } });
  for (const name of ["a", "z"]) writeFileSync(join(world.root, name), "at first");
  await world.vault.remember({});
  for (const name of ["a", "z"]) writeFileSync(join(world.root, name), "undone");
  let noted: Promise<void> | null = null;
  onLook = (path) => {
    if (!path.endsWith("/z") || noted !== null) return;
    noted = writeAndNote("a");
  };
  await world.vault.remember({});
  await noted;
  expect(noted).not.toBeNull();
  const digests = world.vault.versions("a" as TreePath).map(({ entry }) => (entry as { digest: string }).digest);
  expect(digests.map((digest) => String(world.vault.read(digest as Digest)))).toEqual(["a", "at first"]);
  await world.vault.remember({});
  expect(world.vault.versions("a" as TreePath)).toHaveLength(2);
});
