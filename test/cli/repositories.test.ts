/**
 * Repositories that are more than a folder with a `.git`: submodules, nested repositories, worktrees, a sparse checkout, LFS pointers, hooks in
 * a place of their own, and a caller whose environment names another repository. No surprise, and nothing in `.git` ever changes.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 12345\n`;
let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: null });
  library();
  repository();
});
afterEach(() => tree?.end());

const at = (...names: string[]) => join(tree.base, ...names);
function git(folder: string, ...args: string[]): string {
  const settings = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"];
  const ran = spawnSync("git", [...settings, ...args], { cwd: folder, env: tree.environment, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}
function library(): void {
  git(tree.base, "init", "-q", "-b", "main", at("library"));
  writeFileSync(at("library/lib.sh"), "lib\n");
  git(at("library"), "add", "-A");
  git(at("library"), "commit", "-q", "-m", "library");
}
function repository(): void {
  for (const name of ["tools/a.sh", "docs/far/away.md"]) tree.write(name, `${name}\n`);
  tree.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  tree.write("large.bin", POINTER);
  git(tree.root, "submodule", "add", "-q", at("library"), "sub");
  git(tree.root, "add", "-A");
  git(tree.root, "commit", "-q", "-m", "all");
  git(tree.root, "clone", "-q", at("library"), "nested");
  git(tree.root, "worktree", "add", "-q", at("side"));
  git(tree.root, "sparse-checkout", "set", "--no-cone", "/*", "!/docs/far/");
  // Whatever of git runs these, leaves a trace of it.
  const hook = `#!/bin/sh\ntouch ${at("ran-a-hook")}\n`;
  for (const name of ["post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman"])
    tree.write(`hooks/${name}`, hook, 0o755);
  git(tree.root, "config", "core.hooksPath", "hooks");
  git(tree.root, "config", "core.fsmonitor", join(tree.root, "hooks/fsmonitor-watchman"));
  for (const way of ["clean", "smudge", "process"])
    git(tree.root, "config", `filter.lfs.${way}`, `touch ${at("ran-a-filter")}`);
  rmSync(at("ran-a-hook"), { force: true });
}
/** Every file of git's folders: bytes, mode and time. */
function gitState(): string {
  const hash = createHash("sha256");
  for (const folder of [join(tree.root, ".git"), join(tree.root, "nested/.git"), at("library/.git")]) {
    for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
      const stat = lstatSync(join(folder, name));
      hash.update(`${name} ${stat.mode} ${stat.isFile() ? `${stat.mtimeMs} ` : ""}`);
      if (stat.isFile()) hash.update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest("hex");
}
const TRAPS = ["ran-a-hook", "ran-a-filter"];

it("everything that Holdfast does leaves `.git` as it was, runs nothing that the repository configures, and heeds no `GIT_DIR`", async () => {
  const elsewhere = {
    GIT_DIR: at("library/.git"),
    GIT_WORK_TREE: at("library"),
    GIT_INDEX_FILE: at("library/.git/index"),
    GIT_OBJECT_DIRECTORY: at("library/.git/objects"),
    GIT_CEILING_DIRECTORIES: tree.base,
  };
  const before = gitState();
  const run = (...args: string[]) => {
    const ran = tree.run(args, { env: elsewhere });
    expect([args.join(" "), ran.code, ran.err.includes("DEFECT")]).toEqual([args.join(" "), expect.any(Number), false]);
    return ran;
  };
  expect(run("init", "--yes").code).toBe(0);
  expect(run("protect", "tools", "sub", "large.bin", "--name", "tools").code).toBe(0);
  for (const verb of ["snapshot", "status", "components", "check --deep", "history", "doctor", "incidents"])
    run(...verb.split(" "));
  for (const verb of ["diagnose tools/a.sh", "diagnose docs/far/away.md", "tree which", "tree list"])
    run(...verb.split(" "));
  expect(run("tree", "compare", at("side")).code).toBe(1);
  expect(run("check").code).toBe(0);
  expect(existsSync(join(tree.root, "docs/far/away.md"))).toBe(false);
  expect(gitState()).toBe(before);

  Object.assign(tree.environment, elsewhere);
  const daemon = await tree.up();
  rmSync(join(tree.root, "sub/lib.sh"));
  rmSync(join(tree.root, "tools/a.sh"));
  await until("they are back", () => ["sub/lib.sh", "tools/a.sh"].every((name) => existsSync(join(tree.root, name))));
  writeFileSync(join(tree.root, "nested/work.txt"), "in the nested repository\n");
  await until("it is remembered", () => tree.run(["restore", "nested/work.txt", "--dry-run"]).code === 0);
  daemon.kill("SIGTERM");
  await ended(daemon);
  for (const name of Object.keys(elsewhere)) delete tree.environment[name];
  expect(gitState()).toBe(before);
  expect(TRAPS.filter((name) => existsSync(at(name)))).toEqual([]);
  expect([tree.read("sub/lib.sh"), tree.read("large.bin")]).toEqual(["lib\n", POINTER]);
});

it("what lies in a submodule and in a nested repository is remembered with the tree, a worktree is a workspace", () => {
  const remembered = (name: string) => tree.run(["restore", name, "--dry-run"]).code;
  expect(tree.run(["init", "--yes"]).code).toBe(0);
  expect(["sub/lib.sh", "nested/lib.sh", "large.bin", "tools/a.sh"].map(remembered)).toEqual([0, 0, 0, 0]);
  expect(["docs/far/away.md", "nested/.git/HEAD"].map(remembered)).toEqual([4, 3]);
  const { copies } = tree.run(["tree", "list", "--json"]).json<{ copies: { standing: string; root: string }[] }>();
  expect(copies.map(({ standing, root }) => `${standing} ${root.replace(tree.base, "")}`)).toEqual([
    "canonical /tree",
    "workspace /side",
  ]);
});
