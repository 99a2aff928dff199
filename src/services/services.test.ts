import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "plist";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryWorld, type World } from "../../test/temporary-world.ts";
import { launchdText } from "./launchd-text.ts";
import { decideService } from "./look.ts";
import { launchdState, systemdState } from "./manager.ts";
import { pointsAt } from "./points-at.ts";
import { readPlist, readSystemdUnit } from "./read-unit.ts";
import { wordsOf } from "./shell-words.ts";
import { systemdTexts } from "./systemd-text.ts";
import { desiredUnits } from "./unit.ts";

const WISH = {
  treeId: "0123456789abcdef",
  root: '/home/a b/50% "mono" $x & <y>',
  shim: "/home/a b/state/bin/holdfast",
  logs: "/home/a b/logs",
};
const STAGES = new Map([
  ["wo_executor", "com.02luka.wo_executor"],
  ["wo_pipeline_guardrail", "com.02luka.wo_pipeline_guardrail"],
]);

describe("a unit", () => {
  it("says the same in a plist as was wanted, whatever is in the tree's path", async () => {
    for (const unit of desiredUnits({ ...WISH, stages: STAGES })) {
      const read = parse(await launchdText(unit)) as Record<string, unknown>;
      expect(read).toMatchObject({
        Label: unit.label,
        ProgramArguments: unit.command,
        WorkingDirectory: WISH.root,
        StandardOutPath: unit.log,
        KeepAlive: unit.everySeconds === null,
      });
      if (unit.everySeconds !== null) expect(read).toMatchObject({ StartInterval: 300 });
    }
  });

  it("and in systemd's words", () => {
    for (const unit of desiredUnits({ ...WISH, stages: STAGES })) {
      const texts = systemdTexts(unit);
      expect(Object.keys(texts)).toHaveLength(unit.everySeconds === null ? 1 : 2);
      const read = readSystemdUnit(texts[`${unit.label}.service`]!, {
        name: unit.label,
        hasTimer: unit.everySeconds !== null,
      });
      expect(read).toMatchObject({
        unit: { command: unit.command, workingDirectory: WISH.root, runsOn: unit.everySeconds === null },
      });
    }
  });

  it("of one daemon is one, named after the tree", () => {
    const [unit, ...more] = desiredUnits({ ...WISH, stages: new Map() });
    expect([unit?.label, more]).toEqual(["holdfast.0123456789abcdef", []]);
  });
});

describe("real launch agents", () => {
  const folder = join(import.meta.dirname, "../../test/data/plist");

  it("are all read, or said to be no such thing", async () => {
    const read = await Promise.all(
      readdirSync(folder).map(async (name) => ({
        name,
        ...(await readPlist(readFileSync(join(folder, name), "utf8"))),
      })),
    );
    const malformed = read.flatMap((one) => ("malformed" in one ? [`${one.name}: ${one.malformed}`] : []));
    expect(malformed).toMatchSnapshot();
    for (const one of read)
      if ("unit" in one) {
        expect(one.unit.label).toMatch(/^com\.02luka\./);
        expect(one.unit.command.length).toBeGreaterThan(0);
      }
    expect(read.flatMap((one) => ("unit" in one ? one.unit.odd : []))).toEqual([
      expect.stringContaining("is no integer"),
    ]);
  });
});

describe("what a unit points at", () => {
  let world: World;
  beforeEach(() => {
    world = temporaryWorld();
  });
  afterEach(() => world.remove());

  const told = async (command: string[], more = "") => {
    const xml = command.map((word) => `<string>${word.replaceAll("&", "&amp;")}</string>`).join("");
    const reading = await readPlist(
      `<plist version="1.0"><dict><key>Label</key><string>x</string><key>ProgramArguments</key><array>${xml}</array>${more}</dict></plist>`,
    );
    if (!("unit" in reading)) throw new Error(reading.malformed);
    const place = { home: world.at("home"), userName: "me", disk: world.ports.disk };
    return pointsAt(reading.unit, place).map(({ path, problem }) => `${path.replace(world.dir, "")} ${problem}`);
  };

  it("is the program, the script that an interpreter is given, and the commands of a shell's line", async () => {
    world.write("home/there.zsh", "");
    expect(await told(["/bin/sh", "/no/x.sh"])).toEqual(["/bin/sh null", "/no/x.sh missing"]);
    expect(await told(["/usr/bin/env", "zsh", "/no/x.zsh"])).toEqual(["/usr/bin/env null", "/no/x.zsh missing"]);
    expect(await told(["/bin/sh", "-lc", `$HOME/there.zsh && \${HOME}/gone.zsh || true`])).toEqual([
      "/bin/sh null",
      "/home/there.zsh not executable",
      "/home/gone.zsh missing",
    ]);
    expect(await told(["/bin/sh", "-lc", "cd ~/a && ./b.zsh >> x 2>> y"])).toContain("/bin/sh null");
    expect(await told(["/no/python", "-m", "agents.x"])).toEqual(["/no/python missing"]);
    expect(await told(["/bin/bash", "/Users/$(whoami)/x.sh"])).toEqual(["/bin/bash null", "/Users/me/x.sh missing"]);
    expect(await told(["/bin/sh", "-c", "$ROOT/x.sh; `make`/y.sh"])).toEqual(["/bin/sh null"]);
  });
});

describe("how a service stands", () => {
  const reading = (runsOn: boolean) => ({
    unit: {
      label: "x",
      command: ["/bin/x"],
      workingDirectory: null,
      environment: {},
      runsOn,
      scheduled: !runsOn,
      logs: [],
      odd: [],
    },
  });
  const state = { loaded: true, running: true, restarting: false, scheduled: false, exitCode: null } as const;
  const missing = { said: "x", path: "/bin/x", problem: "missing" } as const;

  it.each([
    ["cannot be read", { reading: { malformed: "no" }, targets: [], state }, "failed"],
    ["points at nothing, whoever answers", { reading: reading(true), targets: [missing], state: null }, "failed"],
    ["nobody answers", { reading: reading(true), targets: [], state: null }, "unknown"],
    ["is not loaded", { reading: reading(true), targets: [], state: { loaded: false } as const }, "failed"],
    ["runs", { reading: reading(true), targets: [], state }, "well"],
    ["is down", { reading: reading(true), targets: [], state: { ...state, running: false, exitCode: 0 } }, "failed"],
    [
      "waits for its time",
      { reading: reading(false), targets: [], state: { ...state, running: false, exitCode: 1 } },
      "well",
    ],
    [
      "exit 126",
      { reading: reading(false), targets: [], state: { ...state, running: false, exitCode: 126 } },
      "failed",
    ],
    [
      "exit 127",
      { reading: reading(false), targets: [], state: { ...state, running: false, exitCode: 127 } },
      "failed",
    ],
    [
      "ended badly once and runs again",
      { reading: reading(true), targets: [], state: { ...state, exitCode: 127 } },
      "well",
    ],
  ])("%s", (_what, facts, expected) => {
    expect(decideService(facts).standing).toBe(expected);
  });

  it("is read from what systemctl and launchctl print", () => {
    const shown =
      "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nExecMainCode=1\nExecMainStatus=127\nTriggeredBy=\n";
    expect(systemdState(shown)).toEqual({
      loaded: true,
      running: false,
      restarting: true,
      scheduled: false,
      exitCode: 127,
    });
    expect(systemdState("LoadState=not-found\n")).toEqual({ loaded: false });
    const printed = `gui/501/com.x = {\n\tactive count = 0\n\tpath = /Users/a/Library/LaunchAgents/com.x.plist\n\tstate = not running\n\n\tprogram = /bin/zsh\n\trun interval = 300 seconds\n\truns = 4\n\tlast exit code = 127: unknown\n}\n`;
    expect(launchdState(printed)).toEqual({
      loaded: true,
      running: false,
      restarting: false,
      scheduled: true,
      exitCode: 127,
    });
  });

  it("no text makes a reader fail, and quoted words come back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await readPlist(text);
        readSystemdUnit(text, { name: "x", hasTimer: false });
        wordsOf(text);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (words) => {
        const quoted = words.map((word) => `"${word.replace(/[\\"]/g, "\\$&")}"`).join(" ");
        expect(wordsOf(quoted)).toEqual(words);
      }),
    );
  });
});
