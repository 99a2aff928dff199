/** Git worktrees of a tree, made, moved and removed by real git and by hand. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { digestOf, type TreePath } from "../../base/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import { driftsOf } from "../incidents.ts";
import { type JudgeWorld, judgeWorld } from "../judge-fixture.ts";
import { openWorkspaces, type Workspaces } from "./workspaces.ts";

let world: JudgeWorld;
let workspaces: Workspaces;
beforeEach(async () => {
  world = await judgeWorld();
  world.write("README.md", "first\n");
  world.git("add", "-A");
  world.git("commit", "-q", "-m", "first");
  await world.vault.remember({});
  workspaces = openWorkspaces(world);
});
afterEach(async () => {
  await workspaces.stop();
  await world.close();
});

const at = (path: string) => join(dirname(world.root), path);
function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}
/** Waits for a state by letting the workspaces tick, as the daemon does. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 20_000; Date.now() < endMs; ) {
    await workspaces.tick();
    if (holds()) return;
    await world.ports.clock.sleep(20);
  }
  throw new Error(`it did not come to this: ${what}`);
}
const records = <E extends "tree.workspace-met" | "tree.workspace-gone">(event: E) =>
  [...world.ledger.read({ events: [event] })] as LedgerRecord<E>[];
const told = () =>
  records("tree.workspace-gone").map(({ data, incident }) => [data.name, data.onlyThere, incident !== undefined]);
async function made(name: string, ...options: string[]): Promise<void> {
  world.git("worktree", "add", "-q", ...options, at(name));
  await until(`${name} is swept`, () => workspaces.state().find((one) => one.name === name)?.eyes.swept != null);
}
async function gone(count = 1): Promise<void> {
  await until("it is missed", () => records("tree.workspace-gone").length === count);
}
const only = () =>
  world.cases().flatMap((row) => driftsOf(row, world).map(({ path }) => path.replace(`${at("")}/`, "")));
const seen = (name: string, path: string) =>
  world.vault.workspace(name, { ...world.tree, root: at(name) }).latest(path as TreePath)?.entry.kind;

it("a worktree is met, and what changes in it is remembered without being judged", async () => {
  await made("side");
  expect(records("tree.workspace-met").map(({ data }) => data.root)).toEqual([at("side")]);
  write("side/new.txt", "only here\n");
  rmSync(at("side/README.md"));
  await workspaces.rememberNow();
  expect([seen("side", "new.txt"), seen("side", "README.md")]).toEqual(["file", "absent"]);
  expect(world.vault.latest("new.txt" as TreePath)).toBeNull();
  expect(world.cases()).toEqual([]);
});

it("removed with bytes that exist nowhere else it is an incident, which names them and who did it", async () => {
  await made("side");
  write("side/new.txt", "only here\n");
  write("side/.env", "SECRET=1\n");
  write("side/copy.txt", "first\n");
  write("side/empty", "");
  await workspaces.rememberNow();
  world.blame("agent", "git worktree remove --force ../side");
  world.git("worktree", "remove", "--force", at("side"));
  await gone();
  expect(told()).toEqual([["side", 2, true]]);
  expect(only()).toEqual(["side/.env", "side/new.txt"]);
  const [row] = world.cases();
  expect(row).toMatchObject({
    state: "open",
    response: "raise",
    workspace: { name: "side" },
    components: ["workspace side"],
  });
  expect(row?.cause?.what).toBe("git worktree remove --force ../side");
  expect(world.incidents.pins().size).toBe(2);
});

it("removed and made again before anybody missed it, it is gone and met, and the new one is remembered", async () => {
  await made("side");
  write("side/new.txt", "only here\n");
  await workspaces.rememberNow();
  world.git("worktree", "remove", "--force", at("side"));
  world.git("worktree", "add", "-q", "--force", "-B", "again", at("side"));
  await gone();
  expect(only()).toEqual(["side/new.txt"]);
  await until("it is met again", () => records("tree.workspace-met").length === 2);
  await until("it is swept", () => workspaces.state()[0]?.eyes.swept != null);
  write("side/later.txt", "later\n");
  await until("it is remembered", () => seen("side", "later.txt") === "file");
});

it("made again while nobody looked, it is gone and met", async () => {
  await made("side");
  write("side/new.txt", "only here\n");
  await workspaces.rememberNow();
  await workspaces.stop();
  world.git("worktree", "remove", "--force", at("side"));
  world.git("worktree", "add", "-q", "--force", "-B", "again", at("side"));
  workspaces = openWorkspaces(world);
  await gone();
  expect(only()).toEqual(["side/new.txt"]);
  await until("it is met again", () => records("tree.workspace-met").length === 2);
});

it("removed by hand, file by file, while somebody looks, it is the same", async () => {
  await made("side");
  for (const name of ["a", "b", "c"]) write(`side/${name}.txt`, `${name}: only here\n`);
  await workspaces.rememberNow();
  for (const name of ["a", "b"]) {
    rmSync(at(`side/${name}.txt`));
    await workspaces.rememberNow();
  }
  rmSync(at("side"), { recursive: true });
  await gone();
  expect(only()).toEqual(["side/a.txt", "side/b.txt", "side/c.txt"]);
});

it("what is committed to a branch, stashed, or stands in the tree or another worktree, is not lost", async () => {
  await made("side");
  await made("other");
  write("side/committed.txt", "on the branch\r\n");
  const git = (...args: string[]) => world.git("-C", at("side"), ...args);
  git("-c", "core.autocrlf=true", "add", "-A");
  git("commit", "-q", "-m", "on the branch");
  write("side/README.md", "changed, and stashed\n");
  git("stash", "-q");
  write("side/README.md", "changed, and stashed\n");
  write("side/in-tree.txt", "in the tree\n");
  world.write("elsewhere.txt", "in the tree\n");
  await world.vault.remember({});
  write("side/in-other.txt", "in the other\n");
  write("other/there.txt", "in the other\n");
  write("side/in-lfs.bin", "large\n");
  const lfs = digestOf("large\n").slice("sha256:".length);
  world.write(`.git/lfs/objects/${lfs.slice(0, 2)}/${lfs.slice(2, 4)}/${lfs}`, "large\n");
  await workspaces.rememberNow();
  world.git("worktree", "remove", "--force", at("side"));
  await gone();
  expect([told(), only()]).toEqual([[["side", 0, false]], []]);
});

it("what it only began with, and the tree has changed since, was never there to be lost", async () => {
  world.write("untracked.txt", "one\n");
  await world.vault.remember({});
  await made("side");
  world.write("untracked.txt", "two\n");
  await world.vault.remember({});
  world.git("worktree", "remove", at("side"));
  await gone();
  expect([told(), only()]).toEqual([[["side", 0, false]], []]);
});

it("what was only staged, or committed to no branch, is lost with it", async () => {
  await made("side", "--detach");
  const git = (...args: string[]) => world.git("-C", at("side"), ...args);
  write("side/detached.txt", "on no branch\n");
  git("add", "-A");
  git("commit", "-q", "-m", "on no branch");
  write("side/staged.txt", "only staged\n");
  git("add", "-A");
  await workspaces.rememberNow();
  world.git("worktree", "remove", "--force", at("side"));
  await gone();
  expect(only()).toEqual(["side/detached.txt", "side/staged.txt"]);
});

it("moved by git or by hand it is followed, and no loss", async () => {
  await made("side");
  world.git("worktree", "move", at("side"), at("moved"));
  await until("it is followed", () => workspaces.state()[0]?.root === at("moved"));
  renameSync(at("moved"), at("again"));
  await until("it is followed", () => workspaces.state()[0]?.root === at("again"));
  await until("it is swept", () => workspaces.state()[0]?.eyes.swept != null);
  write("again/new.txt", "only here\n");
  await workspaces.rememberNow();
  expect(seen("side", "new.txt")).toBe("file");
  rmSync(at("again"), { recursive: true });
  await gone();
  expect(only()).toEqual(["again/new.txt"]);
});

it("made again under the same name it begins anew", async () => {
  await made("side");
  world.git("worktree", "remove", at("side"));
  await gone();
  await made("side", "-f");
  expect(records("tree.workspace-met")).toHaveLength(2);
  expect(told()).toEqual([["side", 0, false]]);
});

it("one that went while nobody watched is missed at the next start", async () => {
  await made("side");
  write("side/new.txt", "only here\n");
  await workspaces.rememberNow();
  await workspaces.stop();
  rmSync(at("side"), { recursive: true });
  world = await world.restart();
  workspaces = openWorkspaces(world);
  await gone();
  expect(only()).toEqual(["side/new.txt"]);
});

it("is not taken for gone while the repository itself is away", async () => {
  await made("side");
  renameSync(join(world.root, ".git"), at("git-away"));
  world.pass(60_000);
  await workspaces.tick();
  await workspaces.tick();
  renameSync(at("git-away"), join(world.root, ".git"));
  await workspaces.tick();
  expect([told(), workspaces.state().map(({ name }) => name)]).toEqual([[], ["side"]]);
});

it("what a worktree inside the tree holds is its own, and is missed when it goes", async () => {
  const inside = join(world.root, ".worktrees/side");
  world.git("worktree", "add", "-q", inside);
  await until("it is swept", () => workspaces.state()[0]?.eyes.swept != null);
  writeFileSync(join(inside, "new.txt"), "only here\n");
  await workspaces.rememberNow();
  await world.settle();
  expect([...world.vault.statesAt()].map(({ path }) => path).filter((path) => path.startsWith(".worktrees/"))).toEqual(
    [],
  );
  rmSync(inside, { recursive: true });
  await gone();
  expect(only()).toEqual(["tree/.worktrees/side/new.txt"]);
});
