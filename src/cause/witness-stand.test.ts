import { existsSync, mkdirSync, watch } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ports, TreeId } from "../base/index.ts";
import { type StateFolder, stateFolder, type Tree } from "../tree/index.ts";
import { TRACED_VARIABLES } from "./agent-marks.ts";
import { gitTraceFolder, openWitnessStand, type WitnessStand } from "./witness-stand.ts";
import { dropReport, reportsFolder } from "./witnesses/hook-reports.ts";
import { firstWord, openScene, type Scene, traceInto } from "./witnesses/witness-fixture.ts";

let scene: Scene;
let stand: WitnessStand;
let ports: Ports;
let state: StateFolder;

beforeEach(async () => {
  scene = await openScene();
  const home = join(scene.dir, "state");
  // As if the daemon were another process: what this test starts counts as others' doing.
  const process = {
    ...scene.ports.process,
    pid: 1_999_999_999,
    env: (name: string) => (name === "HOLDFAST_HOME" ? home : undefined),
  };
  ports = { ...scene.ports, process };
  state = stateFolder(home, "tree" as TreeId, process);
  mkdirSync(gitTraceFolder(ports), { recursive: true, mode: 0o700 });
  const tree: Tree = { id: "tree" as TreeId, root: scene.tree, state, git: ports.git.locate(scene.tree) };
  stand = openWitnessStand({ tree, otherRoots: () => [] }, ports);
  await stand.gather();
});
afterEach(() => scene.end());

/** Lets `doIt` run, glances in the first event of the tree, and asks who made `path` drift. */
async function whoDid(path: string, kind: "deleted" | "modified" | "reverted", doIt: () => Promise<unknown>) {
  const fromMs = Date.now();
  const first = new Promise<void>((resolve) => {
    const watcher = watch(join(scene.tree, path, ".."), () => {
      stand.glance();
      watcher.close();
      resolve();
    });
  });
  await doIt();
  await first;
  await stand.gather();
  return stand.attribute([{ path: join(scene.tree, path), kind }], { fromMs, toMs: Date.now() });
}

describe.runIf(process.platform === "linux")("who did it", () => {
  it("an agent's script, by the process table alone", async () => {
    const script = scene.write("rollback_x.sh", "#!/bin/sh\nrm -rf sub/b.txt\necho done\nread line\n", 0o755);
    const { cause } = await whoDid("sub/b.txt", "deleted", () =>
      firstWord(scene.start("setsid", [script], { env: { CLAUDECODE: "1" } })),
    );
    // The table may or may not have caught the short `rm` inside.
    expect(cause?.what.startsWith(`/bin/sh ${script}`)).toBe(true);
    expect(cause?.actor).toMatchObject({ kind: "agent", name: "claude-code" });
    expect(cause?.confidence).toBeGreaterThan(0.5);
  });

  it("a person's git command at a terminal, by the trace, with the shell still there", async () => {
    scene.write("gitconfig", traceInto(gitTraceFolder(ports), TRACED_VARIABLES).join("\n"));
    scene.write("tree/a.txt", "changed\n");
    const typed = "git checkout -- a.txt; echo done; read line";
    const { cause, others } = await whoDid("a.txt", "reverted", () =>
      firstWord(scene.start("setsid", ["script", "-qec", `bash -c '${typed}'`, "/dev/null"])),
    );
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ what: "git checkout -- a.txt", source: "trace", actor: { kind: "human" } });
    expect(cause!.reading.inBulk).toBe(false);
  });

  it("an agent's git clean, by the trace, and the reflog does not know it", async () => {
    scene.write("gitconfig", traceInto(gitTraceFolder(ports), TRACED_VARIABLES).join("\n"));
    scene.write("tree/new.txt", "new\n");
    const { cause } = await whoDid("new.txt", "deleted", () =>
      scene.run("git", ["clean", "-fd"], { env: { CODEX_SANDBOX: "1" } }),
    );
    expect(cause).toMatchObject({
      what: "git clean -fd",
      actor: { kind: "agent", name: "codex" },
      pid: expect.any(Number),
    });
    expect(cause!.confidence).toBeGreaterThan(0.9);
  });

  it("a reset, by the reflog alone", async () => {
    scene.write("tree/a.txt", "changed\n");
    const { cause } = await whoDid("a.txt", "reverted", () => scene.run("git", ["reset", "-q", "--hard"]));
    expect(cause!.what).toMatch(/^git reset/);
    expect(cause!.reading.inBulk).toBe(true);
  });

  it("a hook's command, certain", async () => {
    const report = {
      cwd: scene.tree,
      actor: { kind: "agent" as const, name: "codex", session: "c7" },
      pid: process.pid,
      exitCode: 0,
    };
    const { cause } = await whoDid("sub/b.txt", "deleted", async () => {
      const startedMs = Date.now();
      await scene.run("rm", ["sub/b.txt"]);
      dropReport(
        reportsFolder(state),
        { ...report, id: "1", command: "rm sub/b.txt", startedMs, endedMs: Date.now() },
        ports,
      );
    });
    expect(cause).toMatchObject({ what: "rm sub/b.txt", confidence: 0.99, source: "hook", actor: { session: "c7" } });
  });

  it("nobody, where there is no witness", async () => {
    const { cause } = await whoDid("sub/b.txt", "deleted", async () =>
      ports.disk.unlink(join(scene.tree, "sub/b.txt")),
    );
    expect(cause).toBeNull();
  });
});

it("knows what git did while nobody watched", async () => {
  scene.write("gitconfig", traceInto(gitTraceFolder(ports), TRACED_VARIABLES).join("\n"));
  const fromMs = Date.now();
  await scene.run("git", ["rm", "-q", "-r", "sub"]);
  const later = { ...ports, clock: { ...ports.clock, now: () => Date.now() + 3 * 3_600_000 } };
  const tree: Tree = { id: "tree" as TreeId, root: scene.tree, state, git: ports.git.locate(scene.tree) };
  const opened = openWitnessStand({ tree, otherRoots: () => [] }, later);
  await opened.gather();
  await opened.gather();
  const { cause } = opened.attribute([{ path: join(scene.tree, "sub/b.txt"), kind: "deleted" }], {
    fromMs,
    toMs: later.clock.now(),
  });
  expect(cause).toMatchObject({ what: "git rm -q -r sub", source: "trace" });
  expect(existsSync(gitTraceFolder(ports))).toBe(true);
});

it("takes the traces of the tree's workspaces too", async () => {
  scene.write(
    "gitconfig",
    [...traceInto(gitTraceFolder(ports), TRACED_VARIABLES), "[user]", "name=T", "email=t@x"].join("\n"),
  );
  await scene.run("git", ["worktree", "add", "-q", "../side"]);
  await stand.gather();
  await scene.run("git", ["reset", "--hard"], { cwd: join(scene.dir, "side") });
  await stand.gather();
  const seen = stand.witnesses().filter(({ source }) => source === "trace");
  expect(seen.at(-1)).toMatchObject({ argv: ["git", "reset", "--hard"], cwd: join(scene.dir, "side") });
});
