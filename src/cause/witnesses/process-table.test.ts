import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listProcessWitnesses, lookAtProcesses } from "./process-table.ts";
import type { Witness } from "./witness.ts";
import { firstWord, openScene, type Scene } from "./witness-fixture.ts";

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.end());

/** As the daemon looks: it started none of these, so another process of the same world stands in for it. */
function look(): readonly Witness[] {
  const ports = { ...scene.ports, process: { ...scene.ports.process, pid: 1_999_999_999 } };
  return lookAtProcesses(scene.tree, ports)!.witnesses;
}

const WAITS = "echo up; read line";

describe.runIf(process.platform === "linux")("the process table", () => {
  it("names an agent's command in its own session, with session and parents", async () => {
    const child = scene.start("setsid", ["sh", "-c", `${WAITS}; rm -rf sub`], {
      env: { CODEX_SANDBOX: "1", CODEX_SESSION_ID: "c7" },
    });
    await firstWord(child);
    const [witness, ...others] = look();
    expect(others).toEqual([]);
    expect(witness).toMatchObject({
      source: "process",
      cwd: scene.tree,
      actor: { kind: "agent", name: "codex", session: "c7" },
      endedMs: null,
    });
    expect(witness!.reading.touches).toMatchObject([{ path: join(scene.tree, "sub"), effects: ["delete"] }]);
    expect(witness!.parents.map(({ pid }) => pid)).toContain(process.pid);
  });

  it("finds an agent's mark on a parent of the same session, not beyond", async () => {
    const inside = `env -u CLAUDECODE sh -c '${WAITS}'; true`;
    await firstWord(scene.start("setsid", ["sh", "-c", inside], { env: { CLAUDECODE: "1" } }));
    expect(look().map(({ actor }) => actor.kind)).toEqual(["agent", "agent"]);
    const beyond = `env -u CLAUDECODE setsid sh -c '${WAITS}'; true`;
    await firstWord(
      scene.start("setsid", ["sh", "-c", beyond], { cwd: join(scene.tree, "sub"), env: { CLAUDECODE: "1" } }),
    );
    const kinds = look()
      .filter(({ cwd }) => cwd?.endsWith("/sub"))
      .map(({ argv, actor }) => [argv.at(-1) === WAITS, actor.kind]);
    expect(kinds).toContainEqual([true, "unknown"]);
  });

  it("calls a command at a terminal a person's, unless an agent's mark is on it", async () => {
    const atTerminal = (env: Record<string, string>) =>
      firstWord(scene.start("setsid", ["script", "-qec", `sh -c '${WAITS}'`, "/dev/null"], { env }));
    await atTerminal({});
    expect(look().find(({ argv }) => argv.at(-1) === WAITS)?.actor.kind).toBe("human");
    await atTerminal({ GEMINI_CLI: "1" });
    expect(look().map(({ actor }) => actor.kind)).toEqual(expect.arrayContaining(["human", "agent"]));
  });

  it("reads the script that runs", async () => {
    const script = scene.write(
      "rollback_x.sh",
      "#!/bin/sh\necho up\nread line\ncp -r /backup/. .\nrm -rf sub\n",
      0o755,
    );
    await firstWord(scene.start("setsid", [script]));
    const [witness] = look();
    expect(witness!.reading).toMatchObject({ tool: "sh", understood: true, copiesFromElsewhere: true, inBulk: true });
    expect(witness!.reading.script?.path).toBe(script);
  });

  it("counts arguments in the tree as well as the folder", async () => {
    const text = `${WAITS}; rsync -a /old/ ${scene.tree}/`;
    await firstWord(scene.start("setsid", ["sh", "-c", text], { cwd: "/" }));
    expect(look().map(({ reading }) => reading.parts[0]?.tool)).toEqual(["rsync"]);
  });

  it("never names what we started ourselves", async () => {
    await firstWord(scene.start("setsid", ["sh", "-c", WAITS]));
    expect(lookAtProcesses(scene.tree, scene.ports)!.witnesses).toEqual([]);
    expect(look()).toHaveLength(1);
  });
});

it("is asked by ps where there is nothing better: arguments only", async ({ skip }) => {
  if (scene.ports.process.which("ps") === null) return skip("ps is not installed");
  await firstWord(scene.start("setsid", ["sh", "-c", `${WAITS}; rm -rf ${scene.tree}/sub`], { cwd: "/" }));
  const ports = { ...scene.ports, process: { ...scene.ports.process, pid: 1_999_999_999, scanProcesses: () => null } };
  expect(lookAtProcesses(scene.tree, ports)).toBeNull();
  const { witnesses } = await listProcessWitnesses(scene.tree, ports);
  expect(witnesses.some(({ argv }) => argv.includes(`${scene.tree}/sub`))).toBe(true);
});
