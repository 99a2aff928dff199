import { mkdirSync, renameSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { configForInit } from "./init-text.ts";
import { findTree } from "./locate.ts";
import { register } from "./register.ts";
import { sayTowardCanonical, towardCanonical } from "./toward-canonical.ts";

let world: World;
let root: string;
beforeEach(async () => {
  world = temporaryWorld();
  root = world.repository("mono");
  await register(root, world.ports);
});
afterEach(() => world.remove());

function commit(place: string, name: string): void {
  world.git(place, "commit", "-q", "--allow-empty", "-m", name);
}
async function standing(path: string) {
  const toward = await towardCanonical(await findTree(world.at(path), world.ports), world.ports);
  const apart = "behind" in toward ? [toward.behind, toward.ahead] : null;
  return { kind: toward.kind, apart, says: sayTowardCanonical(toward)?.replaceAll(world.dir, "") ?? null };
}

it("the tree itself and a stranger have nothing to say", async () => {
  world.repository("stranger");
  expect(await standing("mono")).toEqual({ kind: "canonical", apart: null, says: null });
  expect(await standing("stranger")).toEqual({ kind: "none", apart: null, says: null });
});

it("a workspace is as far behind as the tree's HEAD has gone on", async () => {
  world.git(root, "worktree", "add", "-q", world.at("side"));
  expect((await standing("side")).says).toBe(
    "/side is a workspace (git worktree) of /mono, and has every commit of it",
  );
  commit(world.at("side"), "on the side");
  for (const name of ["one", "two"]) commit(root, name);
  const { apart, says } = await standing("side");
  expect(apart).toEqual([2, 1]);
  expect(says).toBe(
    "/side is a workspace (git worktree) of /mono and 2 commits behind it (and 1 commit ahead): what is missing here may be there",
  );
});

it("a clone without a configuration is known by its root commits, and each may have commits of its own", async () => {
  world.git(world.dir, "clone", "-q", root, world.at("clone"));
  expect(await standing("clone")).toMatchObject({ kind: "copy", apart: [0, 0] });
  commit(root, "in the tree");
  for (const name of ["a", "b", "c"]) commit(world.at("clone"), name);
  expect(await standing("clone")).toMatchObject({ kind: "copy", apart: [1, 3] });
});

it("a shallow clone is a copy of what it was cut off from", async () => {
  commit(root, "where it is cut off");
  world.git(world.dir, "clone", "-q", "--depth=1", `file://${root}`, world.at("shallow"));
  commit(root, "later");
  expect(await standing("shallow")).toMatchObject({ kind: "copy", apart: [1, 0] });
});

it("a copy without git is said to be one, how far behind is not known", async () => {
  const { noteAcceptedConfig } = await import("./register.ts");
  const { digestOf } = await import("../base/index.ts");
  const text = `${configForInit()}# ours\n`;
  world.write("mono/holdfast.yaml", text);
  const tree = await register(root, world.ports);
  await noteAcceptedConfig(tree.id, digestOf(text), world.ports);
  mkdirSync(world.at("rsynced"));
  world.write("rsynced/holdfast.yaml", text);
  expect(await standing("rsynced")).toMatchObject({ kind: "copy", apart: [null, null] });
});

it("a tree that was moved is said to have moved", async () => {
  world.write("mono/holdfast.yaml", configForInit());
  world.git(root, "add", "-A");
  commit(root, "with a configuration");
  renameSync(root, world.at("elsewhere"));
  expect((await standing("elsewhere")).says).toBe(
    "/elsewhere was registered as /mono, where nothing is any more: the tree seems to have moved",
  );
});
