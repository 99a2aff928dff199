/**
 * Runs a program to its end, in a process group of its own, and ends the whole group afterwards: on its exit, timeout or abort.
 *
 * Known limit: a child that leaves the group (`setsid`, a daemon) cannot be ended this way. It does not hold the caller either: the
 * pipes that it keeps open are dropped. A crash of Holdfast leaves the group running; recovery meets its effects as
 * those of a late writer.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { LIMITS, type RunRequest, type RunResult } from "../base/index.ts";
import { BoundedOutput } from "./bounded-output.ts";
import { hasOnlyZombies } from "./proc.ts";

const GROUP_POLL_MS = 10;
/** With the group gone, only a stranger can hold the pipes; what was written before is read in this time. */
const PIPE_DRAIN_MS = 200;

export async function run(request: RunRequest): Promise<RunResult> {
  const startedMs = performance.now();
  const elapsed = () => Math.round(performance.now() - startedMs);
  if (request.signal?.aborted) return { ...NEVER_STARTED, aborted: true, elapsedMs: elapsed() };

  const [program, ...args] = request.command;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: childEnvironment(request),
    detached: true,
    stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const stdout = new BoundedOutput(request.outputBytesMax ?? LIMITS.commandOutputBytesMax);
  const stderr = new BoundedOutput(request.outputBytesMax ?? LIMITS.commandOutputBytesMax);
  child.stdout?.on("data", (bytes: Buffer) => stdout.add(bytes));
  child.stderr?.on("data", (bytes: Buffer) => stderr.add(bytes));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await started(child);
  feed(child, request.stdin);

  const { exit, timedOut, aborted } = await exitOrStop(child, request);
  await endGroup(child.pid!);
  await Promise.race([closed, pause(PIPE_DRAIN_MS)]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { ...exit, timedOut, aborted, stdout: stdout.text(), stderr: stderr.text(), elapsedMs: elapsed() };
}

const NEVER_STARTED = { exitCode: null, signal: null, timedOut: false, stdout: "", stderr: "" } as const;

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

/** A child need not read its input; that it closed the pipe is no error of ours. */
function feed(child: ChildProcess, stdin: string | undefined): void {
  child.stdin?.on("error", () => child.stdin?.destroy());
  child.stdin?.end(stdin);
}

type Exit = Pick<RunResult, "exitCode" | "signal">;

async function exitOrStop(
  child: ChildProcess,
  request: RunRequest,
): Promise<{ exit: Exit; timedOut: boolean; aborted: boolean }> {
  const outcome = { timedOut: false, aborted: false };
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    if (killer) return;
    signalGroup(child.pid!, "SIGTERM");
    killer = setTimeout(() => signalGroup(child.pid!, "SIGKILL"), LIMITS.commandKillGraceMs);
  };
  const onTimeout = () => {
    outcome.timedOut = true;
    stop();
  };
  const onAbort = () => {
    outcome.aborted = true;
    stop();
  };
  const timer = setTimeout(onTimeout, request.timeoutMs);
  request.signal?.addEventListener("abort", onAbort);
  if (request.signal?.aborted) onAbort();
  const exit = await exitOf(child);
  clearTimeout(timer);
  clearTimeout(killer);
  request.signal?.removeEventListener("abort", onAbort);
  return { exit, ...outcome };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve({ exitCode: child.exitCode, signal: child.signalCode });
  }
  return new Promise((resolve) => child.once("exit", (exitCode, signal) => resolve({ exitCode, signal })));
}

/**
 * Ends what the leader left behind. The group's id stays taken while any member lives, so a signal cannot reach strangers; with
 * none left it is free again, and that is where this stops.
 */
async function endGroup(groupId: number): Promise<void> {
  if (!signalGroup(groupId, "SIGTERM")) return;
  const deadlineMs = performance.now() + LIMITS.commandKillGraceMs;
  while (performance.now() < deadlineMs) {
    await pause(GROUP_POLL_MS);
    if (!signalGroup(groupId, 0) || hasOnlyZombies(groupId)) return;
  }
  signalGroup(groupId, "SIGKILL");
}

/** False when the group has no member left. Signal 0 only asks. */
function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") return false;
    // Members that changed their user: they may not be signalled, and not waited for either. macOS says so for zombies, too.
    if (code === "EPERM") return false;
    throw error;
  }
}

function childEnvironment(request: RunRequest): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (request.stripGit !== false) {
    for (const name of Object.keys(env)) if (name.startsWith("GIT_")) delete env[name];
  }
  // `spawn` leaves out what is undefined.
  return { ...env, ...request.env };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
