/** Real commands in a real repository, as agents, persons and scripts run them. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports } from "../../base/index.ts";
import { realPorts } from "../../platform/index.ts";

export interface Scene {
  readonly dir: string;
  /** A repository with one commit: `a.txt`, `sub/b.txt`. */
  readonly tree: string;
  readonly traces: string;
  readonly ports: Ports;
  /** Runs a program to its end, traced; stdout. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Starts one and leaves it running; killed at the end of the scene. */
  start(program: string, args: readonly string[], options?: RunOptions): ChildProcess;
  write(path: string, text: string, mode?: number): string;
  end(): void;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** `trace`: settings in the user's global configuration beside the target. */
export async function openScene(trace: readonly string[] = []): Promise<Scene> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-cause-")));
  const tree = join(dir, "tree");
  const traces = join(dir, "traces");
  for (const folder of [join(tree, "sub"), join(dir, "home")]) mkdirSync(folder, { recursive: true });
  mkdirSync(traces, { mode: 0o700 });
  const config = join(dir, "gitconfig");
  writeFileSync(config, ["[user]", "name = T", "email = t@example.org", ...trace, ""].join("\n"));
  const children: ChildProcess[] = [];
  const start: Scene["start"] = (program, args, { cwd = tree, env = {} } = {}) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...environment(dir, cwd), ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    children.push(child);
    return child;
  };
  const scene: Scene = {
    dir,
    tree,
    traces,
    ports: realPorts(),
    start,
    run: (program, args, options) => finished(start(program, args, options)),
    write(path, text, mode) {
      writeFileSync(join(dir, path), text, mode === undefined ? {} : { mode });
      return join(dir, path);
    },
    end() {
      for (const child of children) child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
  scene.write("tree/a.txt", "one\n");
  scene.write("tree/sub/b.txt", "two\n");
  await scene.run("git", ["init", "-q", "-b", "main"]);
  await scene.run("git", ["add", "."]);
  await scene.run("git", ["commit", "-qm", "first"]);
  return scene;
}

/** Settings that let git trace into `folder`, as the hook installs them. */
export function traceInto(folder: string, variables: readonly string[], more: readonly string[] = []): string[] {
  return ["[trace2]", `eventTarget = ${folder}`, `envVars = ${variables.join(",")}`, ...more];
}

function environment(dir: string, cwd: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: join(dir, "home"),
    PWD: cwd,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(dir, "gitconfig"),
  };
}

async function finished(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  child.stderr?.resume();
  child.stdin?.end();
  await new Promise((resolve) => child.once("close", resolve));
  return text;
}

/** Resolves with the first thing that a child says. */
export function firstWord(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout!.once("data", (bytes: Buffer) => resolve(bytes.toString())));
}
