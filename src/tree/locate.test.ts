import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { digestOf, type Ports } from "../base/index.ts";
import { configForInit } from "./init-text.ts";
import { findTree, type Located } from "./locate.ts";
import { noteAcceptedConfig, register } from "./register.ts";
import { loadRegistry } from "./registry.ts";
import type { Tree } from "./tree.ts";

let world: World;
let tree: Tree;

/** A registered repository with a configuration that is committed and accepted. */
beforeEach(async () => {
  world = temporaryWorld();
  tree = await initialized("mono", `${configForInit()}# ours\n`);
});
afterEach(() => world.remove());

async function initialized(path: string, config: string): Promise<Tree> {
  const root = world.repository(path);
  world.write(`${path}/holdfast.yaml`, config);
  world.git(root, "add", "-A");
  world.git(root, "commit", "-q", "-m", "guard it");
  const made = await register(root, world.ports);
  await noteAcceptedConfig(made.id, digestOf(config), world.ports);
  return made;
}

/** Without this test's folder, and with trees as their ids. */
function seen(located: Located): Record<string, unknown> {
  const short = (value: unknown): unknown => {
    if (typeof value === "string") return value.replace(world.dir, "");
    if (Array.isArray(value)) return value.map(short);
    return (value as Tree).id === tree.id ? "mono" : (value as Tree).root.replace(world.dir, "");
  };
  return Object.fromEntries(Object.entries(located).map(([key, value]) => [key, short(value)]));
}
const find = async (path: string, ports: Ports = world.ports) => seen(await findTree(world.at(path), ports));

describe("a folder", () => {
  it("in a registered tree is in the canonical one, through a link too", async () => {
    world.folder("mono/deep/er");
    symlinkSync(world.at("mono/deep"), world.at("alias"));
    for (const path of ["mono", "mono/deep/er", "alias/er", "mono/README.md"]) {
      expect(await find(path)).toEqual({ standing: "canonical", tree: "mono" });
    }
  });

  it("in a git worktree is in a workspace, wherever the worktree lies", async () => {
    world.git(tree.root, "worktree", "add", "-q", world.at("side"));
    world.git(tree.root, "worktree", "add", "-q", world.at("mono/.worktrees/inner"));
    world.folder("side/deep");
    expect(await find("side/deep")).toEqual({ standing: "workspace", tree: "mono", root: "/side" });
    expect(await find("mono/.worktrees/inner")).toEqual({
      standing: "workspace",
      tree: "mono",
      root: "/mono/.worktrees/inner",
    });
  });

  it("is a workspace where the registered tree is itself the worktree", async () => {
    const main = world.repository("main");
    world.git(main, "worktree", "add", "-q", world.at("linked"));
    await register(world.at("linked"), world.ports);
    expect(await find("main")).toEqual({ standing: "workspace", tree: "/linked", root: "/main" });
  });

  it("in a clone with the configuration is in a copy, also when the copy's configuration was changed", async () => {
    world.git(world.dir, "clone", "-q", tree.root, world.at("clone"));
    expect(await find("clone")).toEqual({ standing: "copy", root: "/clone", of: ["mono"] });
    world.write("clone/holdfast.yaml", "v: 1\n");
    expect(await find("clone")).toEqual({ standing: "copy", root: "/clone", of: ["mono"] });
  });

  it("that was copied without git is known by its configuration", async () => {
    cpSync(tree.root, world.at("rsynced"), { recursive: true });
    rmSync(world.at("rsynced/.git"), { recursive: true });
    expect(await find("rsynced")).toEqual({ standing: "copy", root: "/rsynced", of: ["mono"] });
  });

  it("that was copied whole, or into the tree itself, is a copy", async () => {
    cpSync(tree.root, world.at("whole"), { recursive: true });
    cpSync(world.at("whole"), world.at("mono/backup"), { recursive: true });
    expect(await find("whole")).toEqual({ standing: "copy", root: "/whole", of: ["mono"] });
    expect(await find("mono/backup")).toEqual({ standing: "copy", root: "/mono/backup", of: ["mono"] });
  });

  it("with the configuration that init gives to everybody is no copy of another that has it", async () => {
    const generic = configForInit();
    await initialized("first", generic);
    world.write("second/holdfast.yaml", generic);
    expect(await find("second")).toEqual({ standing: "none", nearest: "/second" });
    const repository = world.repository("third");
    world.write("third/holdfast.yaml", `${generic}# ours\n`);
    expect(await find("third")).toEqual({ standing: "none", nearest: repository.replace(world.dir, "") });
  });

  it("that is a plain clone without a configuration is none yet", async () => {
    const origin = world.repository("origin");
    await register(origin, world.ports);
    world.git(world.dir, "clone", "-q", origin, world.at("plain"));
    world.folder("plain/src");
    expect(await find("plain/src")).toEqual({ standing: "none", nearest: "/plain" });
  });

  it("of a submodule, a nested clone or a fixture inside a tree belongs to that tree", async () => {
    world.repository("library");
    world.git(
      tree.root,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "add",
      "-q",
      world.at("library"),
      "vendor/library",
    );
    world.repository("mono/nested");
    world.write("mono/test/fixture/holdfast.yaml", "v: 1\n");
    for (const path of ["mono/vendor/library", "mono/nested", "mono/test/fixture"]) {
      expect(await find(path)).toEqual({ standing: "canonical", tree: "mono" });
    }
  });

  it("that was moved keeps knowing where it came from", async () => {
    renameSync(tree.root, world.at("renamed"));
    expect(await find("renamed")).toEqual({ standing: "moved", root: "/renamed", from: "mono" });
  });

  it("that was moved to another disk is known by its commits", async () => {
    cpSync(tree.root, world.at("other-disk"), { recursive: true });
    rmSync(tree.root, { recursive: true });
    expect(await find("other-disk")).toEqual({ standing: "moved", root: "/other-disk", from: "mono" });
  });

  it("is not taken for a moved tree because it got the inode of a deleted one", async () => {
    renameSync(tree.root, world.at("reused"));
    rmSync(world.at("reused"), { recursive: true });
    mkdirSync(world.at("reused"));
    world.repository("reused");
    world.write("reused/holdfast.yaml", "v: 1\n");
    // Whether the file system gives the inode again is its own affair: here it does.
    const { ino } = world.ports.disk.lstat(world.at("reused"))!;
    const before = (await loadRegistry(world.ports)).entries.find((entry) => entry.id === tree.id)!;
    const disk = {
      ...world.ports.disk,
      lstat: (path: string) => {
        const stat = world.ports.disk.lstat(path);
        return stat !== null && stat.ino === ino ? { ...stat, ino: before.inode } : stat;
      },
    };
    expect(await find("reused", { ...world.ports, disk })).toEqual({ standing: "none", nearest: "/reused" });
  });

  it("that does not exist is not found", async () => {
    await expect(findTree(world.at("nowhere"), world.ports)).rejects.toMatchObject({ code: "TREE_NOT_FOUND" });
  });

  it("needs no git process as long as it is registered, or has no configuration", async () => {
    const git = { ...world.ports.git, run: () => Promise.reject(new Error("git was started")) };
    const ports = { ...world.ports, git };
    world.repository("plain");
    expect((await findTree(tree.root, ports)).standing).toBe("canonical");
    expect((await findTree(world.at("plain"), ports)).standing).toBe("none");
  });
});

describe("when nothing was asked", () => {
  const fromCwd = async (path: string) => {
    const ports = { ...world.ports, process: { ...world.ports.process, cwd: () => world.at(path) } };
    return seen(await findTree(null, ports));
  };

  it("the current folder decides, and LUKA_SOT only where that is nothing", async () => {
    world.folder("nothing");
    const other = await register(world.folder("other"), world.ports);
    expect(await fromCwd("nothing")).toEqual({ standing: "none", nearest: "/nothing" });
    world.env["LUKA_SOT"] = tree.root;
    expect(await fromCwd("nothing")).toEqual({ standing: "canonical", tree: "mono" });
    expect(await fromCwd("other")).toEqual({ standing: "canonical", tree: other.root.replace(world.dir, "") });
    expect(await find("nothing")).toEqual({ standing: "none", nearest: "/nothing" });
  });

  it("a LUKA_SOT that names nothing is said", async () => {
    world.folder("nothing");
    world.env["LUKA_SOT"] = world.at("gone");
    await expect(fromCwd("nothing")).rejects.toThrow(/LUKA_SOT names .*gone, which does not exist/);
  });
});
