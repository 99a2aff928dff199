import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listProcesses, parseProcessList } from "./process-list.ts";
import { inspectProcess, scanProcesses } from "./process-scan.ts";

let dir: string;
let children: ChildProcess[];

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "holdfast-scan-")));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Resolves when the process has said that it runs. */
function start(env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn("sh", ["-c", "echo up; read line", "marker word"], { cwd: dir, env: { ...process.env, ...env } });
  children.push(child);
  return new Promise((resolve) => child.stdout.once("data", () => resolve(child)));
}

describe.runIf(process.platform === "linux")("a scan", () => {
  it("sees a process with its arguments, folder, parent, start and the marks that were asked for", async () => {
    const beforeMs = Date.now();
    const child = await start({ MARK: "one", OTHER: "two" });
    const found = scanProcesses({ budgetMs: 1_000, valuesOf: ["MARK"], wanted: ({ cwd }) => cwd === dir });
    expect(found?.isComplete).toBe(true);
    expect(found?.processes).toHaveLength(1);
    const [one] = found!.processes;
    expect(one).toMatchObject({
      pid: child.pid,
      parentPid: process.pid,
      cwd: dir,
      argv: ["sh", "-c", "echo up; read line", "marker word"],
      name: "sh",
      userId: process.getuid?.(),
      envValues: { MARK: "one" },
    });
    expect(one!.envNames).toEqual(expect.arrayContaining(["MARK", "OTHER"]));
    expect(Math.abs(one!.startedMs! - beforeMs)).toBeLessThan(1_000);
    expect(inspectProcess(child.pid!, [])).toMatchObject({ startKey: one!.startKey, envValues: {} });
  });

  it("begins with the newest", async () => {
    const older = await start();
    const newer = await start();
    const looked: number[] = [];
    scanProcesses({ budgetMs: 1_000, valuesOf: [], wanted: ({ pid }) => looked.push(pid) < 0 });
    expect(looked.indexOf(newer.pid!)).toBeGreaterThanOrEqual(0);
    if (newer.pid! > older.pid!) expect(looked.indexOf(newer.pid!)).toBeLessThan(looked.indexOf(older.pid!));
  });

  it("ends when its time is over, and says so", () => {
    const found = scanProcesses({ budgetMs: -1, valuesOf: [], wanted: () => true });
    expect(found).toEqual({ processes: [], lookedAt: 0, isComplete: false });
  });

  it("does not see itself, nor what has ended", async () => {
    const child = await start();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin!.end();
    await ended;
    const pids = scanProcesses({ budgetMs: 1_000, valuesOf: [], wanted: () => true })!.processes.map(({ pid }) => pid);
    expect(pids).not.toContain(child.pid);
    expect(pids).not.toContain(process.pid);
    expect(inspectProcess(child.pid!, [])).toBeNull();
  });
});

it("lists the same by ps, where it is installed", async ({ skip }) => {
  const child = await start();
  const list = await listProcesses().catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? null : Promise.reject(error),
  );
  if (list === null) return skip("ps is not installed");
  const found = list.find(({ pid }) => pid === child.pid);
  expect(found).toMatchObject({ parentPid: process.pid, name: "sh", cwd: null, envNames: null });
  expect(found!.argv.join(" ")).toContain("marker word");
  expect(Math.abs(found!.startedMs! - Date.now())).toBeLessThan(60_000);
});

it("reads the lines of both systems' ps, and leaves out what is none", () => {
  const text = [
    "    1     0     0 ??       Sun Nov 22 10:00:00 2026 /sbin/launchd",
    "  501   400   501 ttys003  Mon Nov  2 09:01:02 2026 -zsh",
    "    7     1  1000 ?        Sun Nov 22 10:00:00 2026 rsync -a /old/ /t/",
    "  PID  PPID nonsense",
    "",
  ].join("\n");
  expect(parseProcessList(text).map(({ pid, hasTerminal, argv, name }) => ({ pid, hasTerminal, argv, name }))).toEqual([
    { pid: 1, hasTerminal: false, argv: ["/sbin/launchd"], name: "launchd" },
    { pid: 501, hasTerminal: true, argv: ["-zsh"], name: "-zsh" },
    { pid: 7, hasTerminal: false, argv: ["rsync", "-a", "/old/", "/t/"], name: "rsync" },
  ]);
});
