/** Git worktrees beside a tree, under the running daemon and without one, as a user meets them. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "./holdfast.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree();
  tree.write("README.md", "first\n");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
});
afterEach(() => tree?.end());

function git(...args: string[]): void {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
  const ran = spawnSync("git", [...identity, ...args], { cwd: tree.root, env: tree.environment, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
}
const at = (path: string) => join(tree.base, path);
function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text, { mode });
}
interface Incident {
  id: string;
  paths: string[];
  cause: unknown;
  state: string;
  workspace: { name: string } | null;
}
const incidents = () => tree.run(["incidents", "--json"]).json<{ incidents: Incident[] }>().incidents;
const history = () => tree.run(["history", "--json"]).json<{ records: { event: string }[] }>().records;
const watched = () =>
  tree.run(["status", "--json"]).json<{ daemon: { workspaces: { name: string }[] } }>().daemon.workspaces;

it("a worktree that is removed with work that exists nowhere else is told, and brought back with one command", async () => {
  await tree.up();
  git("worktree", "add", "-q", at("side"));
  await until("it is watched", () => watched().some(({ name }) => name === "side"));
  write("side/tool.sh", "#!/bin/sh\n", 0o755);
  write("side/deep/notes.txt", "only here\n");
  expect(tree.run(["snapshot", "--json"], { cwd: at("side") }).code).toBe(0);
  git("worktree", "remove", "--force", at("side"));
  await until("it is told", () => incidents().length > 0);
  const [incident] = incidents();
  expect(incident).toMatchObject({
    state: "open",
    workspace: { name: "side", root: at("side") },
    paths: [at("side/deep/notes.txt"), at("side/tool.sh")],
  });
  expect(tree.run(["incidents", "show", incident!.id]).out).toContain("holdfast restore --workspace side");
  const planned = tree.run(["restore", "--workspace", "side", "--dry-run", "--json"]).json();
  expect(planned).toMatchObject({ to: at("side-restored"), restored: ["deep", "deep/notes.txt", "tool.sh"] });
  expect(existsSync(at("side-restored"))).toBe(false);
  const restored = tree.run(["restore", "--workspace", "side"]);
  expect([restored.code, restored.out]).toEqual([0, expect.stringContaining(`into ${at("side-restored")}`)]);
  expect(readFileSync(at("side-restored/deep/notes.txt"), "utf8")).toBe("only here\n");
  expect(statSync(at("side-restored/tool.sh")).mode & 0o777).toBe(0o755);
  expect(incidents()[0]).toMatchObject({ state: "resolved", resolvedBy: "repair" });
  write("elsewhere/tool.sh", "mine\n");
  const kept = tree.run(["restore", "--workspace", "side", "--all", "--to", at("elsewhere"), "--json"]);
  expect([kept.code, kept.json()]).toMatchObject([
    1,
    { kept: ["tool.sh"], restored: expect.arrayContaining(["README.md"]) },
  ]);
  expect(readFileSync(at("elsewhere/tool.sh"), "utf8")).toBe("mine\n");
});

it("in a worktree, `restore` is about the worktree's own files, without a daemon too", () => {
  git("worktree", "add", "-q", at("side"));
  write("side/src/a.txt", "one\n");
  const inSide = (...args: string[]) => tree.run([...args, "--json"], { cwd: at("side/src") });
  expect(inSide("snapshot").code).toBe(0);
  write("side/src/a.txt", "two\n");
  expect(inSide("snapshot").code).toBe(0);
  rmSync(at("side/src/a.txt"));
  expect(inSide("restore", "a.txt").json()).toMatchObject({ restored: ["src/a.txt"], kept: [] });
  expect(readFileSync(at("side/src/a.txt"), "utf8")).toBe("two\n");
  const point = inSide("restore", "a.txt", "--dry-run");
  expect(point.json()).toMatchObject({ restored: [] });
  expect(existsSync(join(tree.root, "src"))).toBe(false);
  expect(history().map(({ event }) => event)).toContain("tree.workspace-met");
});

it("a workspace that nobody knows, a place inside the tree, and `--to` without a workspace are refused with what to do", () => {
  git("worktree", "add", "-q", at("side"));
  const refused = (...args: string[]) => {
    const ran = tree.run(["restore", ...args, "--json"]);
    return [ran.code, ran.json<{ error: { code: string; hint: string } }>().error];
  };
  expect(refused("--workspace", "nobody")).toMatchObject([
    4,
    { code: "WORKSPACE_UNKNOWN", hint: "holdfast tree list" },
  ]);
  expect(refused("--workspace", "side", "--all", "--to", join(tree.root, "x"))).toMatchObject([
    5,
    { code: "PATH_INVALID" },
  ]);
  expect(refused("--to", at("x"), "README.md")).toMatchObject([2, { code: "USAGE" }]);
  expect(refused("--workspace", "side")).toMatchObject([2, { code: "USAGE", hint: expect.stringContaining("--all") }]);
});
