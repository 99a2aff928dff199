/** The tree of the spec, from one command: every path that it names is there and does its work, run by a real zsh. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";

const PROCESSORS = ["apply_patch_processor", "json_wo_processor", "wo_executor"];
const LAUNCHERS = [
  ...PROCESSORS.map((name) => `agents/${name}/${name}.zsh`),
  "tools/followup_tracker_update.zsh",
  "tools/wo_pipeline_guardrail.zsh",
  "tools/forensic_wo_pipeline_check.zsh",
  "tools/check_component_history.zsh",
];

let tree: TestTree;
let said: ReturnType<TestTree["run"]>;
beforeAll(() => {
  tree = makeTree({ init: null });
  tree.write("README.md", "# mono\n");
  said = tree.run(["init", "--preset", "02luka", "--yes", "--json"]);
});
afterAll(() => tree?.end());

describe("init --preset 02luka", () => {
  it("installs every launcher of the spec by a work order, and sends a canary the whole way", () => {
    expect(said.code).toBe(0);
    const { preset } = said.json<{
      preset: { wo: string; written: string[]; kept: string[]; canary: { ok: boolean } };
    }>();
    expect(preset).toMatchObject({ kept: [], failed: null, configuration: null, canary: { ok: true } });
    expect(preset.written.toSorted()).toEqual(LAUNCHERS.toSorted());
    expect(tree.run(["wo", "show", preset.wo, "--json"]).json()).toMatchObject({ stage: "accepted" });
    for (const path of LAUNCHERS) expect(statSync(join(tree.root, path)).mode & 0o111).not.toBe(0);
    for (const path of ["g/followup/state", "bridge/inbox/CLC", "logs", "g/reports", "mls/ledger"])
      expect(statSync(join(tree.root, path)).isDirectory()).toBe(true);
    expect(tree.read("g/telemetry/unified.jsonl")).toContain('"canary_ok"');
    expect(tree.read("apps/dashboard/data/followup.json")).toContain(preset.wo);
  });

  it("protects every component of the spec, strictly and on every branch", () => {
    const checked = tree
      .run(["check", "--json"])
      .json<{ ok: boolean; components: { name: string; unaccepted: [] }[] }>();
    expect(checked.ok).toBe(true);
    expect(checked.components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["apply-patch-processor", "wo-pipeline-guardrail", "component-history", "followup-state"]),
    );
    expect(checked.components.flatMap(({ unaccepted }) => unaccepted)).toEqual([]);
  });

  it("run again changes nothing; a launcher that somebody wrote anew stays until it is to be replaced", () => {
    const again = tree.run(["init", "--preset", "02luka", "--yes", "--json"]).json<{ preset: object }>();
    expect(again.preset).toMatchObject({ wo: null, written: [], kept: [] });
    tree.write("tools/followup_tracker_update.zsh", "#!/usr/bin/env zsh\nprint mine\n", 0o755);
    tree.run(["accept", "tools/followup_tracker_update.zsh"]);
    const kept = tree.run(["init", "--preset", "02luka", "--yes", "--json"]).json<{ preset: object }>();
    expect(kept.preset).toMatchObject({ written: [], kept: ["tools/followup_tracker_update.zsh"] });
    const replaced = tree
      .run(["init", "--preset", "02luka", "--replace", "--yes", "--json"])
      .json<{ preset: object }>();
    expect(replaced.preset).toMatchObject({ written: ["tools/followup_tracker_update.zsh"], kept: [] });
    expect(tree.read("tools/followup_tracker_update.zsh")).toContain("stage");
  });

  it("adds what is missing to a configuration that is there, and keeps what it says", () => {
    const other = makeTree();
    try {
      other.write("notes/a.md", "a\n");
      other.run(["protect", "notes"]);
      const ran = other.run(["init", "--preset", "02luka", "--yes", "--json"]);
      expect(ran.json<{ preset: object }>().preset).toMatchObject({ failed: null, configuration: null });
      expect(other.read("holdfast.yaml")).toMatch(/notes[\s\S]*wo-executor[\s\S]*layout:/);
      const { components } = other.run(["check", "--json"]).json<{ components: { name: string }[] }>();
      expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(["notes", "wo-executor"]));
    } finally {
      other.end();
    }
  });
});

/** As cron and launchd would: nothing in the environment, and another folder. */
function launch(path: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync("zsh", [join(tree.root, path), ...args], {
    cwd: "/",
    env,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

describe("a launcher, with an empty environment and from another folder", () => {
  it.each(PROCESSORS)("%s takes in what waits and carries it out", (name) => {
    const id = `WO-BY-${name}`;
    tree.write(
      `bridge/inbox/CLC/${id}.yaml`,
      `wo_id: ${id}\ntitle: t\nfiles: [{ path: out/${name}.txt, content: "x\\n" }]\n`,
    );
    const ran = launch(`agents/${name}/${name}.zsh`);
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toContain("taken in 1");
    expect(tree.read(`out/${name}.txt`)).toBe("x\n");
    expect(JSON.parse(tree.read(`g/followup/state/${id}.json`))).toMatchObject({ status: "done" });
  });

  it("the tracker writes state files and the dashboard's list again", () => {
    rmSync(join(tree.root, "apps/dashboard/data/followup.json"));
    expect(launch("tools/followup_tracker_update.zsh").code).toBe(0);
    expect(tree.read("apps/dashboard/data/followup.json")).toContain("WO-BY-wo_executor");
  });

  it("the guardrail finds what is gone, puts it back, logs it, and tells telemetry", () => {
    const gone = ["agents/wo_executor", "g/followup/state"];
    for (const path of gone) rmSync(join(tree.root, path), { recursive: true });
    const ran = launch("tools/wo_pipeline_guardrail.zsh");
    expect(ran.code).toBe(1);
    expect(ran.out).toContain("drift in followup-state, wo-executor");
    for (const path of gone) expect(existsSync(join(tree.root, path))).toBe(true);
    expect(tree.read("logs/guardrail.log")).toMatch(/Z drift in .*missing .*agents\/wo_executor/);
    const drift = tree
      .read("g/telemetry/unified.jsonl")
      .split("\n")
      .filter((line) => line.includes("wo_pipeline_drift"));
    expect(drift.join("\n")).toContain('"missing":"agents/wo_executor');
    expect(launch("tools/wo_pipeline_guardrail.zsh")).toMatchObject({ code: 0, err: "" });
    expect(tree.read("logs/guardrail.log")).toMatch(/healthy \(\d+ ms\)\n$/);
  });

  it("the forensic check writes the report that the spec names", () => {
    const ran = launch("tools/forensic_wo_pipeline_check.zsh");
    expect(ran.err).toBe("");
    expect(ran.out).toMatch(/kept as g\/reports\/forensic_wo_pipeline_\d{8}\.json/);
  });

  it("the history of a component comes from every source", () => {
    const ran = launch("tools/check_component_history.zsh", ["wo-executor"]);
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).toContain("WO-PRESET-02LUKA");
    expect(launch("tools/check_component_history.zsh")).toMatchObject({ code: 2 });
  });

  it("says what to do where Holdfast is gone", () => {
    const shim = join(tree.home, "bin/holdfast");
    renameSync(shim, `${shim}.away`);
    const ran = launch("tools/wo_pipeline_guardrail.zsh", [], { PATH: "/usr/bin:/bin", HOME: tree.base });
    renameSync(`${shim}.away`, shim);
    expect(ran.code).toBe(127);
    expect(ran.err).toContain("holdfast init --preset 02luka");
  });
});

describe("stage", () => {
  it("goes through a running daemon", async () => {
    const daemon = await tree.up();
    const ran = tree.run(["stage", "wo_pipeline_guardrail", "--once", "--json"]);
    expect(ran.json()).toMatchObject({ stage: "wo_pipeline_guardrail", through: "daemon", drifted: [] });
    expect(tree.run(["stage", "wo_executor", "--once", "--json"]).json()).toMatchObject({ through: "daemon" });
    daemon.kill("SIGTERM");
    await ended(daemon);
  });

  it("without --once goes on, pass after pass, until it is asked to end", async () => {
    const id = "WO-LOOP";
    writeFileSync(
      join(tree.root, `bridge/inbox/CLC/${id}.yaml`),
      `wo_id: ${id}\nfiles: [{ path: out/loop.txt, content: x }]\n`,
    );
    const child = tree.start(["stage", "wo_executor"]);
    await until("the order is accepted", () => {
      const state = join(tree.root, `g/followup/state/${id}.json`);
      return existsSync(state) && readFileSync(state, "utf8").includes('"done"');
    });
    child.kill("SIGINT");
    expect(await ended(child)).toBe(0);
  });

  it("names the stages where there is none of that name", () => {
    expect(tree.run(["stage", "nothing", "--once"])).toMatchObject({ code: 2 });
  });
});
