import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { digestOf, HoldfastError, type TreeId } from "../base/index.ts";
import { listTrees } from "./locate.ts";
import { noteAcceptedConfig, register, relocate, unregister } from "./register.ts";
import { loadRegistry } from "./registry.ts";

let world: World;
beforeEach(() => {
  world = temporaryWorld();
});
afterEach(() => world.remove());

const roots = async () => (await listTrees(world.ports)).map((tree) => tree.root);
const file = () => world.at("state/trees.json");

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "accepted";
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return `${error.code}: ${error.message.replaceAll(world.dir, "")}`;
  }
}

describe("a tree that is registered", () => {
  it("gets a state folder of its own that nobody else may read, and nothing in the tree", async () => {
    const root = world.repository("mono");
    const tree = await register(root, world.ports);
    expect(tree).toMatchObject({ root, git: { workTree: root, gitDir: join(root, ".git") } });
    expect(tree.state.dir).toBe(world.at("state", tree.id));
    expect(lstatSync(tree.state.dir).mode & 0o777).toBe(0o700);
    for (const folder of [
      tree.state.packs,
      tree.state.segments,
      tree.state.scratch,
      tree.state.projections,
      tree.state.log,
    ]) {
      expect(lstatSync(folder).isDirectory()).toBe(true);
    }
    expect(readdirSync(root).sort()).toEqual([".git", "README.md"]);
    expect(await roots()).toEqual([root]);
  });

  it("is known by its real path, and registering it again changes nothing", async () => {
    const root = world.folder("plain");
    symlinkSync(root, world.at("alias"));
    const first = await register(world.at("alias"), world.ports);
    const before = readFileSync(file());
    expect(await register(root, world.ports)).toEqual(first);
    expect(readFileSync(file())).toEqual(before);
  });

  it("is forgotten on request, for good, and its state stays", async () => {
    const tree = await register(world.folder("plain"), world.ports);
    await unregister(tree.id, world.ports);
    await unregister(tree.id, world.ports);
    expect(await roots()).toEqual([]);
    expect(existsSync(tree.state.packs)).toBe(true);
    writeFileSync(file(), "rubbish");
    expect(await roots()).toEqual([]);
  });

  it("keeps its id, its state and its accepted configuration at another path", async () => {
    const tree = await register(world.folder("old"), world.ports);
    await noteAcceptedConfig(tree.id, digestOf("config"), world.ports);
    renameSync(world.at("old"), world.at("new"));
    expect(await relocate(tree.id, world.at("new"), world.ports)).toMatchObject({ id: tree.id, root: world.at("new") });
    const [entry] = (await loadRegistry(world.ports)).entries;
    expect(entry).toMatchObject({ root: world.at("new"), configDigest: digestOf("config") });
    expect(await codeOf(relocate("0123456789abcdef" as TreeId, world.at("new"), world.ports))).toMatch(
      /^TREE_NOT_FOUND/,
    );
  });
});

describe("a folder that cannot be a tree", () => {
  it("is refused, and why is said", async () => {
    await register(world.folder("tree"), world.ports);
    world.folder("tree/inner");
    world.repository("tree/clone");
    world.folder("above/held");
    await register(world.at("above/held"), world.ports);
    world.write("file", "");
    const refusal = (path: string) => codeOf(register(world.at(path), world.ports));
    expect(await refusal("tree/inner")).toBe(
      "TREE_UNSUITABLE: /tree/inner is inside the tree /tree, and looked after with it",
    );
    expect(await refusal("tree/clone")).toBe(
      "TREE_UNSUITABLE: /tree/clone is a repository inside the tree /tree, and looked after with it",
    );
    expect(await refusal("above")).toBe("TREE_UNSUITABLE: /above holds the tree /above/held");
    expect(await refusal("home")).toBe("TREE_UNSUITABLE: /home is, or holds, your home folder");
    expect(await refusal(".")).toMatch(/is, or holds, your home folder/);
    expect(await codeOf(register("/", world.ports))).toBe("TREE_UNSUITABLE: / is the whole machine");
    expect(await refusal("state")).toMatch(/is inside the state folder/);
    expect(await refusal(`state/${(await listTrees(world.ports))[0]!.id}/packs`)).toMatch(/is inside the state folder/);
    expect(await refusal("file")).toBe("TREE_UNSUITABLE: /file is no folder");
    expect(await refusal("nothing")).toBe("TREE_UNSUITABLE: /nothing does not exist");
    expect(await refusal("tree/clone/.git/refs")).toMatch(/inside git's own folder/);
  });

  it("is a git worktree of a tree: that is a workspace", async () => {
    const root = world.repository("mono");
    await register(root, world.ports);
    world.git(root, "worktree", "add", "-q", world.at("side"));
    expect(await codeOf(register(world.at("side"), world.ports))).toBe(
      "TREE_UNSUITABLE: /side is a workspace (git worktree) of the tree /mono, and looked after with it",
    );
  });

  it.runIf(process.getuid?.() === 0)("is one that cannot be written, also for root", async () => {
    const root = world.folder("readonly");
    const disk = {
      ...world.ports.disk,
      createNew: () => {
        throw Object.assign(new Error("EROFS"), { code: "EROFS" });
      },
    };
    expect(await codeOf(register(root, { ...world.ports, disk }))).toBe(
      "TREE_UNSUITABLE: /readonly cannot be written (EROFS)",
    );
  });
});

describe("the registry", () => {
  it("loses nothing when many processes register at once", async () => {
    const script = world.write(
      "register.ts",
      `import { realPorts } from ${JSON.stringify(join(process.cwd(), "src/platform/index.ts"))};
       import { register } from ${JSON.stringify(join(process.cwd(), "src/tree/register.ts"))};
       for (const root of process.argv.slice(2)) await register(root, realPorts());`,
    );
    const folders = Array.from({ length: 4 }, (_, process) =>
      Array.from({ length: 5 }, (_, n) => world.folder(`tree-${process}-${n}`)),
    );
    const children = folders.map(
      (mine) =>
        new Promise<number | null>((resolve) => {
          const env = { ...process.env, HOLDFAST_HOME: world.at("state"), HOME: world.at("home") };
          spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...mine], {
            env,
            stdio: "inherit",
          }).on("exit", resolve);
        }),
    );
    expect(await Promise.all(children)).toEqual([0, 0, 0, 0]);
    expect((await roots()).sort()).toEqual(folders.flat().sort());
  });

  it("loses nothing when one process registers at once what it has", async () => {
    const folders = Array.from({ length: 8 }, (_, n) => world.folder(`tree-${n}`));
    await Promise.all(folders.map((folder) => register(folder, world.ports)));
    expect((await roots()).sort()).toEqual(folders);
  });

  it.each(["", "{", "null", '{"v":1}', '{"v":1,"trees":[{"id":"../../x","root":"/"}]}', "\0\0\0\0"])(
    "that is damaged (%j) is set aside, named, and rebuilt",
    async (damage) => {
      const tree = await register(world.repository("mono"), world.ports);
      await noteAcceptedConfig(tree.id, digestOf("config"), world.ports);
      const before = (await loadRegistry(world.ports)).entries;
      writeFileSync(file(), damage);
      const registry = await loadRegistry(world.ports);
      expect(registry.entries).toEqual(before);
      expect(registry.setAside).toMatch(/trees\.json\.damaged-/);
      expect(readFileSync(registry.setAside!, "utf8")).toBe(damage);
      expect(world.warnings).toEqual([expect.stringContaining("was damaged")]);
      expect((await loadRegistry(world.ports)).setAside).toBeNull();
    },
  );

  it("that is lost is rebuilt, without what a cut-off registration left", async () => {
    const tree = await register(world.folder("plain"), world.ports);
    writeFileSync(tree.state.db, "");
    const twin = {
      ...JSON.parse(readFileSync(join(tree.state.dir, "tree.json"), "utf8")),
      id: "ffffffffffffffff",
      createdAt: "2999-01-01T00:00:00.000Z",
    };
    world.write("state/ffffffffffffffff/tree.json", JSON.stringify(twin));
    world.write(
      "state/eeeeeeeeeeeeeeee/tree.json",
      JSON.stringify({ ...twin, id: "dddddddddddddddd", root: "/elsewhere" }),
    );
    unlinkSync(file());
    expect((await listTrees(world.ports)).map(({ id }) => id)).toEqual([tree.id]);
    expect(world.warnings.join("\n")).toMatch(/eeeeeeeeeeeeeeee/);
  });

  it("of a newer Holdfast is left alone", async () => {
    await register(world.folder("plain"), world.ports);
    writeFileSync(file(), '{"v":2,"forest":[]}');
    expect(await codeOf(listTrees(world.ports))).toMatch(/^STORE_NEWER/);
    expect(readFileSync(file(), "utf8")).toBe('{"v":2,"forest":[]}');
  });

  it("is not made by looking", async () => {
    expect(await roots()).toEqual([]);
    expect(existsSync(world.at("state"))).toBe(false);
  });

  it("survives a temporary file that a crash left", async () => {
    await register(world.folder("a"), world.ports);
    writeFileSync(`${file()}.new`, "half");
    await register(world.folder("b"), world.ports);
    expect(await roots()).toEqual([world.at("a"), world.at("b")]);
    expect(existsSync(`${file()}.new`)).toBe(false);
  });

  it("that the disk has no room for says so and stays as it was", async () => {
    await register(world.folder("a"), world.ports);
    const full = {
      ...world.ports.disk,
      write: () => {
        throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      },
    };
    expect(await codeOf(register(world.folder("b"), { ...world.ports, disk: full }))).toMatch(/^STORE_FULL/);
    expect(await roots()).toEqual([world.at("a")]);
  });
});
