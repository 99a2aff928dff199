/**
 * Runs git to read, so that nothing which a *repository* configures is run, and nothing in it changes.
 *
 * A repository's own configuration may name programs for: the file system monitor, hooks, external and textconv diffs, clean filters
 * (which `status` runs), signature checks, fetching missing objects, and all of that again inside submodules. Each is switched off
 * here. What the user's own configuration names (git-lfs, say) stays: without it, their files would look changed.
 */

import { execFile, spawn } from "node:child_process";
import { setPriority } from "node:os";
import { type GitRunOptions, isSystemError, LIMITS } from "../base/index.ts";

const GLOBAL_ARGS = [
  "--no-optional-locks",
  "--no-pager",
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "core.hooksPath=/dev/null"],
  ...["-c", "core.sshCommand=false"],
  // `git diff` would lock and rewrite the index where only a file's times moved; no option of locks keeps it from that.
  ...["-c", "diff.autoRefreshIndex=false"],
  ...["-c", "log.showSignature=false"],
  // It would make another command of each `log` of one path.
  ...["-c", "log.follow=false"],
];

const ENVIRONMENT = {
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "",
  // Our own reading is no witness of anything, and leaves none.
  GIT_TRACE2_EVENT: "0",
  // In a shell with Holdfast's own "git" on PATH, that one hands this over to git.
  HOLDFAST_RUN: String(process.pid),
  LC_ALL: "C",
};

/** Arguments that keep a subcommand from running programs; each comes right after its name, so that the caller's own win. */
const SUBCOMMAND_ARGS: Readonly<Record<string, readonly string[]>> = {
  diff: ["--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty"],
  "diff-files": ["--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty"],
  "diff-index": ["--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty"],
  "diff-tree": ["--no-ext-diff", "--no-textconv"],
  log: ["--no-ext-diff", "--no-textconv"],
  show: ["--no-ext-diff", "--no-textconv"],
  status: ["--ignore-submodules=dirty"],
};

/** These compare the work tree with the index, and so may clean its files. */
const USE_FILTERS = new Set(["status", "diff", "diff-files", "diff-index", "hash-object"]);

/** Runs `git <args>` in `dir`; stdout, whole. Throws Node's error with `code` = exit code, `stderr` in its message. */
export async function runGit(
  dir: string,
  args: readonly string[],
  { objects, ...options }: GitRunOptions = {},
): Promise<Buffer> {
  const filters = USE_FILTERS.has(args[0] ?? "") ? await repositoryFilters(dir) : [];
  const { program, allArgs, env } = gitCommand(args, filters);
  return execute(program, allArgs, { dir, env: { ...env, ...placesOf(objects) }, ...options });
}

const LOWEST_PRIORITY = 19;

/** Starts `git <args>` and does not wait for it. It reads and writes nothing that anybody waits for, so that it may be ended at any time. */
export function startGitApart(
  dir: string,
  args: readonly string[],
  { objects }: Pick<GitRunOptions, "objects"> = {},
): void {
  const { program, allArgs, env } = gitCommand(args);
  const child = spawn(program, allArgs, {
    cwd: dir,
    env: { ...env, ...placesOf(objects) },
    stdio: "ignore",
    detached: true,
  });
  // Without git there is nothing to start.
  child.on("error", () => undefined);
  child.unref();
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, LOWEST_PRIORITY);
  } catch (error) {
    // It has ended already.
    if (!isSystemError(error)) throw error;
  }
}

function placesOf(objects: GitRunOptions["objects"]): Record<string, string> {
  if (objects === undefined) return {};
  return { GIT_OBJECT_DIRECTORY: objects.own, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects.repository };
}

/** The command line and environment of a git that reads. `neutralised`: configuration keys that are set to nothing. */
export function gitCommand(
  args: readonly string[],
  neutralised: readonly string[] = [],
): { program: string; allArgs: string[]; env: NodeJS.ProcessEnv } {
  const [subcommand, ...rest] = args;
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith("GIT_")) env[name] = value;
  // By the environment and not by -c, which cannot carry a key that holds "=".
  neutralised.forEach((key, index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = key.endsWith(".required") ? "false" : "";
  });
  if (neutralised.length > 0) env["GIT_CONFIG_COUNT"] = String(neutralised.length);
  const allArgs = [...GLOBAL_ARGS, subcommand!, ...(SUBCOMMAND_ARGS[subcommand!] ?? []), ...rest];
  return { program: "git", allArgs, env: { ...env, ...ENVIRONMENT } };
}

/** The keys of all filters that the repository itself, not its user, configures. */
async function repositoryFilters(dir: string): Promise<string[]> {
  const { program, allArgs, env } = gitCommand([
    "config",
    "-z",
    "--show-scope",
    "--name-only",
    "--get-regexp",
    "^filter\\.",
  ]);
  const output = await execute(program, allArgs, { dir, env, emptyExitCode: 1 });
  const fields = output.toString("utf8").split("\0");
  const keys: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === "local" || fields[index] === "worktree") keys.push(fields[index + 1]!);
  }
  return keys;
}

interface Execution {
  dir: string;
  env: NodeJS.ProcessEnv;
  timeoutMs?: number;
  stdin?: string;
  /** An exit code that says "nothing found". */
  emptyExitCode?: number;
}

function execute(program: string, args: string[], execution: Execution): Promise<Buffer> {
  const options = {
    cwd: execution.dir,
    env: execution.env,
    encoding: "buffer" as const,
    maxBuffer: LIMITS.gitOutputBytesMax,
    // What is left of a time is seldom a whole number, and Node refuses any other.
    timeout: Math.ceil(execution.timeoutMs ?? LIMITS.gitTimeoutMs),
    killSignal: "SIGKILL" as const,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null || error.code === execution.emptyExitCode) resolve(stdout);
      else reject(error);
    });
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.stdin?.end(execution.stdin);
  });
}
