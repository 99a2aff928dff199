import { renameSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { listWorkspaces, MAIN_CHECKOUT } from "./workspaces.ts";

let world: World;
let main: string;
beforeEach(() => {
  world = temporaryWorld();
  main = world.repository("mono");
});
afterEach(() => world.remove());

const listed = (root: string) => {
  const tree = { root, git: world.ports.git.locate(root) };
  return listWorkspaces(tree, world.ports).map(({ name, root: place, isThere }) => [
    name,
    place.replace(world.dir, ""),
    isThere,
  ]);
};

it("worktrees are listed by git's name, wherever they lie", () => {
  world.git(main, "worktree", "add", "-q", "-b", "side", world.at("side/by side"));
  world.git(main, "worktree", "add", "-q", "--detach", world.at("mono/.worktrees/inner"));
  world.git(main, "worktree", "add", "-q", "--detach", world.at("other/inner"));
  expect(listed(main)).toEqual([
    ["by-side", "/side/by side", true],
    ["inner", "/mono/.worktrees/inner", true],
    ["inner1", "/other/inner", true],
  ]);
});

it("a linked worktree has the main checkout and the others beside it", () => {
  world.git(main, "worktree", "add", "-q", world.at("one"));
  world.git(main, "worktree", "add", "-q", world.at("two"));
  expect(listed(world.at("one"))).toEqual([
    [MAIN_CHECKOUT, "/mono", true],
    ["two", "/two", true],
  ]);
});

it("a bare repository's worktrees have no main checkout", () => {
  world.git(world.dir, "clone", "-q", "--bare", main, world.at("bare.git"));
  world.git(world.at("bare.git"), "worktree", "add", "-q", world.at("one"));
  world.git(world.at("bare.git"), "worktree", "add", "-q", "--detach", world.at("two"));
  expect(listed(world.at("one"))).toEqual([["two", "/two", true]]);
});

it("paths that git keeps relative lead to the same place", () => {
  world.git(main, "worktree", "add", "-q", world.at("side"));
  world.write("mono/.git/worktrees/side/gitdir", "../../../../side/.git\n");
  expect(listed(main)).toEqual([["side", "/side", true]]);
});

it("one that is gone, replaced or moved by hand is listed, and is not there", () => {
  for (const name of ["gone", "replaced", "moved"]) world.git(main, "worktree", "add", "-q", world.at(name));
  rmSync(world.at("gone"), { recursive: true });
  rmSync(world.at("replaced"), { recursive: true });
  world.repository("replaced");
  renameSync(world.at("moved"), world.at("elsewhere"));
  expect(listed(main)).toEqual([
    ["gone", "/gone", false],
    ["moved", "/moved", false],
    ["replaced", "/replaced", false],
  ]);
});

it("there are none outside git, and none of a tree that is a part of its checkout", () => {
  world.git(main, "worktree", "add", "-q", world.at("side"));
  const part = world.folder("mono/packages/app");
  expect(listed(part)).toEqual([]);
  expect(listWorkspaces({ root: world.folder("plain"), git: null }, world.ports)).toEqual([]);
});
