/** The vault on a disk that forgets: every crash point of commit, snapshot, prune, forget and a rebuild after it. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf, type Ports, type TreePath } from "../../src/base/index.ts";
import { type Config, PathSet, type Tree } from "../../src/tree/index.ts";
import { openVault, rebuildIndex, type Vault, vaultMigrations } from "../../src/vault/index.ts";
import { everyCrashPoint, type World } from "../fakes/index.ts";

const ROOT = "/tree";
const STATE = "/state";

test("a commit is there wholly or not at all, and the vault verifies clean", async () => {
  await everyCrashPoint({
    setup: async ({ ports }) => {
      makeFolders(ports);
      await commitText(open(ports).vault, { kept: "from before" });
    },
    run: async ({ ports }) => commitText(open(ports).vault, { kept: "changed", added: "x".repeat(100_000) }),
    recover: async ({ ports }) => commitText(open(ports).vault, { other: "after the crash" }),
    check: async (world) => {
      const { vault } = open(world.ports);
      const seen = [textOf(vault, "kept"), textOf(vault, "added")];
      expect([
        ["from before", null],
        ["changed", "x".repeat(100_000)],
      ]).toContainEqual(seen);
      expect(textOf(vault, "other")).toBe("after the crash");
      await expectSound(world);
    },
  });
});

test("a snapshot is there wholly or not at all, and taking it again works", async () => {
  await everyCrashPoint({
    setup: async ({ ports }) => {
      makeFolders(ports);
      plant(ports, "a", "one");
      await open(ports).vault.snapshot({ note: "first" });
      plant(ports, "a", "two");
      plant(ports, "b", "new");
    },
    run: async ({ ports }) => open(ports).vault.snapshot({ note: "second" }),
    recover: async ({ ports }) => open(ports).vault.snapshot({ note: "again" }),
    check: async (world) => {
      const { vault } = open(world.ports);
      expect([textOf(vault, "a"), textOf(vault, "b")]).toEqual(["two", "new"]);
      for (const { note, upTo } of vault.snapshots()) {
        const paths = [...vault.statesAt({ upTo })].map(({ path }) => path);
        expect(paths).toEqual(note === "first" ? ["a"] : ["a", "b"]);
      }
      await expectSound(world);
    },
  });
});

test("prune and forget lose nothing that is present, at any crash", async () => {
  await everyCrashPoint({
    setup: async ({ ports }) => {
      makeFolders(ports);
      const { vault } = open(ports);
      for (const text of ["old", "older", "secret", "present"]) await commitText(vault, { f: text.repeat(3_000) });
      await commitText(vault, { g: "other" });
    },
    run: async ({ ports }) => upkeep(open(ports).vault),
    recover: async ({ ports }) => upkeep(open(ports).vault),
    check: async (world) => {
      const { vault } = open(world.ports);
      expect([textOf(vault, "f"), textOf(vault, "g")]).toEqual(["present".repeat(3_000), "other"]);
      expect(vault.has(digestOf("secret".repeat(3_000)))).toBe(false);
      await expectSound(world);
      expect(vault.has(digestOf("secret".repeat(3_000)))).toBe(false);
    },
  });
});

async function upkeep(vault: Vault): Promise<void> {
  await vault.forget([digestOf("secret".repeat(3_000))]);
  await vault.prune({ maxBytes: 0, maxAgeMs: 0, pinned: new Set() });
}

/** Verifies clean, and a rebuilt index says the same of the present. */
async function expectSound({ ports }: World): Promise<void> {
  const { vault, store } = open(ports);
  expect(await vault.verify()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  const states = [...vault.statesAt()];
  rebuildIndex({ store, ports, packsDir: join(STATE, "packs") });
  expect([...vault.statesAt()]).toEqual(states);
  expect(await vault.verify()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  for (const { entry } of states) if (entry.kind === "file") vault.read(entry.digest);
}

async function commitText(vault: Vault, files: Record<string, string>): Promise<void> {
  const batch = vault.begin();
  for (const [path, text] of Object.entries(files)) {
    const digest = batch.put(Buffer.from(text));
    batch.note(path as TreePath, { kind: "file", digest, sizeBytes: text.length, mode: 0o644 });
  }
  await batch.commit();
}

function textOf(vault: Vault, path: string): string | null {
  const entry = vault.latest(path as TreePath)?.entry;
  return entry?.kind === "file" ? vault.read(entry.digest).toString() : null;
}

function makeFolders({ disk }: Ports): void {
  disk.mkdir(ROOT, 0o755);
  disk.mkdir(STATE, 0o700);
}

function plant({ disk }: Ports, path: string, text: string): void {
  const absolute = join(ROOT, path);
  if (disk.lstat(absolute) !== null) disk.unlink(absolute);
  const fd = disk.createNew(absolute, 0o644);
  disk.write(fd, Buffer.from(text), 0);
  disk.close(fd);
}

function open(ports: Ports) {
  const state = Object.fromEntries(
    ["lock", "holder", "segments", "log", "scratch", "signatures", "projections", "socket", "packs"].map((name) => [
      name,
      join(STATE, name),
    ]),
  );
  const tree = {
    id: "t",
    root: ROOT,
    git: null,
    state: { dir: STATE, db: "holdfast.db", ...state },
  } as unknown as Tree;
  const store = ports.stores.open("holdfast.db");
  if (store.get("SELECT 1 FROM sqlite_master WHERE name = 'vault_pack'") === undefined) {
    store.transaction(() => {
      for (const { sql } of vaultMigrations) store.exec(sql);
    });
  }
  const remember = { exclude: [], precious: [], maxFileBytes: 1e9, keep: { sizeBytes: 1e9, ageMs: 1e9 } };
  const vault = openVault({
    store,
    ports,
    tree,
    config: () => ({ remember }) as unknown as Config,
    protectedPaths: () => new PathSet(),
  });
  return { store, vault };
}
