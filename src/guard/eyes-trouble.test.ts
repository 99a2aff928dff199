/** When events are lost, watches are refused, nobody looked, or the tree is not there: found all the same, and said. */

import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { PollingWatch } from "../../test/fakes/index.ts";
import type { Disk, Ports, TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type EyesWorld, eyesWorld, until } from "./eyes-fixture.ts";

let world: EyesWorld;
let watch: PollingWatch | null = null;
const at = (path: string) => join(world.root, path);
const put = (path: string, text: string) => {
  fs.mkdirSync(join(at(path), ".."), { recursive: true });
  fs.writeFileSync(at(path), text);
};
const latest = (path: string) => {
  const entry = world.vault.latest(path as TreePath)?.entry;
  return entry?.kind === "file" ? world.vault.read(entry.digest).toString() : (entry?.kind ?? null);
};
const plant =
  (files: Record<string, string>) =>
  (root: string): void => {
    for (const [path, text] of Object.entries(files)) {
      fs.mkdirSync(join(root, path, ".."), { recursive: true });
      fs.writeFileSync(join(root, path), text);
    }
  };
function polling(options: ConstructorParameters<typeof PollingWatch>[0] = {}): Partial<Ports> {
  watch = new PollingWatch(options);
  watch.pollEvery(5);
  return { watch };
}

afterEach(async () => {
  await world.end();
  watch?.end();
  watch = null;
});

describe("events that were lost", () => {
  it("are made up for by the sweep", async () => {
    world = eyesWorld({ ports: polling(), before: plant({ "a/f": "one" }) });
    await started();
    watch!.isDeaf = true;
    put("a/f", "two");
    put("b/g", "new");
    await world.eyes.remembered();
    expect(latest("a/f")).toBe("one");
    await world.eyes.sweepNow(false);
    await world.eyes.remembered();
    expect([latest("a/f"), latest("b/g")]).toEqual(["two", "new"]);
    expect(world.changes().slice(-3).sort()).toEqual(["a/f: file → file", "b/g: absent → file", "b: absent → dir"]);
  });

  it("with their watches are told as a blind stretch, swept, and watched again", async () => {
    world = eyesWorld({ ports: polling(), before: plant({ "a/f": "one" }) });
    await world.eyes.start();
    watch!.breakAll(new Error("gone"));
    put("a/f", "two");
    await until(() => world.settled.some(({ blind }) => blind !== null));
    expect(world.settled.map(({ blind }) => blind?.why).filter(Boolean)).toEqual(["the watch of the root broke: gone"]);
    await until(() => latest("a/f") === "two");
    put("a/f", "three");
    await until(() => latest("a/f") === "three");
  });

  it("because they were more than the system keeps become one sweep, with a blind stretch", async () => {
    world = eyesWorld({ ports: polling({ queueLength: 100 }), before: plant({ "a/f": "one" }) });
    await world.eyes.start();
    for (let index = 0; index < 200; index += 1) put(`a/${index}`, String(index));
    watch!.poll();
    await world.eyes.remembered();
    expect(latest("a/199")).toBe("199");
    expect(world.settled.some(({ blind }) => blind?.why === "as many events at once as the system keeps")).toBe(true);
    put("a/f", "two");
    watch!.poll();
    await world.eyes.remembered();
    expect(latest("a/f")).toBe("two");
  });
});

it("where one watch sees all below it, as on macOS, the same is remembered", async () => {
  world = eyesWorld({ ports: polling({ recursive: true }), before: plant({ "a/b/f": "one" }) });
  await world.eyes.start();
  put("a/b/f", "two");
  put("c/d/g", "new");
  await until(() => latest("a/b/f") === "two" && latest("c/d/g") === "new");
  fs.renameSync(at("c"), at("e"));
  await until(() => latest("e/d/g") === "new" && latest("c/d/g") === "absent");
  put("e/d/g", "later");
  await until(() => latest("e/d/g") === "later");
});

describe("too few watches", () => {
  it("go to components first, the rest is named, and swept", async () => {
    const files = { "a/f": "one", "b/f": "one", "c/f": "one", "d/component": "one" };
    world = eyesWorld({ ports: polling({ watchesMax: 3 }), before: plant(files) });
    world.protectedPaths.push("d/component" as TreePath);
    await world.eyes.start();
    expect(world.eyes.state()).toMatchObject({ full: "ENOSPC", watched: { folders: 3 }, unwatchedTotal: 2 });
    put("d/component", "two");
    await until(() => latest("d/component") === "two");
    for (const folder of ["a", "b", "c"]) put(`${folder}/f`, "two");
    await world.eyes.sweepNow(false);
    await world.eyes.remembered();
    expect(["a", "b", "c"].map((folder) => latest(`${folder}/f`))).toEqual(["two", "two", "two"]);
  });

  it("are taken from others when a component's folder comes later", async () => {
    world = eyesWorld({ ports: polling({ watchesMax: 4 }), before: plant({ "a/f": "1", "b/f": "1", "c/f": "1" }) });
    await world.eyes.start();
    world.protectedPaths.push("d/component" as TreePath);
    await world.eyes.sweepNow(false);
    put("d/component", "one");
    await until(() => latest("d/component") === "one");
    put("d/component", "two");
    await until(() => latest("d/component") === "two");
    expect(world.eyes.state().unwatched.map(({ why }) => why)).toEqual(["its watch went to a component"]);
  });
});

describe("a stretch in which nobody looked", () => {
  it("between two daemons is told from when to when, with what happened in it", async () => {
    world = eyesWorld({ before: plant({ "a/f": "one", "a/g": "one" }) });
    await started();
    await world.eyes.stop();
    const stoppedMs = Date.now();
    put("a/f", "two");
    fs.rmSync(at("a/g"));
    world.settled.length = 0;
    await world.reopen().start();
    await world.eyes.remembered();
    expect(world.settled[0]).toMatchObject({ by: "start", blind: { why: "no daemon ran" } });
    expect(world.settled[0]!.blind!.fromMs).toBeLessThanOrEqual(stoppedMs);
    expect(world.settled[0]!.blind!.toMs).toBeGreaterThanOrEqual(stoppedMs);
    expect(world.changes().sort()).toEqual(["a/f: file → file", "a/g: file → absent"]);
  });
});

it("what had not come to rest when they stopped is handed over after the next start", async () => {
  world = eyesWorld({ before: plant({ f: "one" }) });
  await started();
  put("f", "two");
  await world.vault.remember({});
  await world.eyes.sweepNow(false);
  await world.eyes.stop();
  world.settled.length = 0;
  await world.reopen().start();
  await world.eyes.remembered();
  expect(world.changes()).toEqual(["f: file → file"]);
});

describe("a root that is not there", () => {
  it("is an alarm, and nothing in it is remembered as deleted; when it is back, it is swept", async () => {
    world = eyesWorld({ before: plant({ "a/f": "one", "b/g": "one", "holdfast.yaml": "v: 1\n" }) });
    await world.eyes.start();
    const away = join(world.base, "away");
    fs.renameSync(world.root, away);
    await until(() => world.troubles.length > 0);
    fs.mkdirSync(world.root);
    await until(() => world.eyes.state().root?.kind === "replaced");
    await expect(world.eyes.sweepNow(false)).rejects.toMatchObject({ code: "TREE_NOT_FOUND" });
    expect([latest("a/f"), latest("b/g")]).toEqual(["one", "one"]);
    fs.writeFileSync(join(away, "a/f"), "two");
    fs.rmdirSync(world.root);
    fs.renameSync(away, world.root);
    await until(() => latest("a/f") === "two");
    expect(world.troubles.map((trouble) => trouble?.kind ?? "over")).toEqual([
      expect.stringMatching(/gone|replaced/),
      "over",
    ]);
    await until(() => world.settled.some(({ blind }) => blind?.why === "the tree was not there"));
    put("a/f", "three");
    await until(() => latest("a/f") === "three");
  });

  it("but was made again before anybody missed it, is watched anew, whatever its inode", async () => {
    const real = realPorts().disk;
    let known: number | undefined;
    // As the file system gives a freed inode to the next folder, or does not.
    const lstat: Disk["lstat"] = (path) => {
      const stat = real.lstat(path);
      if (path !== world.root || stat === null) return stat;
      known ??= stat.ino;
      return { ...stat, ino: known };
    };
    world = eyesWorld({
      ports: { disk: { ...real, lstat } },
      before: plant({ "a/f": "one", "holdfast.yaml": "v: 1\n" }),
    });
    await started();
    fs.rmSync(world.root, { recursive: true });
    plant({ "a/f": "two", "b/g": "one", "holdfast.yaml": "v: 1\n" })(world.root);
    await until(() => latest("a/f") === "two" && latest("b/g") === "one");
    put("new", "one");
    put("a/new", "one");
    await until(() => latest("new") === "one" && latest("a/new") === "one");
  });

  it("at the start is not taken for an emptied tree", async () => {
    world = eyesWorld({ before: plant({ "a/f": "one", "holdfast.yaml": "v: 1\n" }) });
    await world.eyes.start();
    await world.eyes.stop();
    const away = join(world.base, "away");
    fs.renameSync(world.root, away);
    fs.mkdirSync(world.root);
    await expect(world.reopen().start()).rejects.toMatchObject({ code: "TREE_NOT_FOUND" });
    expect(world.troubles.at(-1)).toMatchObject({ kind: "emptied-mount" });
    expect(latest("a/f")).toBe("one");
    fs.rmdirSync(world.root);
    fs.renameSync(away, world.root);
    await until(() => world.troubles.at(-1) === null && world.eyes.state().swept !== null);
    expect(latest("a/f")).toBe("one");
  });
});

describe("states that do not rest", () => {
  it("are not handed over, even when a command remembered them, until they rest", async () => {
    world = eyesWorld({ before: plant({ f: "one" }) });
    await started();
    world.settled.length = 0;
    put("f", "");
    await world.vault.remember({});
    put("g", "other");
    fs.chmodSync(at("g"), 0o600);
    put("f", "two");
    await world.eyes.remembered();
    expect(latest("f")).toBe("two");
    expect(world.changes().filter((change) => change.startsWith("f"))).toEqual(["f: file → file"]);
    const sizes = world.settled
      .flatMap(({ changes }) => changes)
      .map(({ after }) => after.kind === "file" && after.sizeBytes);
    expect(sizes).not.toContain(0);
  });
});

it("a deep sweep finds what every time and size hides", async () => {
  const real = realPorts().disk;
  const frozen = new Map<string, ReturnType<Disk["lstat"]>>();
  const lstat: Disk["lstat"] = (path) => frozen.get(path) ?? real.lstat(path);
  world = eyesWorld({ ports: { ...polling(), disk: { ...real, lstat } }, before: plant({ f: "one" }) });
  await until(() => Date.now() - real.lstat(at("f"))!.ctimeMs > 400);
  await started();
  frozen.set(at("f"), real.lstat(at("f")));
  put("f", "two");
  // Its hint leads to a look that sees nothing.
  watch!.poll();
  await world.eyes.remembered();
  await world.eyes.sweepNow(false);
  expect(latest("f")).toBe("one");
  await world.eyes.sweepNow(true);
  expect(latest("f")).toBe("two");
  await world.eyes.remembered();
  expect(world.settled.flatMap(({ changes }) => changes.map(({ path }) => path))).toContain("f");
});

/** What was there when they opened has come to rest, too. */
async function started(): Promise<void> {
  await world.eyes.start();
  await world.eyes.remembered();
}
