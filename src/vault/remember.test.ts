import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf, type PresentEntry, type Stat, type TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.end());

const at = (path: string): string => join(world.root, path);

describe("remembering", () => {
  test("takes files, modes, links and empty folders, and says how much it was", async () => {
    mkdirSync(at("d/empty"), { recursive: true, mode: 0o755 });
    writeFileSync(at("d/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    symlinkSync("nowhere", at("d/link"));
    writeFileSync(at("ü\nnew line"), "");
    const { files, bytes, skipped, changedPaths } = await world.vault.remember({});
    expect({ files, bytes, skipped, changedPaths }).toEqual({ files: 3, bytes: 10, skipped: [], changedPaths: 5 });
    expect(remembered()).toEqual(naive(world.root));
    expect((await world.vault.remember({})).changedPaths).toBe(0);
  });

  test("after any changes equals a plain digest walk, by one instance, by a fresh one, and by part", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 4 }),
        fc.boolean(),
        async (rounds, byPart) => {
          for (const round of rounds) {
            const touched = round.flatMap((one) => mutate(world.root, one));
            const vault = byPart ? world.vault : world.another().vault;
            await vault.remember(byPart ? { paths: touched as TreePath[] } : {});
            expect(remembered()).toEqual(naive(world.root));
          }
          expect((await world.vault.remember({})).upTo).toBe(world.vault.versionHead());
          expect(remembered()).toEqual(naive(world.root));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("notices a rewrite of the same size with its time put back", async () => {
    writeFileSync(at("f"), "one");
    const { atime, mtime } = lstatSync(at("f"));
    await world.vault.remember({});
    writeFileSync(at("f"), "two");
    utimesSync(at("f"), atime, mtime);
    await world.vault.remember({});
    expect(remembered()).toEqual(naive(world.root));
  });

  test("notices a rewrite within the clock's tick, whatever the times say", async () => {
    world.end();
    const ports = realPorts();
    // A kernel whose clock moves every 15 ms: several rewrites get the same times.
    const slow = (ms: number): number => Math.floor(ms / 15) * 15;
    const slowed = <T extends Stat | null>(stat: T): T =>
      stat && { ...stat, mtimeMs: slow(stat.mtimeMs), ctimeMs: slow(stat.ctimeMs) };
    const disk = { ...ports.disk };
    disk.lstat = (path) => slowed(ports.disk.lstat(path));
    disk.fstat = (fd) => slowed(ports.disk.fstat(fd));
    world = makeWorld({ ports: { ...ports, disk } });
    for (let round = 0; round < 50; round += 1) {
      writeFileSync(at("f"), `${round % 10}`);
      await world.vault.remember({});
      expect(remembered()).toEqual(naive(world.root));
    }
  });

  test("sees a change through another hard link, outside its folder", async () => {
    mkdirSync(at("d"));
    writeFileSync(at("d/a"), "one");
    linkSync(at("d/a"), at("b"));
    await world.vault.remember({});
    appendFileSync(at("b"), "two");
    await world.vault.remember({});
    expect(remembered()).toEqual(naive(world.root));
  });

  test("survives a damaged, a foreign and a missing cache of signatures", async () => {
    writeFileSync(at("f"), "text");
    await world.vault.remember({});
    const path = world.tree.state.signatures;
    const good = readFileSync(path);
    const damaged = Buffer.from(good);
    damaged[damaged.length - 3]! ^= 1;
    for (const bytes of [damaged, good.subarray(0, 50), Buffer.alloc(0), Buffer.from("something else"), null]) {
      if (bytes === null) rmSync(path);
      else writeFileSync(path, bytes);
      const { files, changedPaths, upTo } = await world.another().vault.remember({});
      expect({ files, changedPaths, upTo }).toEqual({ files: 1, changedPaths: 0, upTo: 1 });
    }
  });

  test("notes again what another writer noted differently", async () => {
    writeFileSync(at("f"), "text");
    await world.vault.remember({});
    const other = world.another().vault.begin();
    other.note("f" as TreePath, { kind: "absent" });
    await other.commit();
    await world.vault.remember({});
    expect(remembered()).toEqual(naive(world.root));
  });

  test("reaches very deep folders", async () => {
    const deep = Array.from({ length: 120 }, (_, index) => `folder-number-${index}`).join("/");
    mkdirSync(at(deep), { recursive: true });
    writeFileSync(at(`${deep}/f`), "deep");
    await world.vault.remember({});
    expect(remembered()).toEqual(naive(world.root));
  });

  test("forgets nothing when the tree is gone, and says so", async () => {
    writeFileSync(at("f"), "text");
    await world.vault.remember({});
    renameSync(world.root, `${world.root}-away`);
    await expect(world.vault.remember({})).rejects.toMatchObject({ code: "TREE_NOT_FOUND" });
    expect(remembered()).toEqual(naive(`${world.root}-away`));
  });
});

describe("what cannot be remembered", () => {
  test("is named each time, with the reason", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    writeFileSync(at("large"), Buffer.alloc(2_000));
    writeFileSync(Buffer.from(`${world.root}/caf\xe9`, "latin1"), "x");
    world.config = { ...world.config, maxFileBytes: 1_000 };
    const expected = [
      { path: "caf\\xe9", why: "name is not valid UTF-8" },
      { path: "large", why: "over maxFile (2.0 kB)" },
      { path: "pipe", why: "a fifo, a socket or a device" },
    ];
    expect((await world.vault.remember({})).skipped).toEqual(expected);
    expect((await world.vault.remember({})).skipped).toEqual(expected);
    expect((await world.another().vault.remember({})).skipped).toEqual(expected);
    writeFileSync(at("large"), Buffer.alloc(900));
    expect((await world.vault.remember({})).skipped).toEqual([expected[0], expected[2]]);
    expect(world.vault.latest("large" as TreePath)?.entry).toMatchObject({ sizeBytes: 900 });
  });
});

describe("in a git repository", () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: world.root });
  const paths = () => [...world.vault.statesAt()].map(({ path }) => path);

  test("what git ignores is left out, unless it is tracked, precious or protected, also when the rules change later", async () => {
    git("init", "-q");
    world.end();
    const root = world.root;
    mkdirSync(root, { recursive: true });
    execFileSync("git", ["init", "-q", root]);
    world = makeWorld({ root });
    world.config = { ...world.config, precious: [".env*"], maxFileBytes: 1_000 };
    world.protectedPaths = ["out/protected" as TreePath];
    for (const folder of ["out", "logs"]) mkdirSync(at(folder));
    for (const name of ["out/tracked", "out/protected", "out/other", "out/.env", "logs/a", "top"])
      writeFileSync(at(name), name);
    writeFileSync(at(".gitignore"), "out\n");
    writeFileSync(at("large"), Buffer.alloc(5_000));
    git("add", "-f", "out/tracked", "top", "large");
    await world.vault.remember({});
    expect(paths()).toEqual([
      ".gitignore",
      "large",
      "logs",
      "logs/a",
      "out",
      "out/.env",
      "out/protected",
      "out/tracked",
      "top",
    ]);
    writeFileSync(at("out/tracked"), "changed");
    writeFileSync(at("logs/.gitignore"), "*\n");
    writeFileSync(at("logs/b"), "ignored now");
    await world.vault.remember({});
    expect(paths()).not.toContain("logs/b");
    expect(world.vault.latest("out/tracked" as TreePath)?.entry).toMatchObject({ digest: digestOf("changed") });
    git("add", "-f", "logs/b");
    await world.another().vault.remember({});
    expect(paths()).toContain("logs/b");
    rmSync(root, { recursive: true });
  });
});

describe("a snapshot", () => {
  test("names a moment of the tree, and is found by the beginning of its id", async () => {
    writeFileSync(at("f"), "one");
    const first = await world.vault.snapshot({ note: "before" });
    writeFileSync(at("f"), "two!");
    const second = await world.vault.snapshot({});
    expect(world.vault.snapshots()).toEqual([first, second]);
    expect(world.vault.findSnapshot(first.id)).toEqual(first);
    expect(() => world.vault.findSnapshot("S")).toThrow(/More than one/);
    expect(() => world.vault.findSnapshot("x%")).toThrow(/no snapshot/);
    expect([...world.vault.statesAt({ upTo: first.upTo })].map(({ entry }) => entry)).toEqual([
      { kind: "file", digest: digestOf("one"), sizeBytes: 3, mode: 0o644 },
    ]);
    expect(first).toMatchObject({ note: "before", files: 1, bytes: 3, newBytes: 3, paths: null });
  });
});

/** What the vault says of the present, by path. */
function remembered(): Record<string, PresentEntry> {
  return Object.fromEntries([...world.vault.statesAt()].map(({ path, entry }) => [path, entry]));
}

function naive(root: string, prefix = ""): Record<string, PresentEntry> {
  const found: Record<string, PresentEntry> = {};
  for (const name of readdirSync(join(root, prefix))) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const stat = lstatSync(join(root, path));
    const mode = stat.mode & 0o7777;
    if (stat.isDirectory()) Object.assign(found, { [path]: { kind: "dir", mode } }, naive(root, path));
    else if (stat.isSymbolicLink()) found[path] = { kind: "link", target: readlinkSync(join(root, path)) };
    else {
      const bytes = readFileSync(join(root, path));
      found[path] = { kind: "file", digest: digestOf(bytes), sizeBytes: bytes.length, mode };
    }
  }
  return found;
}

const name = fc.constantFrom("a", "b", "a/c", "a/d", "a/d/e", "b/f", "b-");
const change = fc.oneof(
  fc.record({
    do: fc.constant("write" as const),
    path: name,
    text: fc.constantFrom("1", "22", "333", "x".repeat(2_000)),
  }),
  fc.record({
    do: fc.constantFrom("remove" as const, "folder" as const, "link" as const, "exec" as const),
    path: name,
  }),
  fc.record({ do: fc.constant("move" as const), path: name, to: name }),
);

/** Does one thing to the tree, if it can be done, and answers with the paths that it touched, through links too. */
function mutate(root: string, one: { do: string; path: string; text?: string; to?: string }): string[] {
  const path = join(root, one.path);
  const reached = () =>
    [one.path, one.to ?? one.path].flatMap((name) => [name, name.split("/")[0]!, ...realNames(root, name)]);
  const before = reached();
  try {
    if (one.do === "write") writeFileSync(path, one.text!);
    else if (one.do === "remove") rmSync(path, { recursive: true });
    else if (one.do === "folder") mkdirSync(path, { recursive: true });
    else if (one.do === "link") symlinkSync("a", path);
    else if (one.do === "exec") chmodSync(path, 0o755);
    else if (one.do === "move") renameSync(path, join(root, one.to!));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return [...before, ...reached()];
}

/** Where a name leads when links on the way, and its own, are followed. */
function realNames(root: string, name: string): string[] {
  const found = [name, name.split("/").slice(0, -1).join("/")].flatMap((one) => {
    try {
      return [relative(root, realpathSync(join(root, one)))];
    } catch {
      return [];
    }
  });
  return [...found, ...found.map((folder) => `${folder}/${name.split("/").at(-1)}`)].filter(
    (one) => one !== "" && !one.startsWith("/"),
  );
}
