import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { noteFired } from "./fired.ts";
import { HOOK_TARGETS } from "./index.ts";

const FILES = {
  "claude-code": "home/.claude/settings.json",
  codex: "home/.codex/hooks.json",
  gemini: "home/.gemini/settings.json",
  cursor: "home/.cursor/hooks.json",
} as const;
const AGENTS = Object.keys(FILES) as (keyof typeof FILES)[];
const MINE = '{\n  "model": "x", // mine\n  "hooks": {}\n}';

let world: World;
beforeEach(() => {
  world = temporaryWorld();
});
afterEach(() => world.remove());

async function carryOut(action: "install" | "remove", agent: string, options = { claimCheck: false }) {
  const target = HOOK_TARGETS[agent]!;
  const plan = await target.plan(action, world.ports, options);
  await target.apply(plan, world.ports);
  return plan;
}

const read = (path: string) => fs.readFileSync(world.at(path), "utf8");
const json = (path: string) => JSON.parse(read(path));

describe.each(AGENTS)("%s", (agent) => {
  const file = FILES[agent];

  it("shows first what it will put where, then puts it there, and twice is once", async () => {
    const plan = await HOOK_TARGETS[agent]!.plan("install", world.ports);
    expect([fs.existsSync(world.at(file)), fs.existsSync(world.at("state"))]).toEqual([false, false]);
    expect(plan.diff).toContain(`+++ ${world.at(file)}`);
    expect(plan.diff).toContain(`${world.at("state/bin/holdfast-hook")} ${agent}`);
    await carryOut("install", agent);
    expect((await carryOut("install", agent)).changes).toEqual([]);
    expect(read(file).split("holdfast-hook").length - 1).toBe(
      plan.changes.filter(({ setting }) => setting !== "version").length,
    );
  });

  it("gives back a file byte for byte, and takes away one that it made", async () => {
    await carryOut("install", agent);
    await carryOut("remove", agent);
    expect([fs.readdirSync(world.at("home")), fs.readdirSync(world.at("state"))]).toEqual([[], []]);
    world.write(file, MINE);
    await carryOut("install", agent);
    expect(read(file)).toContain("// mine");
    await carryOut("remove", agent);
    expect(read(file)).toBe(MINE);
  });

  it("is given back with what the owner changed meanwhile", async () => {
    world.write(file, MINE);
    await carryOut("install", agent);
    world.write(file, read(file).replace('"x"', '"y"'));
    await carryOut("remove", agent);
    expect(read(file)).toBe(MINE.replace('"x"', '"y"'));
  });

  it("that is malformed is refused, and stays as it is", async () => {
    world.write(file, '{ "hooks": ');
    for (const action of ["install", "remove"] as const)
      await expect(carryOut(action, agent)).rejects.toMatchObject({
        code: "HOOK_CONFIG_INVALID",
        hint: expect.stringContaining(file),
      });
    expect([read(file), fs.existsSync(world.at("state/bin"))]).toEqual(['{ "hooks": ', false]);
  });
});

it("writes the forms that the agents document", async () => {
  for (const agent of AGENTS) await carryOut("install", agent, { claimCheck: true });
  const shim = world.at("state/bin/holdfast-hook");
  const claude = (agent: string) => [{ type: "command", command: `${shim} ${agent}`, timeout: 5 }];
  expect(json(FILES["claude-code"])).toEqual({
    hooks: {
      PreToolUse: [{ matcher: "Bash", hooks: claude("claude-code") }],
      PostToolUse: [{ matcher: "Bash", hooks: claude("claude-code") }],
      PostToolUseFailure: [{ matcher: "Bash", hooks: claude("claude-code") }],
      SessionStart: [{ hooks: claude("claude-code") }],
      Stop: [{ hooks: claude("claude-code") }],
    },
  });
  expect(json(FILES.codex).hooks.PreToolUse).toEqual([{ matcher: "Bash|apply_patch", hooks: claude("codex") }]);
  const gemini = [{ name: "holdfast", type: "command", command: `${shim} gemini`, timeout: 5000 }];
  expect(json(FILES.gemini).hooks.BeforeTool).toEqual([{ matcher: "run_shell_command", hooks: gemini }]);
  expect(json(FILES.gemini).hooks.AfterAgent).toEqual([{ hooks: gemini }]);
  expect(json(FILES.cursor)).toMatchObject({
    version: 1,
    hooks: { beforeShellExecution: [{ command: `${shim} cursor`, timeout: 5 }] },
  });
});

it("quotes a home with a space in its name, and is found again", async () => {
  world.env["HOLDFAST_HOME"] = world.at("Application Support/it's");
  await carryOut("install", "codex");
  const [{ hooks }] = json(FILES.codex).hooks.PreToolUse;
  expect(hooks[0].command).toBe(`'${world.at("Application Support")}/it'\\''s/bin/holdfast-hook' codex`);
  expect((await carryOut("install", "codex")).changes).toEqual([]);
  await carryOut("remove", "codex");
  expect(fs.existsSync(world.at(FILES.codex))).toBe(false);
});

it("follows a link to the configuration, keeps its mode, and refuses what changed since it was shown", async () => {
  const kept = world.write("dotfiles/settings.json", MINE);
  fs.chmodSync(kept, 0o640);
  world.folder("home/.claude");
  fs.symlinkSync(kept, world.at(FILES["claude-code"]));
  await carryOut("install", "claude-code");
  expect([fs.lstatSync(world.at(FILES["claude-code"])).isSymbolicLink(), fs.statSync(kept).mode & 0o777]).toEqual([
    true,
    0o640,
  ]);
  const target = HOOK_TARGETS["claude-code"]!;
  const plan = await target.plan("remove", world.ports);
  fs.appendFileSync(kept, "\n");
  await expect(target.apply(plan, world.ports)).rejects.toMatchObject({ code: "HOOK_CONFLICT" });
});

it("takes out what it finds where the record is lost", async () => {
  world.write(FILES["claude-code"], MINE);
  await carryOut("install", "claude-code");
  fs.rmSync(world.at("state/hooks"), { recursive: true });
  expect((await carryOut("remove", "claude-code")).notes).toEqual([expect.stringContaining("not known")]);
  expect(read(FILES["claude-code"])).not.toContain("holdfast");
});

describe("the status", () => {
  const status = (agent: string) => HOOK_TARGETS[agent]!.status(world.ports);

  it("says what is not installed, what never fired, and when it fired", async () => {
    expect(await status("gemini")).toMatchObject({ installed: false, trusted: null, lastFired: null, problems: [] });
    await carryOut("install", "gemini");
    expect(await status("gemini")).toMatchObject({
      installed: true,
      trusted: "yes",
      problems: [expect.stringContaining("never fired")],
    });
    noteFired("gemini", world.ports);
    expect(await status("gemini")).toMatchObject({ lastFired: expect.stringMatching(/^20.*Z$/), problems: [] });
  });

  it("says what keeps it from working", async () => {
    await carryOut("install", "claude-code");
    noteFired("claude-code", world.ports);
    fs.rmSync(world.at("state/bin/holdfast-hook"));
    expect((await status("claude-code")).problems).toEqual([expect.stringContaining("gone: nothing is checked")]);
    await carryOut("install", "claude-code");
    const { hooks, ...rest } = json(FILES["claude-code"]);
    delete hooks.PreToolUse;
    world.write(FILES["claude-code"], JSON.stringify({ ...rest, hooks, disableAllHooks: true }));
    expect((await status("claude-code")).problems).toEqual([
      expect.stringContaining("not called for PreToolUse"),
      expect.stringContaining("disableAllHooks"),
    ]);
    world.write(FILES["claude-code"], "{");
    expect(await status("claude-code")).toMatchObject({
      installed: false,
      problems: [expect.stringContaining("cannot be read")],
    });
  });

  it("knows of Codex whether it trusts the hook, as far as Codex writes that down", async () => {
    await carryOut("install", "codex");
    expect(await status("codex")).toMatchObject({
      trusted: "no",
      problems: expect.arrayContaining([expect.stringContaining("/hooks")]),
    });
    const key = `${world.at(FILES.codex)}:pre_tool_use:0:0`;
    world.write("home/.codex/config.toml", `[hooks.state."${key}"]\ntrusted_hash = "sha256:00"\n`);
    expect((await status("codex")).trusted).toBe("unknown");
    noteFired("codex", world.ports);
    expect((await status("codex")).trusted).toBe("yes");
  });
});
