import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Digest, digestOf, type TreePath } from "../base/index.ts";
import { rebuildIndex } from "./index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.end());

const NEVER = { maxBytes: Number.MAX_SAFE_INTEGER, maxAgeMs: Number.MAX_SAFE_INTEGER, pinned: new Set<Digest>() };
const at = (path: string): string => join(world.root, path);

describe("prune", () => {
  test("keeps the present, the pinned and the young, and every version's digest", async () => {
    const [old, pinned, present] = ["old", "pinned", "present"].map((text) => `${text} ${"x".repeat(5_000)}`);
    for (const text of [old!, pinned!, present!]) await write("f", text);
    await write("other", "1");
    expect(await world.vault.prune({ ...NEVER, dryRun: true })).toMatchObject({ digests: 0 });
    const pruned = await world.vault.prune({ maxBytes: 0, maxAgeMs: 0, pinned: new Set([digestOf(pinned!)]) });
    expect(pruned).toMatchObject({ digests: 1 });
    expect(world.vault.versions("f" as TreePath).map(({ bytesKept }) => bytesKept)).toEqual([true, true, false]);
    expect(world.vault.read(digestOf(present!)).toString()).toBe(present);
    expect(() => world.vault.read(digestOf(old!))).toThrow(/holds no content/);
    expect(await world.vault.verify()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  });

  test("gives the disk its space back, oldest superseded first, down to the size wanted", async () => {
    const contents = Array.from({ length: 12 }, () => world.ports.random.bytes(400_000));
    for (const bytes of contents) await write("f", bytes);
    const before = packBytes();
    await world.vault.prune({ ...NEVER, maxBytes: 2_100_000 });
    expect(before).toBeGreaterThan(4_800_000);
    expect(packBytes()).toBeLessThan(2_500_000);
    expect(contents.map((bytes) => world.vault.has(digestOf(bytes)))).toEqual(contents.map((_, index) => index >= 7));
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("takes a content that parts of longer ones share only with the last of them", async () => {
    const long = world.ports.random.bytes(3 << 20);
    await write("log", long);
    await write("log", Buffer.concat([long, Buffer.from("more")]));
    await write("log", Buffer.concat([long, Buffer.from("even more")]));
    await world.vault.prune({ ...NEVER, maxBytes: 0 });
    expect(world.vault.has(digestOf(long))).toBe(false);
    expect(world.vault.read(digestOf(Buffer.concat([long, Buffer.from("even more")]))).length).toBe(long.length + 9);
    await write("log", "short");
    await write("other", "1");
    await world.vault.prune({ ...NEVER, maxBytes: 0 });
    expect(packBytes()).toBeLessThan(100_000);
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("does not believe a clock that jumped ten years ahead", async () => {
    const clock = { ...world.ports.clock };
    const jumping = { ...world.ports, clock };
    world.end();
    world = makeWorld({ ports: jumping });
    await write("f", "one");
    await write("f", "two");
    await write("f", "three");
    clock.now = () => Date.now() + 10 * 365 * 86_400_000;
    await write("g", "seen by the jumped clock");
    expect(await world.vault.prune({ ...NEVER, maxAgeMs: 14 * 86_400_000 })).toMatchObject({ digests: 0 });
    expect(await world.vault.prune({ ...NEVER, maxAgeMs: 6 * 86_400_000 })).toMatchObject({ digests: 2 });
  });

  test("takes nothing that a running batch counts on", async () => {
    await write("f", "counted on");
    await write("f", "now");
    await write("g", "1");
    const batch = world.another().vault.begin();
    const digest = batch.put(Buffer.from("counted on"));
    expect(await world.vault.prune({ ...NEVER, maxBytes: 0 })).toMatchObject({ digests: 1 });
    expect(world.vault.has(digest)).toBe(false);
    await batch.commit();
    expect(world.vault.read(digest).toString()).toBe("counted on");
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("may take the very pack that a running batch writes to", async () => {
    const other = world.another().vault;
    const first = other.begin();
    first.note("f" as TreePath, file("dead", first.put(Buffer.alloc(300_000, "dead"))));
    await first.commit();
    const running = other.begin();
    const kept = world.ports.random.bytes(2_000_000);
    const digest = running.put(kept);
    await write("f", "now");
    await write("g", "1");
    await world.vault.prune({ ...NEVER, maxBytes: 0 });
    running.note("kept" as TreePath, file("", digest));
    await running.commit();
    expect(world.vault.read(digest).equals(kept)).toBe(true);
    expect(await world.vault.verify()).toMatchObject({ ok: true, corrupt: [], missing: [] });
    rebuild();
    expect(world.vault.read(digest).equals(kept)).toBe(true);
  });

  test("beside batches of other instances loses nothing that is present", async () => {
    const others = [world.another().vault, world.another().vault];
    const present = new Map<string, Buffer>();
    const step = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(2));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
        const work = steps.map(async ([path, content, by]) => {
          if (by === 2) return void (await world.vault.prune({ ...NEVER, maxBytes: 0 }));
          const batch = others[by]!.begin();
          const bytes = Buffer.alloc(1_000 + content * 300_000, content);
          batch.note(`p${path}` as TreePath, file("", batch.put(bytes), bytes.length));
          await batch.commit(() => void present.set(`p${path}`, bytes));
        });
        await Promise.all(work);
        for (const [path, bytes] of present) {
          const { entry } = world.vault.latest(path as TreePath)!;
          expect(entry.kind === "file" && world.vault.read(entry.digest).equals(bytes)).toBe(true);
        }
        expect(await world.vault.verify()).toMatchObject({ ok: true });
      }),
      { numRuns: 600 },
    );
  });
});

describe("forget", () => {
  test("leaves the bytes nowhere in the state folder, and the digest known", async () => {
    const secret = "the password is 5f1c9a77";
    mkdirSync(at("d"));
    writeFileSync(at("d/other"), "something else");
    await write(".env", secret);
    await write(".env", "no secret");
    const aborted = world.vault.begin();
    aborted.put(Buffer.from(`${secret} in an aborted batch`));
    const { forgotten } = await world.vault.forget([digestOf(secret)]);
    expect(forgotten).toEqual([digestOf(secret)]);
    expect(inPacks(secret.slice(0, 24))).toBe(false);
    expect(world.vault.versions(".env" as TreePath)).toMatchObject([{ bytesKept: true }, { bytesKept: false }]);
    expect(world.vault.read(digestOf("something else")).toString()).toBe("something else");
    expect(await world.vault.verify()).toMatchObject({ ok: true });
    rebuild();
    expect(world.vault.has(digestOf(secret))).toBe(false);
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("of what a file is now is no loss to verify", async () => {
    await write("f", "secret");
    await world.vault.forget([digestOf("secret")]);
    expect(await world.vault.verify()).toMatchObject({ ok: true, missing: [] });
  });
});

describe("verify", () => {
  test("finds any flipped bit in any record, names it, and no read returns it", async () => {
    writeFileSync(at("a"), "content of a");
    writeFileSync(at("long"), world.ports.random.bytes(2_500_000));
    await world.vault.snapshot({});
    const pack = join(world.tree.state.packs, readdirSync(world.tree.state.packs)[0]!);
    const good = readFileSync(pack);
    const digests = ["a", "long"].map((path) => digestOf(readFileSync(at(path))));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 28, max: good.length - 1 }), fc.nat(7), async (offset, bit) => {
        const damaged = Buffer.from(good);
        damaged[offset]! ^= 1 << bit;
        writeFileSync(pack, damaged);
        const fresh = world.another().vault;
        const { ok, corrupt } = await fresh.verify();
        expect(ok).toBe(false);
        expect(corrupt[0]).toMatchObject({ pack: "pack-000001.hfp" });
        for (const digest of digests) {
          try {
            expect(digestOf(fresh.read(digest))).toBe(digest);
          } catch (error) {
            expect(error).toMatchObject({ code: "VAULT_CORRUPT" });
          }
        }
        fresh.close();
      }),
      { numRuns: 60 },
    );
    writeFileSync(pack, good);
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("names the paths of what is damaged, and of what is in no pack", async () => {
    await write("f", "text");
    const batch = world.vault.begin();
    batch.note("nowhere" as TreePath, file("never put"));
    await batch.commit();
    const pack = join(world.tree.state.packs, "pack-000001.hfp");
    const damaged = readFileSync(pack);
    damaged[damaged.indexOf("text")]! ^= 1;
    writeFileSync(pack, damaged);
    const { corrupt, missing } = await world.vault.verify();
    expect(corrupt).toMatchObject([{ pack: "pack-000001.hfp", digests: [digestOf("text")], paths: ["f"] }]);
    expect(missing).toEqual([{ digest: digestOf("never put"), paths: ["nowhere"] }]);
  });
});

describe("the index", () => {
  test("is rebuilt from the packs alone, the same", async () => {
    mkdirSync(at("d/empty"), { recursive: true });
    writeFileSync(at("d/a"), "one");
    writeFileSync(at("long"), Buffer.alloc(3_000_000, "long"));
    await world.vault.snapshot({ note: "first" });
    rmSync(at("d"), { recursive: true });
    await world.another().vault.snapshot({ note: "second" });
    await write("long", "short now");
    const before = indexContent();
    rebuild();
    expect(indexContent()).toEqual(before);
    expect(await world.vault.verify()).toMatchObject({ ok: true });
  });

  test("does not believe a commit that threw", async () => {
    await write("f", "one");
    const failing = world.vault.begin();
    failing.note("f" as TreePath, file("never", failing.put(Buffer.from("never"))));
    await expect(failing.commit(() => JSON.parse("{"))).rejects.toThrow();
    await write("f", "two");
    const before = indexContent().versions;
    rebuild();
    expect(indexContent().versions).toEqual(before);
  });

  test("from packs with a cut-off end is that of an earlier moment", async () => {
    await write("f", "one");
    await write("f", "two");
    const before = indexContent().versions;
    const pack = join(world.tree.state.packs, "pack-000001.hfp");
    const good = readFileSync(pack);
    for (let length = good.length - 1; length >= 0; length -= 7) {
      writeFileSync(pack, good.subarray(0, length));
      rebuild();
      const { versions } = indexContent();
      expect(before.slice(0, versions.length)).toEqual(versions);
      expect((await world.vault.verify()).corrupt).toEqual([]);
    }
  });
});

async function write(path: string, bytes: string | Buffer): Promise<void> {
  writeFileSync(at(path), bytes);
  await world.vault.remember({});
}

function file(text: string, digest = digestOf(text), sizeBytes = text.length) {
  return { kind: "file", digest, sizeBytes, mode: 0o644 } as const;
}

function rebuild(): void {
  rebuildIndex({ store: world.store, ports: world.ports, packsDir: world.tree.state.packs });
}

function indexContent() {
  const all = (sql: string) => world.store.all<Record<string, unknown>>(sql);
  return {
    contents: all("SELECT digest, length FROM vault_piece ORDER BY digest"),
    runs: all("SELECT digest, size_bytes, pieces FROM vault_run ORDER BY digest"),
    versions: all("SELECT * FROM vault_version ORDER BY number"),
    moments: all("SELECT * FROM vault_moment ORDER BY up_to"),
    snapshots: all("SELECT id, up_to, at_ms, body FROM vault_snapshot ORDER BY id"),
    packs: all("SELECT * FROM vault_pack ORDER BY number"),
  };
}

function packFiles(): string[] {
  return readdirSync(world.tree.state.packs).map((name) => join(world.tree.state.packs, name));
}

function packBytes(): number {
  return packFiles().reduce((sum, path) => sum + statSync(path).size, 0);
}

function inPacks(text: string): boolean {
  return packFiles().some((path) => readFileSync(path).includes(text));
}
