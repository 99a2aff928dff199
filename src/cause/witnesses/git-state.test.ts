import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type GitStateReader, openGitState, otherWorkTrees } from "./git-state.ts";
import { readReflog } from "./reflog.ts";
import { openScene, type Scene } from "./witness-fixture.ts";

let scene: Scene;
let state: GitStateReader;
const git = (...args: string[]) => scene.run("git", args);
const said = () => state.look().witnesses.map(({ says }) => says);

beforeEach(async () => {
  scene = await openScene();
  state = openGitState(scene.ports.git.locate(scene.tree), scene.ports);
  state.look();
});
afterEach(() => scene.end());

it("sees resets, to the same commit too, and does not take the identity for a person", async () => {
  const beforeMs = Math.floor(Date.now() / 1_000) * 1_000;
  await git("reset", "-q", "--hard", "HEAD");
  const { witnesses } = state.look();
  expect(witnesses.map(({ says }) => says)).toEqual(["git reset: moving to HEAD"]);
  const [reset] = witnesses;
  expect(reset).toMatchObject({ source: "reflog", pid: null, actor: { kind: "unknown", name: "git" } });
  expect(reset!.reading.verb).toBe("reset --hard");
  expect(reset!.startedMs).toBeGreaterThanOrEqual(beforeMs);
  expect(said()).toEqual([]);
});

it("sees commits, switches, merges, rebases and reverts", async () => {
  await git("switch", "-qc", "side");
  scene.write("tree/c.txt", "side\n");
  await git("add", ".");
  await git("commit", "-qm", "side");
  await git("switch", "-q", "main");
  await git("merge", "-q", "--no-ff", "-m", "m", "side");
  await git("revert", "--no-edit", "-m", "1", "HEAD");
  const { witnesses } = state.look();
  expect(witnesses.map(({ argv }) => argv[1])).toEqual(["switch", "commit", "switch", "merge", "revert"]);
  expect(witnesses.map(({ reading }) => reading.recordedByGit)).toEqual([false, true, false, true, true]);
});

it("sees the stash grow and shrink", async () => {
  scene.write("tree/a.txt", "changed\n");
  await git("stash");
  expect(said()).toContain("git stash (the stash grew)");
  await git("stash", "drop");
  expect(said()).toContain("git stash pop or drop (the stash shrank)");
});

it("tells where no reflog is kept", async () => {
  await git("config", "core.logAllRefUpdates", "false");
  rmSync(join(scene.tree, ".git/logs"), { recursive: true });
  state.look();
  await git("reset", "-q", "--hard", "HEAD");
  expect(said()).toEqual(["git reset or merge (ORIG_HEAD was written)"]);
});

it("says what git is in the middle of", async () => {
  expect(state.look().operations).toEqual([]);
  await git("switch", "-qc", "side");
  scene.write("tree/a.txt", "side\n");
  await git("commit", "-qam", "side");
  await git("switch", "-q", "main");
  scene.write("tree/a.txt", "main\n");
  await git("commit", "-qam", "main");
  await git("merge", "side");
  expect(state.look().operations).toEqual(["merge"]);
  await git("merge", "--abort");
  await git("rebase", "side");
  expect(state.look().operations).toEqual(["rebase"]);
  await git("rebase", "--abort");
  await git("bisect", "start");
  expect(state.look().operations).toEqual(["bisect"]);
  await git("bisect", "reset");
  const lock = join(scene.tree, ".git/index.lock");
  writeFileSync(lock, "");
  expect(state.look().operations).toEqual(["index.lock"]);
  const future = { ...scene.ports, clock: { ...scene.ports.clock, now: () => Date.now() + 60_000 } };
  expect(openGitState(scene.ports.git.locate(scene.tree), future).look().operations).toEqual([]);
});

it("reports old lines at its first look, so that what happened while nobody watched is known", async () => {
  const first = openGitState(scene.ports.git.locate(scene.tree), scene.ports).look();
  expect(first.witnesses.map(({ argv }) => argv[1])).toEqual(["commit"]);
});

it("goes on after a reflog was cut, and skips what is no line of one", async () => {
  const log = join(scene.tree, ".git/logs/HEAD");
  writeFileSync(log, "nonsense\n");
  expect(said()).toEqual([]);
  await git("reset", "-q", "--hard", "HEAD");
  expect(said()).toEqual(["git reset: moving to HEAD"]);
  expect(readReflog(join(scene.tree, ".git"), scene.ports.disk)).toEqual([]);
});

it("is silent outside git, and knows a repository's other work trees", async () => {
  expect(openGitState(null, scene.ports).look()).toEqual({ witnesses: [], operations: [] });
  const location = scene.ports.git.locate(scene.tree)!;
  expect(otherWorkTrees(location, scene.ports.disk)).toEqual([]);
  await git("worktree", "add", "-q", "../side");
  mkdirSync(join(location.commonDir, "worktrees/broken"));
  utimesSync(join(location.commonDir, "worktrees"), 1, 1);
  expect(otherWorkTrees(location, scene.ports.disk)).toEqual([join(scene.dir, "side")]);
});
