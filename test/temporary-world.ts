/** A world of its own for one test: a temporary folder with a home, real ports that see nothing else of the machine, and git. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Ports } from "../src/base/index.ts";
import { realPorts } from "../src/platform/index.ts";

export interface World {
  /** Real path of the temporary folder. */
  readonly dir: string;
  readonly ports: Ports;
  /** What `ports.process.env` answers; `HOLDFAST_HOME` is set. */
  readonly env: Record<string, string | undefined>;
  /** What was logged as a warning. */
  readonly warnings: string[];
  /** The absolute path of `names` below `dir`. */
  at(...names: string[]): string;
  /** Makes a file and the folders above it. */
  write(path: string, text: string): string;
  /** Makes a folder. */
  folder(path: string): string;
  /** Runs git in a folder, with an identity and without the machine's configuration; stdout. */
  git(folder: string, ...args: string[]): string;
  /** A repository with one commit, whose content makes its root commit its own. */
  repository(path: string): string;
  remove(): void;
}

export function temporaryWorld(cwd?: string): World {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-test-")));
  const env: Record<string, string | undefined> = { HOLDFAST_HOME: join(dir, "state") };
  const warnings: string[] = [];
  const real = realPorts();
  const at = (...names: string[]) => join(dir, ...names);
  const folder = (path: string) => {
    mkdirSync(at(path), { recursive: true });
    return at(path);
  };
  folder("home");
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
    return at(path);
  };
  const git = (place: string, ...args: string[]) =>
    execFileSync("git", args, { cwd: place, env: gitEnvironment(dir), stdio: "pipe" }).toString();
  return {
    dir,
    env,
    warnings,
    at,
    write,
    folder,
    git,
    ports: {
      ...real,
      process: { ...real.process, env: (name) => env[name], home: () => at("home"), cwd: () => cwd ?? dir },
      log: { ...real.log, warn: (message, data) => void warnings.push(`${message} ${JSON.stringify(data ?? {})}`) },
    },
    repository(path) {
      folder(path);
      git(at(path), "init", "-q", "-b", "main");
      write(`${path}/README.md`, `# ${path}\n`);
      git(at(path), "add", "README.md");
      git(at(path), "commit", "-q", "-m", `the first of ${path}`);
      return at(path);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function gitEnvironment(dir: string): Record<string, string> {
  const identity = {
    GIT_AUTHOR_NAME: "T",
    GIT_AUTHOR_EMAIL: "t@example.org",
    GIT_COMMITTER_NAME: "T",
    GIT_COMMITTER_EMAIL: "t@example.org",
  };
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  return {
    ...identity,
    PATH: path,
    HOME: join(dir, "home"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ALLOW_PROTOCOL: "file",
  };
}
