/** Continuous remembering on a real file system: whatever is done to the tree, what rests is in the vault, and the judge hears of it. */

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { type EyesWorld, eyesWorld, until } from "./eyes-fixture.ts";

let world: EyesWorld;
const at = (path: string) => join(world.root, path);
const put = (path: string, text: string) => {
  fs.mkdirSync(join(at(path), ".."), { recursive: true });
  fs.writeFileSync(at(path), text);
};
const latest = (path: string) => {
  const entry = world.vault.latest(path as TreePath)?.entry;
  return entry?.kind === "file" ? world.vault.read(entry.digest).toString() : (entry?.kind ?? null);
};
const versionsOf = (path: string) =>
  world.vault
    .versions(path as TreePath)
    .map(({ entry }) => (entry.kind === "file" ? world.vault.read(entry.digest).toString() : entry.kind))
    .reverse();

beforeEach(() => {
  world = eyesWorld();
});
afterEach(() => world.end());

describe("files", () => {
  beforeEach(() => world.eyes.start());

  it("are remembered when they are made, written again, and removed", async () => {
    put("a.txt", "one");
    await world.eyes.remembered();
    put("a.txt", "two");
    await world.eyes.remembered();
    fs.rmSync(at("a.txt"));
    await world.eyes.remembered();
    expect(versionsOf("a.txt")).toEqual(["one", "two", "absent"]);
    expect(world.changes()).toEqual(["a.txt: absent → file", "a.txt: file → file", "a.txt: file → absent"]);
  });

  it("that are emptied and written at once are never remembered empty", async () => {
    put("a.txt", "one");
    await world.eyes.remembered();
    fs.truncateSync(at("a.txt"));
    fs.writeFileSync(at("a.txt"), "two");
    await world.eyes.remembered();
    expect(versionsOf("a.txt")).toEqual(["one", "two"]);
  });

  it("are in the vault at once for somebody who is about to destroy them, and judged when they rest", async () => {
    put("a.txt", "one");
    await world.eyes.rememberNow();
    expect([latest("a.txt"), world.changes()]).toEqual(["one", []]);
    fs.rmSync(at("a.txt"));
    put("new/deep/b.txt", "two");
    await world.eyes.rememberNow();
    expect([latest("a.txt"), latest("new/deep/b.txt")]).toEqual(["absent", "two"]);
    await world.eyes.remembered();
    expect(world.changes()).toContain("new/deep/b.txt: absent → file");
    const { upTo } = await world.vault.remember({});
    await world.eyes.rememberNow();
    expect(world.vault.versionHead()).toBe(upTo);
  });

  it("that an editor saves by a rename have one new version, and its temporary file none", async () => {
    put("a.txt", "one");
    await world.eyes.remembered();
    fs.writeFileSync(at("a.txt.tmp~"), "two");
    fs.renameSync(at("a.txt.tmp~"), at("a.txt"));
    await world.eyes.remembered();
    expect(versionsOf("a.txt")).toEqual(["one", "two"]);
    expect(versionsOf("a.txt.tmp~")).toEqual([]);
  });

  it("lose their mode at once, without waiting for content to rest", async () => {
    put("run.sh", "#!/bin/sh\n");
    fs.chmodSync(at("run.sh"), 0o755);
    await world.eyes.remembered();
    fs.chmodSync(at("run.sh"), 0o644);
    await world.eyes.remembered();
    expect(world.vault.latest("run.sh" as TreePath)?.entry).toMatchObject({ mode: 0o644 });
    expect(world.settled.at(-1)!.untilMs - world.settled.at(-1)!.sinceMs).toBeLessThan(300);
  });

  it("that somebody remembered and took away before they rested are handed over", async () => {
    put("a.txt", "one");
    await world.vault.remember({});
    fs.rmSync(at("a.txt"));
    await world.eyes.remembered();
    expect(world.changes()).toContain("a.txt: absent → absent");
  });

  it("with any name are remembered", async () => {
    const names = ["new\nline", "ümlaut", "*?[x]", " blank ", "-dash", "tab\t"];
    for (const name of names) put(name, name);
    await world.eyes.remembered();
    expect(names.map(latest)).toEqual(names);
  });

  it("are noticed when they are written through a name outside the tree", async () => {
    put("a.txt", "one");
    fs.linkSync(at("a.txt"), join(world.base, "outside"));
    await world.eyes.remembered();
    expect(world.eyes.state().watched.files).toBe(1);
    fs.writeFileSync(join(world.base, "outside"), "two");
    await world.eyes.remembered();
    expect(latest("a.txt")).toBe("two");
    fs.rmSync(join(world.base, "outside"));
    await world.eyes.remembered();
    expect(world.eyes.state().watched.files).toBe(0);
  });

  it("written by mmap raise no event, and are found by the sweep", async () => {
    put("data.bin", "one".repeat(2_000));
    await world.eyes.remembered();
    const script = `import mmap\nwith open(${JSON.stringify(at("data.bin"))}, "r+b") as f:\n m = mmap.mmap(f.fileno(), 0); m[0:3] = b"two"; m.flush(); m.close()`;
    execFileSync("python3", ["-c", script]);
    await world.eyes.remembered();
    expect(versionsOf("data.bin")).toHaveLength(1);
    await world.eyes.sweepNow(false);
    await world.eyes.remembered();
    expect(latest("data.bin")?.slice(0, 6)).toBe("twoone");
  });
});

describe("folders", () => {
  beforeEach(() => world.eyes.start());

  it("made with all below them in one go are remembered whole, and watched", async () => {
    execFileSync("sh", ["-c", "mkdir -p a/b/c/d && for i in 1 2 3 4 5; do echo $i > a/b/c/d/$i; done"], {
      cwd: world.root,
    });
    await world.eyes.remembered();
    expect(latest("a/b/c/d/5")).toBe("5\n");
    put("a/b/c/d/5", "later");
    await world.eyes.remembered();
    expect(latest("a/b/c/d/5")).toBe("later");
  });

  it("go on being watched after they were moved, and after another took their place", async () => {
    put("one/f", "in one");
    put("two/f", "in two");
    await world.eyes.remembered();
    fs.renameSync(at("one"), at("three"));
    fs.renameSync(at("two"), at("one"));
    await world.eyes.remembered();
    expect([latest("one/f"), latest("two/f"), latest("three/f")]).toEqual(["in two", "absent", "in one"]);
    put("one/f", "later in one");
    put("three/f", "later in three");
    await world.eyes.remembered();
    expect([latest("one/f"), latest("three/f")]).toEqual(["later in one", "later in three"]);
  });

  it("that become a link are remembered as one, and what lies behind is not followed", async () => {
    put("real/f", "one");
    await world.eyes.remembered();
    fs.renameSync(at("real"), join(world.base, "elsewhere"));
    fs.symlinkSync(join(world.base, "elsewhere"), at("real"));
    await world.eyes.remembered();
    expect([latest("real"), latest("real/f")]).toEqual(["link", "absent"]);
    fs.writeFileSync(join(world.base, "elsewhere/f"), "two");
    await world.eyes.remembered();
    expect(latest("real/f")).toBe("absent");
  });

  it("of ten thousand files are remembered, and one change in them costs one version", async () => {
    fs.mkdirSync(at("many"));
    for (let index = 0; index < 10_000; index += 1) fs.writeFileSync(at(`many/${index}`), String(index));
    await world.eyes.remembered();
    expect(latest("many/9999")).toBe("9999");
    const before = world.vault.stats().versions;
    put("many/77", "changed");
    await world.eyes.remembered();
    expect(world.vault.stats().versions).toBe(before + 1);
  }, 120_000);

  it("very deep ones too", async () => {
    const deep = Array.from({ length: 150 }, (_, index) => `level-${index}`).join("/");
    put(`${deep}/f`, "deep");
    await world.eyes.remembered();
    expect(latest(`${deep}/f`)).toBe("deep");
    fs.rmSync(at("level-0"), { recursive: true });
    await world.eyes.remembered();
    expect(latest(`${deep}/f`)).toBe("absent");
    expect(world.eyes.state().watched.folders).toBe(1);
  });

  it("that are deleted with many files are one handing over", async () => {
    for (let index = 0; index < 600; index += 1) put(`dir/${index % 20}/${index}`, String(index));
    await world.eyes.remembered();
    world.settled.length = 0;
    execFileSync("rm", ["-rf", at("dir")]);
    await world.eyes.remembered();
    expect(world.settled.map(({ changes }) => changes.length)).toEqual([621]);
  });

  it.skipIf(!canMount())("mounted over raise no event; the mount table does (needs root)", async () => {
    put("place/f", "below");
    await world.eyes.remembered();
    execFileSync("mount", ["-t", "tmpfs", "none", at("place")]);
    try {
      fs.writeFileSync(at("place/g"), "above");
      await until(() => latest("place/g") === "above");
      await until(() => world.eyes.state().swept?.why === "the mount table changed");
      fs.writeFileSync(at("place/g"), "again");
      await until(() => latest("place/g") === "again");
    } finally {
      execFileSync("umount", [at("place")]);
    }
    await until(() => latest("place/f") === "below" && latest("place/g") === "absent");
  });
});

function canMount(): boolean {
  return process.getuid?.() === 0 && fs.existsSync("/proc/self/mountinfo");
}
