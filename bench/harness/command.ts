/** Runs a program to its end, in an environment that holds nothing of this user's, and tells how long it took. */

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Command {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: nothing. */
  readonly stdin?: string;
  /** Exit codes that mean success. Default: 0. */
  readonly exits?: readonly number[];
}

/** From before the start to after the end, in ms. Throws with the end of stderr where the exit code is another. */
export function timed(command: Command): number {
  return execute(command).elapsedMs;
}

/** What it printed. */
export function output(command: Command): string {
  return execute(command).stdout;
}

function execute({ command: [program, ...args], cwd, env, stdin, exits = [0] }: Command): {
  elapsedMs: number;
  stdout: string;
} {
  const startedMs = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    ...(stdin === undefined ? {} : { input: stdin }),
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    maxBuffer: 256 << 20,
  });
  const elapsedMs = performance.now() - startedMs;
  if (error) throw error;
  if (!exits.includes(status ?? -1)) {
    const said = (stderr.toString().trim() || stdout.toString().trim()).slice(-600);
    throw new Error(
      `${[program.split("/").at(-1), ...args].join(" ").slice(0, 120)}: ${signal ?? `exit ${status}`}: ${said}`,
    );
  }
  return { elapsedMs, stdout: stdout.toString() };
}

/** No configuration, no agent's marks, no language. Some programs refuse a home that is not there. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/",
  LC_ALL: "C",
  NO_COLOR: "1",
};

/** For `sh -c`. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a peer's command is followed by where ours is durable when it ends. */
export function syncOf(folder: string): string {
  return process.platform === "linux" ? `sync -f ${quoted(folder)}` : "sync";
}

/**
 * Runs `work` in a Node of its own, with nothing else in it, and returns what it returned. `work` may use only its arguments and
 * what it gets by `process.getBuiltinModule`: its text is what runs.
 */
export function inBareNode<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Result,
  args: Args,
  cwd: string,
): { elapsedMs: number; result: Result } {
  const text = `process.stdout.write(JSON.stringify((${work})(...${JSON.stringify(args)})) ?? "null")`;
  const { elapsedMs, stdout } = execute({ command: [process.execPath, "-e", text], cwd });
  return { elapsedMs, result: JSON.parse(stdout) as Result };
}
