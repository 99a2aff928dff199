import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ABSENT, type Digest, digestOf, type TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.end());

const at = (path: string): string => join(world.root, path);
const path = (text: string): TreePath => text as TreePath;
const file = (text: string, mode = 0o644) =>
  ({ kind: "file", digest: digestOf(text), sizeBytes: text.length, mode }) as const;

describe("a diff", () => {
  test("tells how two snapshots differ, in both directions, and a snapshot and the tree", async () => {
    for (const name of ["gone", "same", "text", "kind", "mode"]) writeFileSync(at(name), name);
    const before = await world.vault.snapshot({});
    change();
    const kinds = { gone: "removed", kind: "type-changed", mode: "mode-changed", new: "added", text: "modified" };
    const named = (found: { path: string; kind: string }[]) =>
      Object.fromEntries(found.map((one) => [one.path, one.kind]));
    expect(named(await world.vault.diff(before.id, "tree"))).toEqual(kinds);
    expect(world.vault.versionHead()).toBe(before.upTo);
    const after = await world.vault.snapshot({});
    expect(named(await world.vault.diff(before.id, after.id))).toEqual(kinds);
    expect(named(await world.vault.diff(before.id, "tree"))).toEqual(kinds);
    expect(named(await world.vault.diff(after.id, before.id))).toEqual({ ...kinds, gone: "added", new: "removed" });
    expect(await world.vault.diff(after.id, "tree")).toEqual([]);
  });
});

describe("a restore's plan", () => {
  test("says what is there now and what would be, and takes nothing new away unless told", async () => {
    for (const name of ["gone", "same", "text", "kind", "mode"]) writeFileSync(at(name), name);
    const { upTo } = await world.vault.snapshot({});
    change();
    await world.vault.remember({});
    writeFileSync(at("text"), "not remembered");
    const { effects, missing } = await world.vault.planRestore({ paths: null, from: { upTo } });
    expect(missing).toEqual([]);
    expect(effects).toEqual([
      { path: "gone", before: ABSENT, after: file("gone") },
      { path: "kind", before: { kind: "link", target: "same" }, after: file("kind") },
      { path: "mode", before: file("mode", 0o755), after: file("mode") },
      { path: "text", before: file("not remembered"), after: file("text") },
    ]);
    const exact = await world.vault.planRestore({ paths: null, from: { upTo }, exact: true });
    expect(exact.effects.filter(({ after }) => after.kind === "absent").map((one) => one.path)).toEqual(["new"]);
  });

  test("brings a folder back as it was before it went, with the folders on the way", async () => {
    mkdirSync(at("a/b/c"), { recursive: true });
    writeFileSync(at("a/b/c/f"), "text");
    chmodSync(at("a"), 0o700);
    await world.vault.remember({});
    rmSync(at("a"), { recursive: true });
    await world.vault.remember({});
    const whole = await world.vault.planRestore({ paths: [path("a/b")], from: "last-present" });
    expect(whole.effects.map((one) => one.path)).toEqual(["a", "a/b", "a/b/c", "a/b/c/f"]);
    expect(whole.effects[0]).toEqual({ path: "a", before: ABSENT, after: { kind: "dir", mode: 0o700 } });
    const never = await world.vault.planRestore({ paths: [path("never")], from: "last-present" });
    expect(never).toEqual({ effects: [], missing: [{ path: "never", why: "the vault has nothing of it from then" }] });
  });

  test("takes one content for one path, and says when its bytes are gone", async () => {
    writeFileSync(at("f"), "one");
    await world.vault.remember({});
    writeFileSync(at("f"), "two!");
    await world.vault.remember({});
    const from = { digest: digestOf("one") };
    expect((await world.vault.planRestore({ paths: [path("f")], from })).effects).toEqual([
      { path: "f", before: file("two!"), after: file("one") },
    ]);
    await world.vault.forget([digestOf("one")]);
    expect(await world.vault.planRestore({ paths: [path("f")], from })).toMatchObject({
      effects: [],
      missing: [{ path: "f" }],
    });
  });
});

describe("reading many", () => {
  test("gives each content once, checked, whatever their order and size", async () => {
    const contents = new Map<Digest, Buffer>();
    const batch = world.vault.begin();
    for (let index = 0; index < 40; index += 1) {
      const bytes = world.ports.random.bytes(index * 40_000);
      contents.set(batch.put(bytes), bytes);
    }
    await batch.commit();
    const seen = new Map<Digest, Buffer>();
    await world.vault.readMany(
      [...contents.keys()].reverse(),
      (digest, pieces) => void seen.set(digest, Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece)))),
    );
    expect(seen.size).toBe(contents.size);
    for (const [digest, bytes] of contents) expect(seen.get(digest)!.equals(bytes)).toBe(true);
    await expect(world.vault.readMany([digestOf("unknown")], () => {})).rejects.toMatchObject({
      code: "DIGEST_UNKNOWN",
    });
  });
});

describe("a database in the tree", () => {
  test("is remembered as SQLite sees it, with what is only in its log, and its sidecars are not", async () => {
    const database = new DatabaseSync(at("dev.sqlite"));
    database.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    await world.vault.remember({});
    database.exec("INSERT INTO t VALUES (2)");
    const { skipped } = await world.vault.remember({});
    expect(skipped).toEqual([]);
    const states = [...world.vault.statesAt()];
    expect(states.map((one) => one.path)).toEqual(["dev.sqlite"]);
    const versions = world.vault.versions(path("dev.sqlite"));
    expect(
      versions.map(({ entry }) => rowsOf(entry.kind === "file" ? world.vault.read(entry.digest) : Buffer.alloc(0))),
    ).toEqual([2, 1]);
    const { effects } = await world.vault.planRestore({
      paths: [path("dev.sqlite")],
      from: { upTo: versions[1]!.number },
    });
    expect(effects.map((one) => [one.path, one.after.kind])).toEqual([
      ["dev.sqlite", "file"],
      ["dev.sqlite-shm", "absent"],
      ["dev.sqlite-wal", "absent"],
    ]);
    database.close();
  });

  test("is looked at together with its log also when its folder has not moved since", async () => {
    world.end();
    // An hour ahead of the disk: no signature is doubtful, every listing is taken over.
    const ports = realPorts();
    world = makeWorld({ ports: { ...ports, clock: { ...ports.clock, now: () => Date.now() + 3_600_000 } } });
    const database = new DatabaseSync(at("dev.sqlite"));
    database.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (x)");
    for (let rows = 1; rows <= 4; rows += 1) {
      database.exec("INSERT INTO t VALUES (1)");
      await world.vault.remember({});
      const { entry } = world.vault.latest(path("dev.sqlite"))!;
      expect(rowsOf(entry.kind === "file" ? world.vault.read(entry.digest) : Buffer.alloc(0))).toBe(rows);
    }
    expect((await world.vault.remember({})).changedPaths).toBe(0);
    database.close();
  });
});

function rowsOf(bytes: Buffer): number {
  writeFileSync(join(world.tree.state.dir, "copy"), bytes);
  const copy = new DatabaseSync(join(world.tree.state.dir, "copy"));
  try {
    return (copy.prepare("SELECT count(*) AS n FROM t").get() as { n: number }).n;
  } finally {
    copy.close();
  }
}

function change(): void {
  rmSync(at("gone"));
  writeFileSync(at("text"), "other text");
  rmSync(at("kind"));
  symlinkSync("same", at("kind"));
  chmodSync(at("mode"), 0o755);
  writeFileSync(at("new"), "new");
}
