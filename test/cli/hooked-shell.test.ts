/** A shell after `eval "$(holdfast hooks shell)"`: destructive commands do their work, but for what is protected. */

import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HOLDFAST, makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
const git = (...args: string[]) => spawnSync("git", args, { cwd: tree.root, env: tree.environment });

/** In a shell of its own, hooked. */
function hooked(script: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", `eval "$('${HOLDFAST}' hooks shell)"\n${script}`], {
    cwd: tree.root,
    env: { ...tree.environment, ...env },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

const FILES = ["agents/x/run.sh", "agents/x/key", "agents/x/new.md"];
const standing = () =>
  FILES.map((path) => {
    const file = join(tree.root, path);
    return existsSync(file) ? `${path} ${lstatSync(file).mode.toString(8)} ${readFileSync(file, "utf8")}` : `${path} –`;
  });

beforeAll(() => {
  tree = makeTree();
  tree.write("agents/x/run.sh", "#!/bin/sh\n", 0o755);
  tree.write("docs/d.md", "one\n");
  tree.write(".gitignore", "key\n");
  mkdirSync(join(tree.base, "blank"));
  git("add", "-A");
  git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one");
  tree.write("agents/x/run.sh", "#!/bin/sh\necho going on\n", 0o755);
  tree.write("agents/x/key", "secret\n", 0o600);
  tree.write("agents/x/new.md", "not committed\n", 0o640);
  expect(tree.run(["protect", "agents/x", "--name", "x"]).code).toBe(0);
});
afterAll(() => tree?.end());

describe("in a hooked shell, the component is as before and the rest is not", () => {
  let before: string[];
  beforeEach(() => {
    tree.write("docs/d.md", "two\n");
    tree.write("loose.txt", "loose\n");
    before = standing();
    expect(before.join()).not.toContain("–");
  });
  const tracked = () => expect(tree.read("docs/d.md")).toBe("one\n");
  const loose = () => expect(existsSync(join(tree.root, "loose.txt"))).toBe(false);

  it.each<[string, () => void]>([
    ["git reset -q --hard", tracked],
    ["git checkout -q .", tracked],
    ["git -C agents checkout -q -f HEAD -- ..", tracked],
    ["git clean -q -fdx -e holdfast.yaml", loose],
    ["rsync -a --delete --exclude .git --exclude holdfast.yaml ../blank/ ./", loose],
    ["rm -rf agents loose.txt", loose],
    ["rm agents/x/key loose.txt", loose],
    ["mv agents ../elsewhere; mv loose.txt ../elsewhere/", loose],
    ["printf 'git reset -q --hard\\nrm -rf agents loose.txt\\n' >../rollback.sh; sh ../rollback.sh", loose],
  ])("%s", (command, went) => {
    const ran = hooked(command);
    expect({ code: ran.code, standing: standing() }).toEqual({ code: 0, standing: before });
    went();
    git("checkout", "-q", "HEAD", "--", "docs", ".gitignore");
    rmSync(join(tree.base, "elsewhere"), { recursive: true, force: true });
  });
});

describe("what a hooked shell leaves alone", () => {
  it("output, exit code and standard input are the program's", () => {
    expect(hooked("git cat-file --batch-check", { PATH: process.env["PATH"] }).code).toBe(0);
    expect(hooked("printf 'HEAD\\n' | git cat-file --batch-check").out).toMatch(/^[0-9a-f]{40} commit/);
    expect(hooked("git rev-parse --verify -q no-such").code).toBe(1);
    expect(hooked("rm no-such-file").code).toBe(1);
  });

  it("outside of any tree the program runs, without a word", () => {
    writeFileSync(join(tree.base, "outside"), "x");
    expect(hooked("cd .. && rm outside")).toEqual({ code: 0, out: "", err: "" });
    expect(existsSync(join(tree.base, "outside"))).toBe(false);
  });

  it("a command under holdfast exec is not protected twice", () => {
    const runs = () => tree.run(["history", "--json", "--limit", "9999"]).out.split("exec.started").length;
    const before = runs();
    tree.write("loose.txt", "loose\n");
    expect(hooked(`'${HOLDFAST}' exec -- sh -c 'rm loose.txt; git reset -q --hard'`).code).toBe(0);
    expect(runs()).toBe(before + 1);
  });

  it("with the package gone the real program runs, and that is said", () => {
    hooked("true");
    const shims = join(tree.home, "shims");
    expect(readdirSync(shims).sort()).toEqual(["git", "mv", "rm", "rsync"]);
    const moved = join(tree.base, "moved");
    spawnSync("cp", ["-r", shims, moved]);
    const text = readFileSync(join(moved, "rm"), "utf8")
      .replace(/^launcher=.*$/m, "launcher=/gone/holdfast")
      .replace(/^own=.*$/m, `own='${moved}'`);
    writeFileSync(join(moved, "rm"), text);
    tree.write("loose.txt", "loose\n");
    const ran = spawnSync("rm", ["loose.txt"], {
      cwd: tree.root,
      env: { ...tree.environment, PATH: `${moved}:${process.env["PATH"]}` },
      encoding: "utf8",
    });
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain("limited");
    expect(existsSync(join(tree.root, "loose.txt"))).toBe(false);
  });

  it("a second eval changes nothing", () => {
    const ran = hooked(`one=$PATH; eval "$('${HOLDFAST}' hooks shell)"; [ "$PATH" = "$one" ] && echo same`);
    expect(ran.out).toBe("same\n");
  });
});
