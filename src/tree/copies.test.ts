import { cpSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { digestOf } from "../base/index.ts";
import { canonicalOf, findCopies } from "./copies.ts";
import { configForInit } from "./init-text.ts";
import { noteAcceptedConfig, register } from "./register.ts";
import type { Tree } from "./tree.ts";

const CONFIG = `${configForInit()}# ours\n`;
let world: World;
let tree: Tree;
beforeEach(async () => {
  world = temporaryWorld();
  const root = world.repository("work/mono");
  world.write("work/mono/holdfast.yaml", CONFIG);
  world.git(root, "add", "-A");
  world.git(root, "commit", "-q", "-m", "guard it");
  tree = await register(root, world.ports);
  await noteAcceptedConfig(tree.id, digestOf(CONFIG), world.ports);
});
afterEach(() => world.remove());

const found = async (searchMs?: number) => {
  const answer = await findCopies(tree, world.ports, searchMs);
  return answer.copies.map(({ root, standing, name }) => [standing, root.replace(world.dir, ""), name]);
};

it("clones, worktrees of both, rsynced folders and registered clones are found; strangers are not", async () => {
  world.repository("work/stranger");
  world.git(tree.root, "worktree", "add", "-q", world.at("far/side"));
  world.git(world.dir, "clone", "-q", tree.root, world.at("work/clone"));
  world.git(world.dir, "clone", "-q", "--depth=1", `file://${tree.root}`, world.at("work/shallow"));
  world.git(world.at("work/clone"), "worktree", "add", "-q", world.at("far/of-clone"));
  cpSync(tree.root, world.at("work/rsynced"), { recursive: true });
  rmSync(world.at("work/rsynced/.git"), { recursive: true });
  world.git(world.dir, "clone", "-q", tree.root, world.at("other/own"));
  rmSync(world.at("other/own/holdfast.yaml"));
  await register(world.at("other/own"), world.ports);
  expect(await found()).toEqual([
    ["canonical", "/work/mono", null],
    ["workspace", "/far/of-clone", "of-clone"],
    ["workspace", "/far/side", "side"],
    ["registered", "/other/own", null],
    ["copy", "/work/clone", null],
    ["copy", "/work/rsynced", null],
    ["copy", "/work/shallow", null],
  ]);
});

it("the repository that a remote names, and what lies beside it, is looked at", async () => {
  world.git(world.dir, "clone", "-q", tree.root, world.at("away/backup"));
  world.git(world.dir, "clone", "-q", tree.root, world.at("away/beside"));
  expect(await found()).toHaveLength(1);
  world.git(tree.root, "remote", "add", "backup", world.at("away/backup"));
  expect((await found()).map(([, root]) => root)).toEqual(["/work/mono", "/away/backup", "/away/beside"]);
});

it("a workspace that git still lists and that is gone is told as gone", async () => {
  world.git(tree.root, "worktree", "add", "-q", world.at("side"));
  rmSync(world.at("side"), { recursive: true });
  expect(await found()).toEqual([
    ["canonical", "/work/mono", null],
    ["gone", "/side", "side"],
  ]);
});

it("where was looked is told, and what was left when the time was over", async () => {
  world.git(world.dir, "clone", "-q", tree.root, world.at("work/clone"));
  const { looked } = await findCopies(tree, world.ports);
  expect(looked.map(({ where, complete }) => [where.replaceAll(world.dir, ""), complete])).toEqual([
    ["git worktrees of /work/mono", true],
    ["the registry of trees", true],
    ["remotes that are local", true],
    ["git worktrees of /work/clone", true],
    ["/work", true],
  ]);
  const hurried = await findCopies(tree, world.ports, -1);
  expect(hurried.copies).toHaveLength(1);
  expect(hurried.looked.at(-1)).toEqual({
    where: world.at("work"),
    complete: false,
    note: "the time was over after 0 of 2 folders",
  });
});

it("`LUKA_SOT` names the canonical tree, and says so when that is another than the registered one", async () => {
  world.git(world.dir, "clone", "-q", tree.root, world.at("work/clone"));
  const canonical = async () => {
    const { root, namedBy, conflict } = canonicalOf(tree, (await findCopies(tree, world.ports)).copies, world.ports);
    return [root, namedBy, conflict].map((text) => text?.replaceAll(world.dir, "") ?? null);
  };
  expect(await canonical()).toEqual(["/work/mono", "registry", null]);
  world.env["LUKA_SOT"] = tree.root;
  expect(await canonical()).toEqual(["/work/mono", "LUKA_SOT", null]);
  world.env["LUKA_SOT"] = world.at("work/clone");
  expect(await canonical()).toEqual([
    "/work/clone",
    "LUKA_SOT",
    "LUKA_SOT names /work/clone, but /work/mono is the registered tree",
  ]);
  world.env["LUKA_SOT"] = world.at("home");
  expect(await canonical()).toEqual([
    "/work/mono",
    "registry",
    "LUKA_SOT names /home, which is no copy of this project",
  ]);
});
