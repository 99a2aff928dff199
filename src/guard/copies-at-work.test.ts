import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lookAtCopies } from "./copies-at-work.ts";
import { type JudgeWorld, judgeWorld } from "./judge-fixture.ts";

let world: JudgeWorld;
let copy: string;
let agent: ChildProcess | null = null;
beforeEach(async () => {
  world = await judgeWorld("components: {}\nlayout: {}\nagents: { CLC: { run: builtin } }");
  world.write("README.md", "first\n");
  world.git("add", "-A");
  world.git("commit", "-q", "-m", "first");
  copy = join(dirname(world.root), "copy");
  execFileSync("git", ["clone", "-q", world.root, copy], {
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" },
  });
});
afterEach(async () => {
  agent?.kill("SIGKILL");
  await world.close();
});

const told = async () => {
  await lookAtCopies(world);
  return world.cases().map(({ state, response, copy: root }) => [state, response, root]);
};

it("an agent at work in a copy is raised once, and over when it has ended", async () => {
  expect(await told()).toEqual([]);
  const env = { PATH: process.env["PATH"], CLAUDECODE: "1" };
  agent = spawn("sleep", ["60"], { cwd: copy, env, stdio: "ignore" });
  await new Promise((begun) => agent!.once("spawn", begun));
  expect(await told()).toEqual([["open", "raise", copy]]);
  expect(await told()).toHaveLength(1);
  expect(world.cases()[0]?.why[0]).toContain("a copy: nothing there is guarded");
  agent.kill("SIGKILL");
  await new Promise((ended) => agent!.once("exit", ended));
  expect(await told()).toEqual([["resolved", "raise", copy]]);
});

it("an order in a copy's inbox is raised, one that is still being written is not", async () => {
  const inbox = join(copy, "bridge/inbox/CLC");
  mkdirSync(inbox, { recursive: true });
  writeFileSync(join(inbox, ".WO-1.yaml.tmp"), "");
  expect(await told()).toEqual([]);
  writeFileSync(join(inbox, "WO-1.yaml"), "id: WO-1\n");
  expect(await told()).toEqual([["open", "raise", copy]]);
  expect(world.cases()[0]?.why[0]).toContain("an order waiting (CLC/WO-1.yaml)");
  rmSync(inbox, { recursive: true });
  expect((await told())[0]?.[0]).toBe("resolved");
});
