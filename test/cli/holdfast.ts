/** The built command, run as a user runs it, over a temporary tree with a home of its own. For tests. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const PACKAGE = resolve(import.meta.dirname, "../..");
export const HOLDFAST = join(PACKAGE, "bin/holdfast");
const READY_WAIT_MS = 20_000;

export interface Ran {
  code: number | null;
  out: string;
  err: string;
  /** stdout as one JSON document. */
  json<T = Record<string, unknown>>(): T;
}

export interface TestTree {
  readonly base: string;
  readonly root: string;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What `start` and `up` started. */
  readonly children: readonly ChildProcess[];
  /** Runs `holdfast …` in the tree, as nobody in particular: no agent's mark, no terminal. */
  run(args: readonly string[], options?: { input?: string; cwd?: string; env?: NodeJS.ProcessEnv }): Ran;
  start(args: readonly string[]): ChildProcess;
  /** `up`, once it answers. */
  up(args?: readonly string[]): Promise<ChildProcess>;
  write(path: string, content: string | Uint8Array, mode?: number): void;
  read(path: string): string;
  /** Every path below the root that is not git's or a projection's, sorted. */
  names(): string[];
  end(): void;
}

/** Fails with what to do when nothing is built: tests run what users run. */
export function makeTree(options: { git?: boolean; init?: readonly string[] | null } = {}): TestTree {
  if (!existsSync(join(PACKAGE, "dist/main.cjs"))) throw new Error("dist/ is missing: npm run build");
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-cli-")));
  const root = join(base, "tree");
  const home = join(base, "home");
  mkdirSync(root);
  mkdirSync(join(base, "user"));
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    HOME: join(base, "user"),
    HOLDFAST_HOME: home,
    NO_COLOR: "1",
    TZ: "UTC",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  const children: ChildProcess[] = [];
  const tree: TestTree = {
    base,
    root,
    home,
    environment,
    children,
    run(args, { input = "", cwd = root, env = {} } = {}) {
      const { status, stdout, stderr } = spawnSync(HOLDFAST, [...args], {
        cwd,
        input,
        env: { ...environment, ...env },
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      return { code: status, out: stdout, err: stderr, json: () => JSON.parse(stdout) };
    },
    start(args) {
      const child = spawn(HOLDFAST, [...args], { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
      children.push(child);
      return child;
    },
    async up(args = ["--no-page"]) {
      const child = tree.start(["up", ...args]);
      let said = "";
      child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
      const untilMs = Date.now() + READY_WAIT_MS;
      while (Date.now() < untilMs && child.exitCode === null) {
        const status = tree.run(["status", "--json"]);
        if (status.out !== "" && status.json<{ daemon?: { running: boolean } }>().daemon?.running) return child;
      }
      throw new Error(`the daemon did not start: ${said}`);
    },
    write(path, content, mode) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content, mode === undefined ? {} : { mode });
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    names: () =>
      (readdirSync(root, { recursive: true }) as string[])
        .filter((name) => !/^(\.git|bridge|g\/followup|g\/telemetry|apps\/dashboard|mls)(\/|$)/.test(name))
        .sort(),
    end() {
      for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
      rmSync(base, { recursive: true, force: true });
    },
  };
  if (options.git !== false) spawnSync("git", ["init", "-q", "-b", "main"], { cwd: root, env: environment });
  if (options.init !== null) {
    const ran = tree.run(["init", "--yes", ...(options.init ?? [])]);
    if (ran.code !== 0) throw new Error(`init failed: ${ran.err}`);
  }
  return tree;
}

/** Waits until `check` is true, for at most `ms`; what it waits for is in the tree or the ledger, never a time. */
export async function until(what: string, check: () => boolean, ms = 20_000): Promise<void> {
  for (const endMs = Date.now() + ms; Date.now() < endMs; ) {
    if (check()) return;
    await new Promise((again) => setTimeout(again, 25));
  }
  throw new Error(`it did not come to this: ${what}`);
}

export function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolved) => child.once("exit", (code) => resolved(code)));
}
