import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ABSENT, type Digest, digestOf, LIMITS, type TreePath } from "../base/index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.end());

const path = (text: string): TreePath => text as TreePath;
const file = (bytes: string, mode = 0o644) =>
  ({ kind: "file", digest: digestOf(bytes), sizeBytes: bytes.length, mode }) as const;

describe("what is put", () => {
  test("is given back after the commit, and not before", async () => {
    const batch = world.vault.begin();
    const digest = batch.put(Buffer.from("hello"));
    expect(digest).toBe(digestOf("hello"));
    expect(world.vault.has(digest)).toBe(false);
    await batch.commit();
    expect(world.vault.read(digest).toString()).toBe("hello");
  });

  test("is unknown when the batch was given up, or its commit threw", async () => {
    const aborted = world.vault.begin();
    const first = aborted.put(Buffer.from("first"));
    aborted.abort();
    const failing = world.vault.begin();
    const second = failing.put(Buffer.from("second"));
    failing.note(path("a"), file("second"));
    await expect(
      failing.commit(() => {
        throw new Error("the caller's own part failed");
      }),
    ).rejects.toThrow("own part");
    expect([world.vault.has(first), world.vault.has(second), world.vault.latest(path("a"))]).toEqual([
      false,
      false,
      null,
    ]);
    expect(() => world.vault.read(first)).toThrow(/holds no content/);
  });

  test("of any bytes comes back as it was, also from another instance", async () => {
    const sizes = fc.oneof(
      fc.nat(2_000),
      fc.constantFrom(LIMITS.blockSizeBytes - 1, LIMITS.blockSizeBytes, LIMITS.blockSizeBytes + 1, 2_500_000),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(sizes, fc.boolean()), { maxLength: 6 }), async (wanted) => {
        const contents = wanted.map(([size, random], index) =>
          random ? world.ports.random.bytes(size) : Buffer.alloc(size, index),
        );
        const batch = world.vault.begin();
        const digests = contents.map((bytes) => batch.put(bytes));
        await batch.commit();
        const other = world.another().vault;
        digests.forEach((digest, index) => {
          expect(other.read(digest).equals(contents[index]!)).toBe(true);
          expect(Buffer.concat([...world.vault.readPieces(digest)]).equals(contents[index]!)).toBe(true);
        });
      }),
      { numRuns: 20 },
    );
  });

  test("a second time costs nothing, within a batch and across them", async () => {
    const bytes = world.ports.random.bytes(3_000_000);
    const once = world.vault.begin();
    once.put(bytes);
    once.put(bytes);
    await once.commit();
    const before = packBytes();
    const again = world.vault.begin();
    again.put(bytes);
    await again.commit();
    expect(before).toBeLessThan(3_010_000);
    expect(packBytes()).toBe(before);
  });
});

describe("what is noted", () => {
  test("is the latest state, and each change one version", async () => {
    await note("a", file("one"));
    await note("a", file("one"));
    await note("a", file("one", 0o755));
    await note("a", ABSENT);
    expect(world.vault.versions(path("a")).map(({ entry }) => entry)).toEqual([
      ABSENT,
      file("one", 0o755),
      file("one"),
    ]);
    expect(world.vault.latest(path("a"))?.entry).toEqual(ABSENT);
    expect(world.vault.latest(path("b"))).toBeNull();
  });

  test("tells the tree at any moment, sorted, and below a folder", async () => {
    await note("d/a", file("1"));
    await note("d", { kind: "dir", mode: 0o700 });
    const then = world.vault.versionHead();
    await note("d/a", ABSENT);
    await note("d0", { kind: "link", target: "d/a" });
    await note("ü\n", file("2"));
    const states = (upTo?: number, under?: string) => [
      ...world.vault.statesAt({
        ...(upTo !== undefined && { upTo }),
        ...(under !== undefined && { under: path(under) }),
      }),
    ];
    expect(states(then).map((state) => state.path)).toEqual(["d", "d/a"]);
    expect(states().map((state) => state.path)).toEqual(["d", "d0", "ü\n"]);
    expect(states(then, "d").map((state) => state.path)).toEqual(["d", "d/a"]);
    expect(states(undefined, "d")).toEqual([{ path: "d", entry: { kind: "dir", mode: 0o700 } }]);
    expect(world.vault.versionAtTime(world.ports.clock.now())).toBe(world.vault.versionHead());
    expect(world.vault.versionAtTime(0)).toBe(0);
  });

  test("by two instances at once gets numbers of its own each", async () => {
    const other = world.another().vault;
    const one = world.vault.begin();
    const two = other.begin();
    one.note(path("x"), file("1"));
    one.note(path("y"), file("1"));
    two.note(path("x"), file("2"));
    await Promise.all([one.commit(), two.commit()]);
    expect(world.vault.versionHead()).toBe(3);
    expect(world.vault.versions(path("x"))).toHaveLength(2);
  });
});

describe("what lies in the tree", () => {
  test("is put as its full state", async () => {
    mkdirSync(join(world.root, "d"), { mode: 0o750 });
    writeFileSync(join(world.root, "d/f"), "text");
    chmodSync(join(world.root, "d/f"), 0o755);
    symlinkSync("d/f", join(world.root, "l"));
    writeFileSync(join(world.root, "large"), Buffer.alloc(3_000_001, "abc"));
    const batch = world.vault.begin();
    const entries = await Promise.all(["d", "d/f", "l", "large", "gone"].map((name) => batch.putPath(path(name))));
    await batch.commit();
    const large = digestOf(Buffer.alloc(3_000_001, "abc"));
    expect(entries.map(({ entry }) => entry)).toEqual([
      { kind: "dir", mode: 0o750 },
      file("text", 0o755),
      { kind: "link", target: "d/f" },
      { kind: "file", digest: large, sizeBytes: 3_000_001, mode: 0o644 },
      ABSENT,
    ]);
    expect(digestOf(world.vault.read(large))).toBe(large);
  });

  test("costs only its new blocks when a long file grows", async () => {
    const bytes = world.ports.random.bytes(5 * LIMITS.blockSizeBytes);
    writeFileSync(join(world.root, "log"), bytes);
    await put("log");
    const before = packBytes();
    writeFileSync(join(world.root, "log"), "one more line", { flag: "a" });
    const digest = await put("log");
    expect(packBytes() - before).toBeLessThan(10_000);
    expect(world.vault.read(digest).equals(Buffer.concat([bytes, Buffer.from("one more line")]))).toBe(true);
  });
});

async function note(at: string, entry: Parameters<ReturnType<World["vault"]["begin"]>["note"]>[1]): Promise<void> {
  const batch = world.vault.begin();
  batch.note(path(at), entry);
  await batch.commit();
}

async function put(at: string): Promise<Digest> {
  const batch = world.vault.begin();
  const { entry } = await batch.putPath(path(at));
  await batch.commit();
  if (entry.kind !== "file") throw new Error("no file");
  return entry.digest;
}

function packBytes(): number {
  return world.ports.disk
    .list(world.tree.state.packs)
    .names.reduce((sum, { name }) => sum + world.ports.disk.lstat(join(world.tree.state.packs, name))!.sizeBytes, 0);
}
