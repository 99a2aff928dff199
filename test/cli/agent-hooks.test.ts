/** Each agent's hook, end to end: what it documents to send goes to the command that was installed, as its shell would run it. */

import { type ChildProcess, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Agent, agentsIn, CLAUDE, CURSOR } from "./agent-payloads.ts";
import { ended, HOLDFAST, makeTree, type TestTree } from "./holdfast.ts";

const PROTECTED = "agents/router/run.sh";
let tree: TestTree;
let agents: Record<string, Agent>;
const NAMES = Object.keys(agentsIn(""));
const inTree = (payload: object) => ({ ...payload, cwd: tree.root });
beforeAll(() => {
  tree = makeTree();
  agents = agentsIn(tree.root);
  tree.write(PROTECTED, "#!/bin/sh\necho routing\n", 0o755);
  tree.write("notes.md", "mine\n");
  tree.run(["protect", "agents/router", "--name", "router"]);
  for (const agent of NAMES) expect(tree.run(["hooks", "install", agent, "--claim-check"]).err).toBe("");
});
afterAll(() => tree.end());

/** The command that stands in the agent's configuration for an event, through a shell, with the documented JSON on stdin. */
function fire(agent: string, event: string, payload: object, env: NodeJS.ProcessEnv = {}) {
  const config = JSON.parse(readFileSync(join(tree.base, "user", agents[agent]!.file), "utf8"));
  const [entry] = config.hooks[event];
  const command: string = entry.command ?? entry.hooks[0].command;
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", command], {
    cwd: tree.root,
    env: { ...tree.environment, ...env },
    input: `\ufeff${JSON.stringify(payload)}`.slice(agent === "cursor" ? 0 : 1),
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr, json: () => JSON.parse(stdout) as unknown };
}

const asks = (agent: string, command: string, env?: NodeJS.ProcessEnv) =>
  fire(agent, agents[agent]!.before.event, agents[agent]!.before.payload(command), env);

function proves(agent: string, env?: NodeJS.ProcessEnv): void {
  const { denied, after, session, told } = agents[agent]!;
  const silent = { status: 0, out: "", err: "" };
  expect(asks(agent, "git status && grep -r 'rm -rf' .", env)).toMatchObject(silent);
  expect(asks(agent, "npm run build", env)).toMatchObject(silent);
  const denial = asks(agent, "git reset --hard HEAD~1", env);
  expect([denial.status, denial.err]).toEqual([0, ""]);
  expect(denied(denial.json())).toContain("exec -- git reset --hard HEAD~1");
  expect(asks(agent, `${HOLDFAST} exec -- git reset --hard HEAD~1`, env)).toMatchObject(silent);
  const failed = fire(
    agent,
    after.event,
    after.payload(`sh ${PROTECTED}`, `sh: 0: cannot open ${PROTECTED}: No such file or directory`),
    env,
  );
  expect(told(failed.json())).toMatch(new RegExp(`Holdfast knows ${PROTECTED}: it is there now \\(accepted as router`));
  const note = told(
    fire(agent, session.event, { ...session.payload, cwd: tree.root, workspace_roots: [tree.root] }, env).json(),
  );
  expect(note).toContain("no open incidents");
  expect(note!.length).toBeLessThan(420);
  expect(readFileSync(join(tree.root, PROTECTED), "utf8")).toContain("routing");
}

const reports = () => {
  const [id] = readdirSync(tree.home).filter((name) => existsSync(join(tree.home, name, "tree.json")));
  const folder = join(tree.home, id!, "reports");
  return existsSync(folder)
    ? readdirSync(folder).map(
        (name) =>
          JSON.parse(readFileSync(join(folder, name), "utf8")) as {
            actor: object;
            command: string;
            ended: string | null;
          },
      )
    : [];
};

describe("without a daemon", () => {
  it.each(NAMES)("%s: silence, denial, verdict and note as documented", (agent) => {
    proves(agent);
    const name = agent === "gemini" ? "gemini-cli" : agent;
    const noted = reports().filter(({ command }) => command === "npm run build");
    expect(noted.map(({ actor }) => actor)).toContainEqual({ kind: "agent", name, session: expect.any(String) });
  });

  it("what it lets pass is remembered first", () => {
    tree.write("draft.txt", "never committed\n");
    expect(asks("codex", "python3 tools/clean.py").out).toBe("");
    rmSync(join(tree.root, "draft.txt"));
    expect(tree.run(["restore", "draft.txt"]).code).toBe(0);
    expect(tree.read("draft.txt")).toBe("never committed\n");
  });

  it("what was protected just now is denied, and what was let go is not", () => {
    tree.write("tools/sync.sh", "#!/bin/sh\n");
    expect(asks("codex", "rm -rf tools").out).toBe("");
    expect(asks("codex", "rm -rf tools").out).toBe("");
    tree.run(["protect", "tools/sync.sh"]);
    expect(agents["codex"]!.denied(asks("codex", "rm -rf tools").json())).toContain("rm -rf tools");
    rmSync(join(tree.root, "tools"), { recursive: true });
    tree.run(["accept", "tools/sync.sh"]);
    expect(asks("codex", "rm -rf tools").out).toBe("");
  });

  it("a read-only store: what is protected is still denied, what passes is told to be limited", () => {
    const script = `mount --bind "${tree.home}" "${tree.home}" && mount -o remount,ro,bind "${tree.home}" && exec "$@"`;
    const fireReadOnly = (command: string) => {
      const { payload } = agents["claude-code"]!.before;
      return spawnSync(
        "unshare",
        ["-m", "sh", "-c", script, "-", join(tree.home, "bin/holdfast-hook"), "claude-code"],
        {
          cwd: tree.root,
          env: tree.environment,
          input: JSON.stringify(payload(command)),
          encoding: "utf8",
        },
      );
    };
    const denied = fireReadOnly("git reset --hard");
    // Without root there is no read-only mount: then the refusal is mount's own.
    if (denied.stderr.includes("unshare")) return;
    expect(denied.stdout).toContain("permissionDecision");
    const limited = fireReadOnly("npm run build");
    expect([limited.status, limited.stderr]).toEqual([0, expect.stringContaining("limited")]);
    expect(JSON.parse(limited.stdout)).toEqual({ systemMessage: expect.stringContaining("limited") });
  });
});

describe("with a daemon", () => {
  let daemon: ChildProcess;
  beforeAll(async () => {
    daemon = await tree.up();
  });
  afterAll(async () => {
    daemon.kill("SIGTERM");
    await ended(daemon);
  });

  it.each(NAMES)("%s: the same, by curl", (agent) => {
    // A launcher that is not there: nobody but the daemon can answer.
    const shim = join(tree.home, "bin/holdfast-hook");
    const text = readFileSync(shim, "utf8");
    writeFileSync(shim, text.replace(/^launcher=.*$/m, "launcher=/nowhere"));
    proves(agent);
    writeFileSync(shim, text);
  });

  it("without curl a process of its own answers", () => {
    const bin = join(tree.base, "bin");
    mkdirSync(bin);
    for (const tool of ["sh", "cat", "git"])
      symlinkSync(spawnSync("which", [tool], { encoding: "utf8" }).stdout.trim(), join(bin, tool));
    const { err, json } = asks("claude-code", "rm -rf agents", { PATH: bin });
    expect(err).toBe("");
    expect(agents["claude-code"]!.denied(json())).toContain("router");
  });

  it("remembers first, names the agent as the cause of what follows, and closes what it noted", async () => {
    tree.write("plan.txt", "one\n");
    expect(asks("codex", "python3 tools/clean.py").out).toBe("");
    rmSync(join(tree.root, "plan.txt"));
    expect(tree.run(["restore", "plan.txt"]).code).toBe(0);
    fire("codex", "PostToolUse", agents["codex"]!.after.payload("python3 tools/clean.py", "done"));
    const closed = reports().find(({ command }) => command === "python3 tools/clean.py");
    expect(closed === undefined || closed.ended !== null).toBe(true);
  });

  it("the claim that something never existed is sent back once, and not after a diagnosis", () => {
    const claim = (message: string, more: object = {}) =>
      fire(
        "claude-code",
        "Stop",
        inTree({
          ...CLAUDE,
          session_id: "s-9",
          hook_event_name: "Stop",
          stop_hook_active: false,
          last_assistant_message: message,
          ...more,
        }),
      );
    const sent = claim(`I searched everywhere: \`${PROTECTED}\` never existed.`).json() as {
      decision: string;
      reason: string;
    };
    expect(sent).toEqual({ decision: "block", reason: expect.stringContaining(`diagnose ${PROTECTED}`) });
    expect(claim(`\`${PROTECTED}\` never existed.`, { stop_hook_active: true }).out).toBe("");
    expect(claim("`agents/nobody/knows.sh` never existed.").out).toBe("");
    expect(claim(`\`${PROTECTED}\` works.`).out).toBe("");
    fire("claude-code", "PreToolUse", {
      ...agents["claude-code"]!.before.payload(`holdfast diagnose ${PROTECTED}`),
      session_id: "s-9",
    });
    expect(claim(`\`${PROTECTED}\` never existed.`).out).toBe("");
  });

  it("Cursor, which runs Claude Code's hooks as well, is answered by its own hook alone", () => {
    const payload = {
      ...CURSOR,
      cwd: "",
      workspace_roots: [tree.root],
      hook_event_name: "preToolUse",
      tool_name: "Shell",
      tool_input: { command: "rm -rf agents" },
    };
    expect(fire("claude-code", "PreToolUse", payload)).toMatchObject({ status: 0, out: "" });
    tree.run(["hooks", "remove", "cursor"]);
    expect(fire("claude-code", "PreToolUse", payload).json()).toMatchObject({ permission: "deny", decision: "deny" });
    tree.run(["hooks", "install", "cursor"]);
  });

  it("hooks status says that they fired", () => {
    const { hooks } = tree
      .run(["hooks", "status", "--json"])
      .json<{ hooks: { target: string; lastFired: string | null }[] }>();
    expect(hooks.filter(({ lastFired }) => lastFired !== null).map(({ target }) => target)).toEqual(NAMES);
  });
});

describe("when the package is gone", () => {
  it("says so, and lets pass", () => {
    const home = join(tree.base, "package");
    mkdirSync(home);
    for (const part of ["bin", "dist"]) cpSync(resolve(HOLDFAST, "../..", part), join(home, part), { recursive: true });
    const modules = resolve(HOLDFAST, "../../node_modules");
    symlinkSync(modules, join(home, "node_modules"));
    const run = spawnSync(join(home, "bin/holdfast"), ["hooks", "install", "gemini"], {
      cwd: tree.root,
      env: tree.environment,
    });
    expect(run.status).toBe(0);
    expect(agents["gemini"]!.denied(asks("gemini", "rm -rf agents").json())).toContain("router");
    renameSync(home, `${home}-away`);
    for (const agent of NAMES)
      expect(asks(agent, "rm -rf agents")).toMatchObject({
        status: 0,
        out: "",
        err: expect.stringContaining("limited"),
      });
    chmodSync(join(tree.home, "bin/holdfast-hook"), 0o755);
  });
});
