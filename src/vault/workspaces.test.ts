/** One vault, a tree and its git worktrees: the same contents, each its own versions. */

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import type { Vault } from "./contract.ts";
import { rebuildIndex } from "./index.ts";
import { makeWorld, type World } from "./vault-fixture.ts";
import { currentDigests } from "./workspaces.ts";

let world: World;
let root: string;
beforeEach(async () => {
  world = makeWorld();
  git(world.root, "init", "-q", "-b", "main");
  for (const name of ["a", "b", "deep/c"]) write(world.root, name, `${name}\n`);
  git(world.root, "add", "-A");
  git(world.root, "commit", "-q", "-m", "all");
  (world.tree as { git: unknown }).git = world.ports.git.locate(world.root);
  root = join(dirname(world.root), "side");
  await world.vault.remember({});
});
afterEach(() => world.end());

function git(place: string, ...args: string[]): void {
  const identity = {
    GIT_AUTHOR_NAME: "T",
    GIT_AUTHOR_EMAIL: "t@x",
    GIT_COMMITTER_NAME: "T",
    GIT_COMMITTER_EMAIL: "t@x",
  };
  execFileSync("git", args, {
    cwd: place,
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", ...identity },
  });
}
function write(place: string, path: string, text: string): void {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), text);
}
/** The vault as the workspace sees it, from now on. */
async function workspace(name = "side"): Promise<Vault> {
  if (!world.vault.workspaces().some((life) => life.name === name && life.until === null))
    git(world.root, "worktree", "add", "-q", "--detach", root);
  await world.vault.beginWorkspace(name, root, () => {});
  const signatures = join(world.tree.state.dir, `signatures-${name}`);
  const tree = { ...world.tree, root, git: world.ports.git.locate(root), state: { ...world.tree.state, signatures } };
  return world.vault.workspace(name, tree);
}
const states = (vault: Vault, upTo?: number) =>
  Object.fromEntries(
    [...vault.statesAt(upTo === undefined ? {} : { upTo })]
      .filter(({ entry }) => entry.kind === "file")
      .map(({ path, entry }) => [path, entry.kind === "file" ? vault.read(entry.digest).toString() : ""]),
  );
const rows = () => world.store.get<{ n: number }>("SELECT count(*) AS n FROM vault_version")!.n;

it("a workspace begins as the tree is, and costs what differs", async () => {
  const side = await workspace();
  const before = rows();
  const { files, changedPaths } = await side.remember({});
  expect([files, changedPaths, rows() - before]).toEqual([3, 0, 0]);
  write(root, "a", "of the side\n");
  write(root, "new", "only here\n");
  rmSync(join(root, "b"));
  await side.remember({});
  expect(rows() - before).toBe(3);
  expect(states(side)).toEqual({ a: "of the side\n", "deep/c": "deep/c\n", new: "only here\n" });
  expect(states(world.vault)).toEqual({ a: "a\n", b: "b\n", "deep/c": "deep/c\n" });
});

it("each goes on by itself, and neither sees the other's versions", async () => {
  const side = await workspace();
  await side.remember({});
  const fork = world.vault.versionHead();
  write(world.root, "a", "of the tree\n");
  await world.vault.remember({});
  write(root, "b", "of the side\n");
  await side.remember({ paths: ["b" as TreePath] });
  expect(states(side)).toEqual({ a: "a\n", b: "of the side\n", "deep/c": "deep/c\n" });
  expect(world.vault.versions("b" as TreePath)).toHaveLength(1);
  expect(side.versions("b" as TreePath).map(({ path }) => path)).toEqual(["b", "b"]);
  expect(world.vault.changesBetween(fork, world.vault.versionHead()).map(({ path }) => path)).toEqual(["a"]);
  expect(side.changesBetween(fork, side.versionHead()).map(({ path }) => path)).toEqual(["b"]);
});

it("what is below a folder, at a time, with what is gone in between, is told in order", async () => {
  const side = await workspace();
  for (const name of ["deep/b", "deep/d", "deep.x", "deeper", "zé", "z\u{1F600}"]) write(root, name, name);
  rmSync(join(root, "deep/c"));
  await side.remember({});
  const middle = side.versionHead();
  write(root, "deep/c", "again\n");
  await side.remember({});
  const below = (upTo: number) => [...side.statesAt({ upTo, under: "deep" as TreePath })].map(({ path }) => path);
  expect(below(middle)).toEqual(["deep", "deep/b", "deep/d"]);
  expect(below(side.versionHead())).toEqual(["deep", "deep/b", "deep/c", "deep/d"]);
  const all = [...side.statesAt()].map(({ path }) => path);
  expect(all).toEqual(all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  expect(new Set(all).size).toBe(all.length);
});

it("the next scan of a workspace reads nothing that has not moved", async () => {
  const side = await workspace();
  await side.remember({});
  expect(await side.remember({})).toMatchObject({ files: 3, changedPaths: 0 });
  side.close();
  expect(await (await workspace()).remember({})).toMatchObject({ files: 3, changedPaths: 0 });
});

it("what it had can be restored after it is over, by the moment before", async () => {
  const side = await workspace();
  write(root, "precious", "nowhere else\n");
  await side.remember({});
  rmSync(root, { recursive: true });
  await world.vault.endWorkspace("side", () => {});
  const [life] = world.vault.workspaces();
  expect(states(side)).toEqual({});
  expect(states(side, life!.until! - 1)).toMatchObject({ a: "a\n", precious: "nowhere else\n" });
  const { effects } = await side.planRestore({ paths: ["precious" as TreePath], from: { upTo: life!.until! - 1 } });
  expect(effects.map(({ path, after }) => [path, after.kind])).toEqual([["precious", "file"]]);
});

it("the same name again begins anew, as the tree is then", async () => {
  const side = await workspace();
  write(root, "a", "first life\n");
  await side.remember({});
  git(world.root, "worktree", "remove", "--force", root);
  await world.vault.endWorkspace("side", () => {});
  write(world.root, "a", "the tree went on\n");
  await world.vault.remember({});
  git(world.root, "commit", "-q", "-am", "on");
  const again = await workspace();
  expect(states(again)).toMatchObject({ a: "the tree went on\n" });
  expect(again.versions("a" as TreePath).map(({ entry }) => entry.kind)).toEqual(["file", "file"]);
});

it("prune keeps what a living workspace began with and has, and lets go of an ended one's in time", async () => {
  const side = await workspace();
  write(root, "own", "of the side\n");
  await side.remember({});
  write(world.root, "a", "the tree went on\n");
  await world.vault.remember({});
  const everything = { maxBytes: 0, maxAgeMs: 0, pinned: new Set<never>() };
  await world.vault.prune(everything);
  expect(states(side)).toMatchObject({ a: "a\n", own: "of the side\n" });
  const own = side.latest("own" as TreePath)!.entry;
  await world.vault.endWorkspace("side", () => {});
  write(world.root, "b", "so that it is superseded\n");
  await world.vault.remember({});
  await world.vault.prune(everything);
  expect(own.kind === "file" && world.vault.has(own.digest)).toBe(false);
  expect(currentDigests(world.store).size).toBe(3);
  expect(await world.vault.verify()).toMatchObject({ ok: true, missing: [] });
});

it("packs alone rebuild it", async () => {
  const side = await workspace();
  write(root, "own", "of the side\n");
  rmSync(join(root, "b"));
  await side.remember({});
  const before = [states(side), states(world.vault), world.vault.workspaces()];
  side.close();
  await rebuildIndex({ store: world.store, ports: world.ports, packsDir: world.tree.state.packs });
  expect([states(await workspace()), states(world.vault), world.vault.workspaces()]).toEqual(before);
});

it("a worktree inside the tree is remembered as a workspace, and not as a part of the tree", async () => {
  root = join(world.root, ".worktrees/inner");
  const side = await workspace("inner");
  write(root, "own", "of the side\n");
  await side.remember({});
  const { files } = await world.vault.remember({});
  expect(files).toBe(3);
  expect(states(side)).toMatchObject({ a: "a\n", own: "of the side\n" });
  expect(Object.keys(states(world.vault))).toEqual(["a", "b", "deep/c"]);
});
