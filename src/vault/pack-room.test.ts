import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { realPorts, systemError } from "../platform/index.ts";
import { rebuildIndex } from "./rebuild.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
afterEach(() => world.end());

async function commit(text: string): Promise<void> {
  const batch = world.vault.begin();
  batch.put(Buffer.from(text));
  await batch.commit();
}
const packs = () => readdirSync(world.tree.state.packs).map((name) => join(world.tree.state.packs, name));
const sizeBytes = () => statSync(packs()[0]!).size;
const used = () => world.store.get<{ end: number }>("SELECT end_bytes AS end FROM vault_pack")!.end;

test("a pack that is committed to again and again gets room ahead, and gives it back when it is closed", async () => {
  world = makeWorld();
  for (const text of ["one", "two"]) await commit(text);
  expect(sizeBytes()).toBe(used());
  await commit("three");
  const roomBytes = sizeBytes() - used();
  expect(roomBytes).toBeGreaterThan(100_000);
  const before = sizeBytes();
  for (const text of ["four", "five"]) await commit(text);
  expect(sizeBytes()).toBe(before);
  const end = used();
  world.vault.close();
  expect(sizeBytes()).toBe(end);
});

test("room that a crash left is no damage, and what stands before it is found again", async () => {
  world = makeWorld();
  for (const text of ["one", "two", "three", "four"]) await commit(text);
  const [pack] = packs();
  copyFileSync(pack!, `${pack}.crashed`);
  world.vault.close();
  writeFileSync(pack!, readFileSync(`${pack}.crashed`));
  expect(sizeBytes()).toBeGreaterThan(used());
  const before = world.store.all("SELECT digest FROM vault_piece ORDER BY digest");
  const rebuilt = rebuildIndex({ store: world.store, ports: world.ports, packsDir: world.tree.state.packs });
  expect(rebuilt.damaged).toEqual([]);
  expect(world.store.all("SELECT digest FROM vault_piece ORDER BY digest")).toEqual(before);
});

test("a disk that has no room for it takes the record all the same", async () => {
  const real = realPorts();
  let refused = 0;
  const write: typeof real.disk.write = (fd, bytes, position) => {
    if (bytes.length > 100_000) {
      refused += 1;
      throw systemError("ENOSPC", "write", "pack");
    }
    real.disk.write(fd, bytes, position);
  };
  world = makeWorld({ ports: { ...real, disk: { ...real.disk, write } } });
  for (const text of ["one", "two", "three", "four"]) await commit(text);
  expect(refused).toBe(1);
  expect(await world.vault.verify()).toMatchObject({ ok: true, records: 4 });
});
