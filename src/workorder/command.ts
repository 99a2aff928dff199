/** One command of an order: from the tree's root, in a process group of its own, bounded in time and output. */

import { LIMITS, type Ports, type RunResult } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Step } from "./order.ts";

export type Command = Step["run"];

export interface CommandRequest {
  command: Command;
  wo: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface CommandOutcome {
  exitCode: number | null;
  ok: boolean;
  timedOut: boolean;
  stdout: string;
  /** stdout and stderr, for people; with how it ended when it did not end well. */
  output: string;
}

/** `GIT_*` is stripped: a hook's or a rebase's git environment must not leak into an order. Never throws for what the command does. */
export async function runCommand(
  request: CommandRequest,
  { ports, tree }: { ports: Ports; tree: Tree },
): Promise<CommandOutcome> {
  const result = await ports.process.run({
    command: argumentsOf(request.command, ports),
    cwd: tree.root,
    env: { HOLDFAST_WO: request.wo, HOLDFAST_TREE: tree.root },
    timeoutMs: request.timeoutMs,
    outputBytesMax: LIMITS.commandOutputBytesMax,
    signal: request.signal,
  });
  const ok = result.exitCode === 0;
  return {
    exitCode: result.exitCode,
    ok,
    timedOut: result.timedOut,
    stdout: result.stdout,
    output: inWords(result, request.timeoutMs),
  };
}

function argumentsOf(command: Command, { process }: Ports): [string, ...string[]] {
  if ("program" in command) return [...command.program];
  if ("node" in command) return [process.nodePath, "-e", command.node];
  return [process.which("bash") ?? process.which("sh") ?? "sh", "-c", command.shell];
}

function inWords({ stdout, stderr, exitCode, signal, timedOut, aborted }: RunResult, timeoutMs: number): string {
  const ending = timedOut
    ? `ended after ${timeoutMs} ms (timeout)`
    : aborted
      ? "cancelled"
      : exitCode === null
        ? `ended by ${signal}`
        : exitCode === 0
          ? ""
          : `exit ${exitCode}`;
  return [stdout, stderr, ending]
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n");
}
