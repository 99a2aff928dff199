/** `holdfast exec`: the command runs as if it had been started directly, and takes nothing of what is protected. */

import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ended, HOLDFAST, makeTree, type TestTree, until } from "./holdfast.ts";

let tree: TestTree;
const at = (path: string) => join(tree.root, path);
const exec = (command: readonly string[], options: Parameters<TestTree["run"]>[1] = {}) =>
  tree.run(["exec", "--", ...command], options);
const records = (event: string) =>
  tree
    .run(["history", "--json"])
    .json<{ records: { event: string; data: Record<string, unknown> }[] }>()
    .records.filter((record) => record.event === event);

const noted = () => readdirSync(tree.home, { recursive: true }).filter((name) => /runs\/R-.*json$/.test(String(name)));

beforeAll(() => {
  tree = makeTree();
  tree.write("agents/x/run.sh", "#!/bin/sh\n", 0o755);
  tree.write("docs/d.md", "one\n");
  spawnSync("git", ["add", "-A"], { cwd: tree.root, env: tree.environment });
  const commit = ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"];
  spawnSync("git", commit, { cwd: tree.root, env: tree.environment });
  tree.write("agents/x/key", "secret\n", 0o600);
  expect(tree.run(["protect", "agents/x", "--name", "x"]).code).toBe(0);
});
afterAll(() => tree?.end());
beforeEach(() => {
  tree.write("agents/x/run.sh", "#!/bin/sh\necho going on\n", 0o755);
});
const isWhole = () => {
  expect(tree.read("agents/x/run.sh")).toBe("#!/bin/sh\necho going on\n");
  expect([lstatSync(at("agents/x/run.sh")).mode & 0o777, lstatSync(at("agents/x/key")).mode & 0o777]).toEqual([
    0o755, 0o600,
  ]);
};

describe("the command", () => {
  it("has its own exit code, streams and standard input", () => {
    const ran = exec(["sh", "-c", "cat; echo told >&2; exit 42"], { input: "given" });
    expect(ran).toMatchObject({ code: 42, out: "given", err: "told\n" });
    expect(exec(["sh", "-c", "kill -9 $$"]).code).toBe(137);
  });

  it("that is not there or cannot be executed is told as a shell tells it", () => {
    expect(exec(["no-such-command"])).toMatchObject({ code: 127, out: "" });
    expect(exec(["docs/d.md"])).toMatchObject({ code: 126, out: "" });
    expect(tree.run(["exec"]).code).toBe(2);
  });

  it("gets the environment that was there before, and the word of who runs it", () => {
    const env = { GIT_AUTHOR_NAME: "me", NODE_OPTIONS: "--no-warnings" };
    const lines = exec(["sh", "-c", "env; true"], { env }).out.trim().split("\n");
    const names = Object.keys({ ...tree.environment, ...env });
    const added = lines.map((line) => line.split("=")[0]!).filter((name) => !names.includes(name));
    expect(added.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name)).sort()).toEqual([
      "HOLDFAST_RUN",
      "HOLDFAST_RUN_DEPTH",
    ]);
    expect(lines).toContain("NODE_OPTIONS=--no-warnings");
  });

  it("that is harmless leaves no record", () => {
    const before = records("exec.started").length;
    expect(exec(["git", "status", "--short"]).out).toContain("run.sh");
    expect(records("exec.started").length).toBe(before);
  });

  it("says as JSON what came of it, and its own words go to stderr", () => {
    const ran = tree.run(["exec", "--json", "--", "sh", "-c", "echo said; rm -r agents/x"]);
    expect(ran.json()).toMatchObject({ exitCode: 0, putBack: ["agents/x", "agents/x/key", "agents/x/run.sh"] });
    expect(ran.err).toContain("said");
  });

  it("that ends by a signal ends its `holdfast` by the same", async () => {
    const child = spawn(HOLDFAST, ["exec", "--", "sh", "-c", "rm -r agents/x; touch begun; sleep 60"], {
      cwd: tree.root,
      env: tree.environment,
      stdio: "ignore",
    });
    await until("the command has begun", () => existsSync(at("begun")));
    child.kill("SIGTERM");
    await ended(child);
    expect(child.signalCode).toBe("SIGTERM");
    isWhole();
    rmSync(at("begun"));
  });

  it("is ended by Ctrl-C on its terminal, and what it took is back", async () => {
    const command = "trap 'echo caught; exit 3' INT; rm -r agents/x; touch begun; while :; do sleep 0.05; done";
    const typed = `exec ${HOLDFAST} exec -- sh -c '${command.replaceAll("'", "'\\''")}'`;
    const child = spawn("script", ["-qec", typed, "/dev/null"], { cwd: tree.root, env: tree.environment });
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    await until("the command has begun", () => existsSync(at("begun")));
    child.stdin.write("\x03");
    expect(await ended(child)).toBe(3);
    expect(said).toContain("caught");
    isWhole();
    rmSync(at("begun"));
  });
});

describe("what is protected", () => {
  it("is as before, newer than accepted, the configuration too, and is said", () => {
    const ran = exec(["git", "reset", "--hard"]);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.err.split("\n")[0]).toBe("✓ 2 protected paths put back: agents/x/run.sh, holdfast.yaml");
    isWhole();
    const [record] = records("exec.completed").slice(-1);
    expect(record!.data).toMatchObject({ what: "git reset --hard", exitCode: 0, putBack: 2, abandoned: false });
    const log = readFileSync(record!.data["log"] as string, "utf8");
    expect(log).toContain("SKIP: agents/x/run.sh (protected): put back");
    expect(record!.data["log"]).toMatch(/rollback_git-reset_\d{8}T\d{6}Z\.log$/);
  });

  it("is shown before on a terminal", () => {
    const typed = `${HOLDFAST} exec -- rm -rf agents`;
    const { stdout } = spawnSync("script", ["-qec", typed, "/dev/null"], {
      cwd: tree.root,
      env: tree.environment,
      encoding: "utf8",
    });
    expect(stdout).toMatch(/rm -rf agents reaches 2 protected files\s+x +2 files/);
    expect(stdout).toContain("git could not give back 1 of them");
    isWhole();
  });

  it("stays with the new content of an editor, a build or a formatter", () => {
    expect(exec(["python3", "-c", "open('agents/x/run.sh','w').write('#!/bin/sh\\nnew\\n')"]).code).toBe(0);
    expect(tree.read("agents/x/run.sh")).toBe("#!/bin/sh\nnew\n");
    expect(exec(["python3", "-c", "import os; os.remove('agents/x/key')"]).err).toContain("put back: agents/x/key");
    expect(exec(["python3", "-c", "open('agents/x/run.sh','w')"]).err).toContain("put back: agents/x/run.sh");
    expect(tree.read("agents/x/run.sh")).toBe("#!/bin/sh\nnew\n");
  });

  it("is what it was on another branch after a switch to that", () => {
    const git = (...args: string[]) => spawnSync("git", args, { cwd: tree.root, env: tree.environment });
    git("stash", "-q");
    git("switch", "-qc", "without");
    git("rm", "-rq", "agents/x/run.sh");
    git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "gone");
    git("switch", "-q", "main");
    expect(exec(["git", "switch", "-q", "without"]).err).toBe("");
    expect(existsSync(at("agents/x/run.sh"))).toBe(false);
    expect(exec(["git", "switch", "-q", "main"]).code).toBe(0);
    git("stash", "drop", "-q");
  });

  it("is found through links and other spellings of its tree, from anywhere", () => {
    symlinkSync(tree.root, join(tree.base, "alias"));
    const paths = [join(tree.base, "alias/agents/x"), `${tree.root}/docs/../agents/x`, join(tree.root, "agents")];
    for (const path of paths) {
      expect(exec(["rm", "-rf", path], { cwd: tree.base }).err).toContain("put back");
      isWhole();
    }
  });

  it("is safe from a git whose folders stand in the environment", () => {
    const env = { GIT_DIR: at(".git"), GIT_WORK_TREE: tree.root, GIT_INDEX_FILE: at(".git/index") };
    const ran = exec(["git", "checkout", "-f"], { cwd: tree.base, env });
    expect(ran).toMatchObject({ code: 0 });
    isWhole();
    expect(exec(["rm", "f"], { cwd: tree.base })).toMatchObject({ code: 4, out: "" });
  });

  it("comes back where a link or a file took its folder's place", () => {
    mkdirSync(join(tree.base, "old/x"), { recursive: true });
    writeFileSync(join(tree.base, "old/x/run.sh"), "old");
    const swap = `rm -rf agents && ln -s ${join(tree.base, "old")} agents`;
    expect(exec(["sh", "-c", swap]).err).toContain("put back");
    isWhole();
    expect(readFileSync(join(tree.base, "old/x/run.sh"), "utf8")).toBe("old");
    expect(exec(["sh", "-c", "rm -rf agents && echo file > agents"]).err).toContain("put back");
    isWhole();
    expect(exec(["sh", "-c", "rm agents/x/key && mkdir -p agents/x/key/deep && touch agents/x/key/deep/f"]).code).toBe(
      0,
    );
    isWhole();
    chmodSync(at("agents/x/run.sh"), 0o755);
    expect(exec(["chmod", "-R", "a-x", "agents"]).code).toBe(0);
    expect(lstatSync(at("agents/x")).mode & 0o777).toBe(0o755);
    chmodSync(at("agents"), 0o755);
    isWhole();
  });
});

describe("force", () => {
  it("is a person's alone", () => {
    const ran = tree.run(["exec", "--force", "--", "rm", "-rf", "agents"], { env: { CLAUDECODE: "1" } });
    expect(ran).toMatchObject({ code: 3, out: "" });
    expect(ran.err).toContain("REFUSED_FOR_AGENT");
    isWhole();
  });
});

describe("a `holdfast exec` that is killed", () => {
  it("is ended without force by whoever writes next, once its command is over", async () => {
    const script = "rm -rf agents; touch begun; while [ ! -e go ]; do sleep 0.02; done; rm begun";
    const child = spawn(HOLDFAST, ["exec", "--force", "--", "sh", "-c", script], {
      cwd: tree.root,
      env: tree.environment,
      stdio: "ignore",
    });
    await until("the command has begun", () => existsSync(at("begun")));
    await until("its process is noted", () => noted().length > 0);
    child.kill("SIGKILL");
    await ended(child);
    expect(tree.run(["snapshot"]).code).toBe(0);
    expect(existsSync(at("agents"))).toBe(false);
    writeFileSync(at("go"), "");
    await until("the command has ended", () => !existsSync(at("begun")));
    await until("it was ended", () => tree.run(["snapshot"]).code === 0 && existsSync(at("agents/x/run.sh")));
    isWhole();
    expect(records("exec.completed").at(-1)!.data).toMatchObject({ abandoned: true, putBack: 3, accepted: 0 });
    rmSync(at("go"));
  });
});
