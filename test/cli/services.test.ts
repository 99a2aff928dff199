/** Services as the operating system runs them: a real user manager reads the units, starts them, and is asked how they stand. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "./holdfast.ts";
import { hasUserManager, startUserManager, type UserManager } from "./user-manager.ts";

const STAGES = [
  "apply_patch_processor",
  "json_wo_processor",
  "wo_executor",
  "followup_tracker",
  "wo_pipeline_guardrail",
];
const FIVE = STAGES.map((stage) => `com.02luka.${stage}`);

interface Status {
  ok: boolean;
  services: { label: string; standing: string; why: string | null; running: boolean }[];
}
type Checked = { components: { name: string; drift: { path: string; kind: string; note?: string }[] }[] };

describe.skipIf(!hasUserManager)("under a systemd user manager", () => {
  let tree: TestTree;
  let manager: UserManager;
  let units: string;
  const run = (...args: string[]) => tree.run(args, { env: manager.env });
  const status = () => run("service", "status", "--json").json<Status>();
  const standing = (label: string) => status().services.find((one) => one.label === label);
  const failed = () =>
    run("check", "--json")
      .json<Checked>()
      .components.flatMap(({ name, drift }) => drift.map(({ kind, note }) => `${name} ${kind} ${note ?? ""}`));

  beforeAll(async () => {
    tree = makeTree({ init: null });
    units = join(tree.base, "user/.config/systemd/user");
    manager = await startUserManager(tree);
    expect(run("init", "--preset", "02luka", "--yes")).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await manager?.end();
    tree?.end();
  });

  it("the five of the spec run after init --preset, from units that systemd finds nothing wrong with", async () => {
    const files = readdirSync(units).filter((name) => !name.endsWith(".wants"));
    expect(files.toSorted()).toEqual([...FIVE.map((label) => `${label}.service`), `${FIVE[4]}.timer`].toSorted());
    const verified = spawnSync("systemd-analyze", ["verify", "--user", ...files.map((name) => join(units, name))], {
      env: { ...tree.environment, ...manager.env },
      encoding: "utf8",
    });
    expect(verified).toMatchObject({ status: 0, stderr: "" });
    await until("all run", () => status().services.every((one) => one.standing === "well"), 60_000);
    await until("the guardrail has looked", () => existsSync(join(tree.root, "logs/guardrail.log")));
    expect(failed()).toEqual([]);
  });

  it("one that is killed comes back by itself", async () => {
    const before = manager.systemctl("show", "-P", "MainPID", `${FIVE[2]}.service`).trim();
    manager.systemctl("kill", "-s", "KILL", `${FIVE[2]}.service`);
    await until("another process runs", () => {
      const now = manager.systemctl("show", "-P", "MainPID", `${FIVE[2]}.service`).trim();
      return now !== "0" && now !== before;
    });
  });

  it("one that is unloaded, one that ends with 127 and one that points at nothing are service-failed, in check and doctor", async () => {
    manager.systemctl("stop", `${FIVE[0]}.service`);
    const script = (name: string, text: string) => {
      const path = join(tree.base, name);
      writeFileSync(path, text);
      chmodSync(path, 0o755);
      return path;
    };
    const dead = script("dead.sh", "#!/bin/sh\nexit 127\n");
    const unit = (start: string) => `[Service]\nType=oneshot\nExecStart=${start}\n`;
    writeFileSync(join(units, `${FIVE[1]}.service`), unit(dead));
    writeFileSync(join(units, `${FIVE[3]}.service`), unit("/bin/sh /nowhere/tracker.zsh"));
    manager.systemctl("daemon-reload");
    manager.systemctl("stop", `${FIVE[1]}.service`);
    manager.systemctl("start", `${FIVE[1]}.service`);
    await until("it ended", () => standing(FIVE[1]!)?.why?.includes("127") === true);
    expect(standing(FIVE[0]!)).toMatchObject({ standing: "failed", why: expect.stringContaining("down") });
    const found = failed().join("\n");
    expect(found).toContain(`apply-patch-processor service-failed ${FIVE[0]}: it is down`);
    expect(found).toContain(`json-wo-processor service-failed ${FIVE[1]}: exit 127`);
    expect(found).toContain(`followup-tracker service-failed ${FIVE[3]}: it points at /nowhere/tracker.zsh`);
    expect(run("doctor").out).toContain("/nowhere/tracker.zsh, which is not there");
  });

  it("the guard raises them within one sweep, and the incident ends when they run again", async () => {
    run("stage", "wo_pipeline_guardrail", "--once");
    const open = () =>
      run("incidents", "--json")
        .json<{ incidents: { state: string; kinds: string[]; components: string[] }[] }>()
        .incidents.filter(({ kinds, state }) => kinds.includes("service-failed") && state !== "resolved");
    expect(
      open()
        .flatMap(({ components }) => components)
        .toSorted(),
    ).toEqual(["apply-patch-processor", "followup-tracker", "json-wo-processor"]);
    expect(run("service", "install", "--split")).toMatchObject({ code: 3 });
    expect(run("service", "install", "--split", "--replace")).toMatchObject({ code: 0 });
    await until("all run", () => status().services.every((one) => one.standing === "well"), 60_000);
    run("stage", "wo_pipeline_guardrail", "--once");
    expect(open()).toEqual([]);
  });

  it("uninstall takes away its own units and puts back what it had put aside", async () => {
    const ran = run("service", "uninstall", "--json");
    expect(ran.json<{ removed: string[]; restored: string[] }>()).toMatchObject({
      removed: expect.arrayContaining([join(units, `${FIVE[2]}.service`)]),
      restored: [join(units, `${FIVE[3]}.service`), join(units, `${FIVE[1]}.service`)].toSorted(),
    });
    expect(readFileSync(join(units, `${FIVE[3]}.service`), "utf8")).toContain("/nowhere/tracker.zsh");
    expect(manager.systemctl("show", "-P", "ActiveState", `${FIVE[2]}.service`).trim()).toBe("inactive");
  });

  it("one daemon, the default, guards the tree, is there again when it was killed, and goes with its unit", async () => {
    const pid = () => run("status", "--json").json<{ daemon: { pid: number } | null }>().daemon?.pid ?? null;
    const installed = run("service", "install", "--json");
    expect([installed.code, installed.err]).toEqual([0, ""]);
    const { files, started } = installed.json<{ files: string[]; started: boolean }>();
    expect([files.length, started]).toEqual([1, true]);
    await until("the daemon is up", () => pid() !== null);
    const first = pid()!;
    process.kill(first, "SIGKILL");
    await until("another is up", () => pid() !== null && pid() !== first, 60_000);
    expect(run("service", "install").code).toBe(0);
    await until("it is up", () => pid() !== null, 60_000);
    const { removed } = run("service", "uninstall", "--json").json<{ removed: string[] }>();
    expect(removed).toEqual(files);
    expect([existsSync(files[0]!), pid()]).toEqual([false, null]);
  });
});

it("where nobody can be asked, units are written and nothing is claimed of them", () => {
  const tree = makeTree({ init: null });
  try {
    const ran = tree.run(["init", "--preset", "02luka", "--yes", "--json"], { env: { XDG_RUNTIME_DIR: tree.base } });
    expect(ran.code).toBe(0);
    const { services } = ran.json<{ preset: { services: { files: string[]; notStarted: string } } }>().preset;
    expect([services.files.length, services.notStarted]).toEqual([6, expect.stringMatching(/./)]);
    expect(tree.run(["check"], { env: { XDG_RUNTIME_DIR: tree.base } }).code).toBe(0);
    const status = tree.run(["service", "status", "--json"], { env: { XDG_RUNTIME_DIR: tree.base } }).json<Status>();
    expect(new Set(status.services.map(({ standing }) => standing))).toEqual(new Set(["unknown"]));
  } finally {
    tree.end();
  }
});

it("init tells at once which launch agents of a tree point at nothing or cannot be read", () => {
  const tree = makeTree({ init: null });
  try {
    const plist = (script: string) =>
      `<plist version="1.0"><dict><key>Label</key><string>com.me.sync</string><key>ProgramArguments</key><array><string>/bin/sh</string><string>${script}</string></array></dict></plist>`;
    tree.write("LaunchAgents/com.me.sync.plist", plist(join(tree.root, "tools/sync.sh")));
    tree.write("LaunchAgents/com.me.fine.plist", plist("/bin/sh"));
    tree.write("LaunchAgents/com.me.odd.plist", "#!/bin/zsh\n");
    const { warnings } = tree.run(["init", "--yes", "--json"]).json<{ warnings: string[] }>();
    expect(warnings.toSorted()).toEqual([
      "LaunchAgents/com.me.odd.plist cannot be read: a script lies in its place (#!/bin/zsh)",
      `LaunchAgents/com.me.sync.plist points at ${tree.root}/tools/sync.sh, which is not there  → holdfast diagnose tools/sync.sh`,
    ]);
  } finally {
    tree.end();
  }
});
