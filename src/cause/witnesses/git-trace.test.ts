import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LIMITS } from "../../base/index.ts";
import { TRACED_VARIABLES } from "../agent-marks.ts";
import { openTraceReader, type TraceReader } from "./git-trace.ts";
import { parseTraceFile } from "./trace-file.ts";
import { openScene, type Scene, traceInto } from "./witness-fixture.ts";

let scene: Scene;
let reader: TraceReader;
let elsewhere: string[];

beforeEach(async () => {
  scene = await openScene();
  scene.write("gitconfig", [...traceInto(scene.traces, TRACED_VARIABLES), "[user]", "name=T", "email=t@x"].join("\n"));
  elsewhere = [];
  reader = openTraceReader(
    {
      folder: scene.traces,
      roots: () => [scene.tree],
      belongsElsewhere: (workTree) => elsewhere.includes(workTree),
    },
    scene.ports,
  );
});
afterEach(() => scene.end());

it("names an agent's command inside a script, and removes its file", async () => {
  const script = scene.write("clean.sh", "#!/bin/sh\ncd sub\ngit clean -fd\ngit status\n", 0o755);
  await scene.run("sh", [script], { env: { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "s1" } });
  const look = await reader.look();
  expect(look.witnesses).toHaveLength(1);
  expect(look.witnesses[0]).toMatchObject({
    source: "trace",
    argv: ["git", "clean", "-fd"],
    cwd: join(scene.tree, "sub"),
    exitCode: 0,
    actor: { kind: "agent", name: "claude-code", session: "s1" },
  });
  expect(look.witnesses[0]!.parents[0]?.name).toBe("sh");
  expect(look.witnesses[0]!.reading.touches[0]?.path).toBe(join(scene.tree, "sub"));
  expect(readdirSync(scene.traces)).toEqual([]);
});

it("folds what a stash runs into the stash", async () => {
  scene.write("tree/a.txt", "changed\n");
  await scene.run("git", ["stash"]);
  expect(readdirSync(scene.traces).length).toBeGreaterThan(1);
  const { witnesses } = await reader.look();
  expect(witnesses.map(({ argv }) => argv)).toEqual([["git", "stash"]]);
  expect(readdirSync(scene.traces)).toEqual([]);
});

it("knows what an alias stands for, and what a shell's alias runs", async () => {
  await scene.run("git", ["config", "alias.undo", "reset --hard"]);
  await scene.run("git", ["config", "alias.wipe", "!git clean -fdx && true"]);
  await reader.look();
  await scene.run("git", ["undo"]);
  await scene.run("git", ["wipe"]);
  const { witnesses } = await reader.look();
  const readings = witnesses.map(({ argv, reading }) => [
    argv[1],
    reading.parts.find((part) => part.tool === "git")?.verb ?? reading.verb,
  ]);
  expect(readings).toEqual([
    ["undo", "reset --hard"],
    ["wipe", "clean"],
  ]);
});

it("says that git is at work until the command has ended", async () => {
  const fifo = join(scene.dir, "go");
  await scene.run("mkfifo", [fifo]);
  const commit = scene.start("git", ["commit", "--allow-empty"], {
    env: { GIT_EDITOR: `echo x > '${scene.dir}/began'; echo m > "$1"; cat < '${fifo}'; :` },
  });
  const ended = new Promise((resolve) => commit.once("close", resolve));
  await until(() => existsSync(join(scene.dir, "began")));
  const during = await reader.look();
  expect(during.witnesses).toEqual([]);
  expect(during.running.map(({ argv }) => argv)).toEqual([["git", "commit", "--allow-empty"]]);
  writeFileSync(fifo, "");
  await ended;
  const after = await reader.look();
  expect(after.running).toEqual([]);
  expect(after.witnesses.map(({ argv }) => argv[1])).toEqual(["commit"]);
});

it("takes a killed command for ended", async () => {
  const commit = scene.start("git", ["commit", "--allow-empty"], {
    env: { GIT_EDITOR: `echo x > '${scene.dir}/began'; exec cat #` },
  });
  const ended = new Promise((resolve) => commit.once("exit", resolve));
  await until(() => existsSync(join(scene.dir, "began")));
  commit.kill("SIGKILL");
  await ended;
  const { witnesses, running } = await reader.look();
  expect([witnesses.map(({ argv }) => argv[1]), running]).toEqual([["commit"], []]);
});

it("does not take the next process of the same id for the command", async () => {
  const name = (pid: number) => `20261122T143451.114412Z-H0a7c9cdf-P${pid.toString(16).padStart(8, "0")}`;
  const start = { event: "start", sid: "x", time: "2020-01-01T00:00:00.000Z", argv: ["git", "reset", "--hard"] };
  const repo = { event: "def_repo", worktree: scene.tree };
  writeFileSync(join(scene.traces, name(process.pid)), `${JSON.stringify(start)}\n${JSON.stringify(repo)}\n`);
  const { witnesses, running } = await reader.look();
  expect([witnesses.length, running]).toEqual([1, []]);
});

it("says nothing of commands that only look, and removes their files", async () => {
  await scene.run("git", ["status"]);
  await scene.run("git", ["log"]);
  expect(await reader.look()).toMatchObject({ witnesses: [], running: [] });
  expect(readdirSync(scene.traces)).toEqual([]);
});

it("leaves another registered tree's files to it, and removes nobody's", async () => {
  const other = join(scene.dir, "other");
  const nobodys = join(scene.dir, "nobodys");
  for (const folder of [other, nobodys]) {
    mkdirSync(folder);
    await scene.run("git", ["init", "-q"], { cwd: folder });
    await reader.look();
    await scene.run("git", ["clean", "-fd"], { cwd: folder });
    elsewhere = [other];
    expect((await reader.look()).witnesses).toEqual([]);
    expect(readdirSync(scene.traces)).toHaveLength(1);
  }
}, 30_000);

it("skips foreign and broken files", async () => {
  writeFileSync(join(scene.traces, "notes.txt"), "mine");
  writeFileSync(join(scene.traces, "20261122T143451.114412Z-H0a7c9cdf-P7ffffff1"), '{"event":"start","sid"');
  writeFileSync(join(scene.traces, "20261122T143451.114412Z-H0a7c9cdf-P7ffffff2"), "\0\xff\n{}\n");
  mkdirSync(join(scene.traces, "20261122T143451.114412Z-H0a7c9cdf-P7ffffff3"));
  await scene.run("git", ["reset", "--hard"]);
  expect((await reader.look()).witnesses).toHaveLength(1);
  expect(readdirSync(scene.traces)).toEqual(["20261122T143451.114412Z-H0a7c9cdf-P7ffffff3", "notes.txt"]);
});

it("goes on after the folder was full: the mark is removed, and said", async () => {
  // Git counts "." and ".." too.
  scene.write("gitconfig", traceInto(scene.traces, [], ["maxFiles = 3"]).join("\n"));
  await scene.run("git", ["reset", "--hard"]);
  await scene.run("git", ["reset", "--hard"]);
  expect(readdirSync(scene.traces)).toContain("git-trace2-discard");
  const look = await reader.look();
  expect(look.wasFull).toBe(true);
  expect(readdirSync(scene.traces)).toEqual([]);
  await scene.run("git", ["clean", "-fd"]);
  expect(await reader.look()).toMatchObject({ wasFull: false, witnesses: [{ argv: ["git", "clean", "-fd"] }] });
});

it("prunes what is too old or too much, even of running commands", async () => {
  const alive = process.pid.toString(16).padStart(8, "0");
  const start = (argv: string[]) =>
    `{"event":"start","sid":"x","time":"${new Date().toISOString()}","argv":${JSON.stringify(argv)}}\n`;
  const count = LIMITS.traceFilesMax / 2 + 3;
  for (let index = 0; index < count; index += 1)
    writeFileSync(
      join(scene.traces, `20261122T143451.${String(index).padStart(6, "0")}Z-H0a7c9cdf-P${alive}`),
      start(["git", "commit"]),
    );
  expect((await reader.look()).pruned).toBe(3);
  const [first] = readdirSync(scene.traces);
  utimesSync(join(scene.traces, first!), 1, 1);
  expect((await reader.look()).pruned).toBe(1);
});

it("reads the end of a file that is too long to be read", async () => {
  await scene.run("git", ["reset", "--hard"]);
  const [name] = readdirSync(scene.traces);
  const file = join(scene.traces, name!);
  const [head, ...rest] = (await scene.run("cat", [file])).split("\n");
  const filler = `{"event":"data","value":"${"x".repeat(900)}"}\n`.repeat(400);
  const begin = rest.slice(0, 6).join("\n");
  writeFileSync(file, `${head}\n${begin}\n${filler}${rest.slice(6).join("\n")}`);
  expect((await reader.look()).witnesses).toMatchObject([{ argv: ["git", "reset", "--hard"], exitCode: 0 }]);
});

it("is content without a folder", async () => {
  const nowhere = openTraceReader(
    { folder: join(scene.dir, "none"), roots: () => [], belongsElsewhere: () => false },
    scene.ports,
  );
  expect(await nowhere.look()).toEqual({ witnesses: [], running: [], pruned: 0, wasFull: false });
});

it("never lets git wait: the target may be missing, a file, full, or forbidden", async () => {
  const targets = [join(scene.dir, "none"), scene.write("plain", ""), "/proc/1/fd", "/dev/full"];
  for (const target of targets) {
    scene.write("gitconfig", traceInto(target, []).join("\n"));
    const startedMs = performance.now();
    expect(await scene.run("git", ["rev-parse", "--is-inside-work-tree"])).toBe("true\n");
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  }
});

it("never lets git wait for a folder that its user may not enter", async ({ skip }) => {
  // Root may enter any folder: only a child of somebody else can show it.
  if (process.getuid?.() !== 0 || scene.ports.process.which("setpriv") === null) return skip("needs root and setpriv");
  chmodSync(scene.dir, 0o755);
  scene.write("gitconfig", traceInto(scene.traces, []).join("\n"));
  const asNobody = ["--reuid=65534", "--clear-groups", "git", "--version"];
  expect(await scene.run("setpriv", asNobody)).toMatch(/^git version/);
  expect(readdirSync(scene.traces)).toEqual([]);
});

it("finds nothing in any text that is no trace", () => {
  expect(parseTraceFile("", 1)).toBeNull();
  expect(parseTraceFile('{"event":"start"}\n{"event":"start","sid":1,"time":"x"}', 1)).toBeNull();
  expect(parseTraceFile('{"event":"exit","code":0}', 1)).toBeNull();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
