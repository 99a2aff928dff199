import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { TRACED_VARIABLES } from "../cause/index.ts";
import { HOOK_TARGETS } from "./index.ts";

const hook = HOOK_TARGETS["git-trace"]!;
let world: World;
let config: string;
let folder: string;

beforeEach(() => {
  world = temporaryWorld();
  config = world.at("home/.gitconfig");
  folder = world.at("state/git-trace");
  world.env["GIT_CONFIG_NOSYSTEM"] = "1";
});
afterEach(() => world.remove());

async function carryOut(action: "install" | "remove") {
  const plan = await hook.plan(action, world.ports);
  await hook.apply(plan, world.ports);
  return plan;
}

const setting = (name: string) => execFileSync("git", ["config", "--file", config, "--get", name]).toString().trim();

const mode = (path: string) => fs.statSync(path).mode & 0o777;

describe("installing", () => {
  it("says first what it will change, and changes nothing else", async () => {
    fs.writeFileSync(config, "# mine\n[user]\n\tname = x\n");
    const plan = await hook.plan("install", world.ports);
    expect(plan.changes.map(({ setting: name, from, to }) => [name, from, to])).toEqual([
      ["trace2.eventTarget", null, folder],
      ["trace2.envVars", null, TRACED_VARIABLES.join(",")],
      ["trace2.maxFiles", null, "1000"],
    ]);
    expect(plan.changes.every(({ file }) => file === config)).toBe(true);
    expect([fs.readFileSync(config, "utf8"), fs.existsSync(folder)]).toEqual(["# mine\n[user]\n\tname = x\n", false]);
    await hook.apply(plan, world.ports);
    expect(fs.readFileSync(config, "utf8")).toMatch(/^# mine\n\[user\]\n\tname = x\n\[trace2\]\n/);
    expect([setting("trace2.eventTarget"), mode(folder)]).toEqual([folder, 0o700]);
    expect(fs.readdirSync(world.at("home"))).toEqual([".gitconfig"]);
  });

  it("lets real git trace into the folder, and twice is once", async () => {
    await carryOut("install");
    expect((await carryOut("install")).changes).toEqual([]);
    const tree = world.repository("tree");
    const env = { PATH: process.env["PATH"], HOME: world.at("home"), GIT_CONFIG_NOSYSTEM: "1", CLAUDECODE: "1" };
    execFileSync("git", ["reset", "--hard"], { cwd: tree, env });
    const [name] = fs.readdirSync(folder);
    const text = fs.readFileSync(join(folder, name!), "utf8");
    expect(text).toContain('"argv":["git","reset","--hard"]');
    expect(text).toContain('"param":"CLAUDECODE"');
  });

  it("adds to another's variables, and keeps another's limit", async () => {
    fs.writeFileSync(config, "[trace2]\n\tenvVars = SSH_TTY, PWD\n\tmaxFiles = 7\n");
    await carryOut("install");
    expect(setting("trace2.envVars").split(",").slice(0, 3)).toEqual(["SSH_TTY", "PWD", "CLAUDECODE"]);
    expect(setting("trace2.maxFiles")).toBe("7");
  });

  it("refuses where the trace goes elsewhere, wherever that is said", async () => {
    fs.writeFileSync(world.at("home/more"), "[trace2]\n\teventTarget = /var/log/git\n");
    fs.writeFileSync(config, `[include]\n\tpath = ${world.at("home/more")}\n`);
    await expect(hook.plan("install", world.ports)).rejects.toMatchObject({
      code: "HOOK_CONFLICT",
      data: { value: "/var/log/git" },
    });
    expect(fs.existsSync(folder)).toBe(false);
  });

  it("writes where git would: the named file, the XDG one, or ~/.gitconfig, through a link", async () => {
    fs.mkdirSync(world.at("home/.config/git"), { recursive: true });
    fs.writeFileSync(world.at("home/.config/git/config"), "");
    expect((await hook.plan("install", world.ports)).changes[0]!.file).toBe(world.at("home/.config/git/config"));
    world.env["GIT_CONFIG_GLOBAL"] = world.at("named");
    expect((await hook.plan("install", world.ports)).changes[0]!.file).toBe(world.at("named"));
    fs.writeFileSync(world.at("dotfiles"), "[user]\n\tname = x\n");
    fs.chmodSync(world.at("dotfiles"), 0o664);
    fs.symlinkSync("dotfiles", world.at("named"));
    await carryOut("install");
    expect(fs.lstatSync(world.at("named")).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(world.at("dotfiles"), "utf8")).toContain("[trace2]");
    expect(mode(world.at("dotfiles"))).toBe(0o664);
    await carryOut("remove");
    expect(fs.readFileSync(world.at("dotfiles"), "utf8")).toBe("[user]\n\tname = x\n");
    expect(fs.lstatSync(world.at("named")).isSymbolicLink()).toBe(true);
  });

  it("waits for nobody: a lock of git's own is named", async () => {
    fs.writeFileSync(`${config}.lock`, "");
    const plan = await hook.plan("install", world.ports);
    await expect(hook.apply(plan, world.ports)).rejects.toMatchObject({ code: "HOOK_UNAVAILABLE" });
    expect(fs.existsSync(config)).toBe(false);
    expect(fs.existsSync(`${config}.lock`)).toBe(true);
  });

  it("refuses a configuration that is no file: a device would be replaced", async () => {
    world.env["GIT_CONFIG_GLOBAL"] = world.at("device");
    execFileSync("mkfifo", [world.at("device")]);
    await expect(hook.plan("install", world.ports)).rejects.toMatchObject({ code: "HOOK_UNAVAILABLE" });
    const plan = { target: "git-trace", action: "install", diff: null, notes: [], changes: [] } as const;
    const change = { file: world.at("device"), setting: "trace2.maxFiles", from: null, to: "3" };
    fs.rmSync(world.at("device"));
    fs.mkdirSync(world.at("device"));
    await expect(hook.apply({ ...plan, changes: [change] }, world.ports)).rejects.toMatchObject({
      code: "HOOK_UNAVAILABLE",
    });
    expect(fs.statSync(world.at("device")).isDirectory()).toBe(true);
  });

  it("refuses a plan that time has passed by", async () => {
    const plan = await hook.plan("install", world.ports);
    fs.writeFileSync(config, "[trace2]\n\teventTarget = /else\n");
    await expect(hook.apply(plan, world.ports)).rejects.toMatchObject({ code: "HOOK_CONFLICT" });
    expect(fs.readFileSync(config, "utf8")).toBe("[trace2]\n\teventTarget = /else\n");
  });
});

describe("removing", () => {
  it.each([
    ["nothing", null],
    ["an empty file", ""],
    ["no newline at the end", "[user]\n\tname = x"],
    ["an empty section of the same name", "[trace2]\n[user]\n\tname = x\n"],
    ["comments in odd places", "; a\n[trace2] # b\n\n\n  maxFiles=9 ; c\n[core]\n\tautocrlf=input\r\n"],
    ["a trace that was switched off", "[trace2]\n\teventTarget = 0\n"],
  ])("gives back %s, byte for byte", async (_, text) => {
    if (text !== null) fs.writeFileSync(config, text);
    await carryOut("install");
    expect(setting("trace2.eventTarget")).toBe(folder);
    await carryOut("remove");
    expect(fs.existsSync(config) ? fs.readFileSync(config, "utf8") : null).toBe(text);
    expect(fs.readdirSync(world.at("state"))).toEqual([]);
  });

  it("gives back any file that git can read, byte for byte", async () => {
    const line = fc.constantFrom(
      "[user]",
      "\tname = x",
      "# c",
      "",
      "[trace2]",
      "\tmaxFiles = 3",
      '[a "b"]',
      "  k",
      "\tenvVars = A,B",
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
      .map(([lines, end]) => `[core]\n${lines.join("\n")}${end ? "\n" : ""}`);
    await fc.assert(
      fc.asyncProperty(text, async (before) => {
        fs.writeFileSync(config, before);
        await carryOut("install");
        await carryOut("remove");
        expect(fs.readFileSync(config, "utf8")).toBe(before);
      }),
      { numRuns: 8 },
    );
  });

  it("keeps what others wrote since", async () => {
    fs.writeFileSync(config, "[user]\n\tname = x");
    await carryOut("install");
    execFileSync("git", ["config", "--file", config, "user.email", "y"]);
    fs.appendFileSync(config, "[core]\n\tpager = less\n");
    await carryOut("remove");
    const text = fs.readFileSync(config, "utf8");
    expect(text).not.toContain("trace2");
    expect([setting("user.email"), setting("core.pager")]).toEqual(["y", "less"]);
  });

  it("keeps what others wrote into our section, and a setting that they changed", async () => {
    await carryOut("install");
    execFileSync("git", ["config", "--file", config, "trace2.configParams", "a"]);
    execFileSync("git", ["config", "--file", config, "trace2.maxFiles", "5"]);
    await carryOut("remove");
    expect([setting("trace2.configParams"), setting("trace2.maxFiles")]).toEqual(["a", "5"]);
    expect(fs.readFileSync(config, "utf8")).not.toContain("eventTarget");
  });

  it("takes out what is ours though the record of it is lost, and the traces with it", async () => {
    await carryOut("install");
    fs.rmSync(world.at("state/git-trace.json"));
    fs.writeFileSync(join(folder, "20261122T143451.114412Z-H0a7c9cdf-P0000032b"), "{}");
    const plan = await carryOut("remove");
    expect(plan.notes).toEqual(["what stood there before is not known"]);
    expect(fs.readFileSync(config, "utf8")).toBe("");
    expect(fs.existsSync(folder)).toBe(false);
  });

  it("of what is not installed does nothing", async () => {
    fs.writeFileSync(config, "[trace2]\n\teventTarget = /else\n");
    expect((await carryOut("remove")).changes).toEqual([]);
    expect(fs.readFileSync(config, "utf8")).toBe("[trace2]\n\teventTarget = /else\n");
  });

  it("does not guess when the record is damaged", async () => {
    await carryOut("install");
    fs.writeFileSync(world.at("state/git-trace.json"), "{");
    await expect(hook.plan("remove", world.ports)).rejects.toMatchObject({ code: "HOOK_UNAVAILABLE" });
  });
});

describe("status", () => {
  it("tells what is installed, and what keeps it from working", async () => {
    expect(await hook.status(world.ports)).toMatchObject({ installed: false, problems: [] });
    await carryOut("install");
    expect(await hook.status(world.ports)).toMatchObject({
      installed: true,
      problems: [],
      facts: { folder, waiting: 0 },
    });
    fs.chmodSync(folder, 0o755);
    fs.writeFileSync(join(folder, "git-trace2-discard"), "");
    world.env["GIT_TRACE2_EVENT"] = "1";
    execFileSync("git", ["config", "--file", config, "trace2.envVars", "PWD"]);
    const { problems } = await hook.status(world.ports);
    expect(problems.map((problem) => problem.split(":")[0]!.split(" →")[0])).toEqual([
      "others can enter the folder",
      "some agents' marks are not traced",
      "the folder was full",
      "GIT_TRACE2_EVENT is set here and overrides the setting",
    ]);
    fs.rmSync(folder, { recursive: true });
    expect((await hook.status(world.ports)).problems[0]).toMatch(/^the folder is missing/);
  });
});
