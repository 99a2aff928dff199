/**
 * Git's global configuration file: read by git itself, changed in a copy, put in place the way git does.
 *
 * Git locks a configuration by creating `<file>.lock` and renames that over the file; so do we, so neither loses the other's change.
 * A link to the file (kept by a dotfiles manager) stays a link. Crash: the old file or the new one; `<file>.lock` may be left.
 */

import { dirname, join } from "node:path";
import { HoldfastError, isSystemError, LIMITS, type RunResult } from "../base/index.ts";
import { makeFolders, readWhole } from "../tree/index.ts";
import { realFile } from "./hook-command.ts";
import type { HookChange, HookPorts } from "./hook-target.ts";

/** The file that `git config --global` writes: `GIT_CONFIG_GLOBAL`, `~/.gitconfig`, or the XDG one where only that is there. */
export function globalConfigFile({ process, disk }: Pick<HookPorts, "process" | "disk">): string {
  const named = process.env("GIT_CONFIG_GLOBAL");
  if (named) return named;
  const own = join(process.home(), ".gitconfig");
  const xdg = join(process.env("XDG_CONFIG_HOME") || join(process.home(), ".config"), "git/config");
  return disk.lstat(own) === null && disk.lstat(xdg) !== null ? xdg : own;
}

/**
 * The settings of `section` as git's trace sees them: from the system's and the user's configuration, with what they include. The
 * last one counts. Keys are in lower case: `trace2.eventtarget`.
 */
export async function readSettings(section: string, ports: HookPorts): Promise<ReadonlyMap<string, string>> {
  const result = await git(["config", "--includes", "-z", "--get-regexp", `^${section}\\.`], ports);
  if (result.exitCode === 1) return new Map();
  if (result.exitCode !== 0) throw failed(result);
  const pairs = result.stdout.split("\0").filter((pair) => pair !== "");
  return new Map(
    pairs.map((pair) => {
      const end = pair.indexOf("\n");
      // A key without "=" is a boolean that is true.
      return end < 0 ? [pair, "true"] : [pair.slice(0, end), pair.slice(end + 1)];
    }),
  );
}

/** The text of a configuration file; `null` when there is none. */
export function fileText(file: string, { disk }: Pick<HookPorts, "disk">): Buffer | null {
  return readWhole(disk, realFile(file, disk));
}

export interface Edit {
  readonly ports: HookPorts;
  /** A folder of ours for the copy. */
  readonly scratch: string;
  /** The whole new content, where it is known better than by the single settings; `null`: the file is removed. */
  readonly whole?: Buffer | null;
  /** Called before the file is changed. */
  before?(texts: { before: Buffer | null; after: Buffer | null }): void;
}

/** Makes all `changes` in one step. Throws `HOOK_UNAVAILABLE` when another process holds the lock or the file may not be written. */
export async function editConfigFile(file: string, changes: readonly HookChange[], edit: Edit): Promise<void> {
  const { disk } = edit.ports;
  const real = realFile(file, disk);
  refuseSpecial(file, edit.ports);
  makeFolders(disk, dirname(real), 0o755);
  const mode = disk.lstat(real)?.mode ?? 0o644;
  const fd = lock(`${real}.lock`, mode, edit.ports);
  let isDone = false;
  try {
    const before = readWhole(disk, real);
    const after = edit.whole === undefined ? await edited(before, changes, edit) : edit.whole;
    edit.before?.({ before, after });
    if (after !== null) disk.write(fd, after, null);
    disk.fchmod(fd, mode);
    disk.fsync(fd);
    if (after === null) disk.unlink(real);
    else disk.rename(`${real}.lock`, real);
    isDone = after !== null;
    disk.syncDir(dirname(real));
  } finally {
    disk.close(fd);
    if (!isDone) disk.unlink(`${real}.lock`);
  }
}

/** Lets git itself edit a copy: it knows its own syntax. */
async function edited(
  before: Buffer | null,
  changes: readonly HookChange[],
  { ports, scratch }: Edit,
): Promise<Buffer> {
  const { disk } = ports;
  makeFolders(disk, scratch, 0o700);
  const copy = join(scratch, `git-config-${ports.process.pid}`);
  if (disk.lstat(copy) !== null) disk.unlink(copy);
  const fd = disk.createNew(copy, 0o600);
  try {
    disk.write(fd, before ?? Buffer.alloc(0), null);
  } finally {
    disk.close(fd);
  }
  try {
    for (const { setting, to } of changes) {
      const result = await git(
        ["config", "--file", copy, ...(to === null ? ["--unset-all", setting] : ["--replace-all", setting, to])],
        ports,
      );
      // 5: there was nothing to unset.
      if (result.exitCode !== 0 && !(to === null && result.exitCode === 5)) throw failed(result);
    }
    return readWhole(disk, copy) ?? Buffer.alloc(0);
  } finally {
    disk.unlink(copy);
  }
}

/** `GIT_CONFIG_GLOBAL=/dev/null` is how one asks for no configuration: a rename would replace the device. */
export function refuseSpecial(file: string, { disk }: Pick<HookPorts, "disk">): void {
  const kind = disk.lstat(realFile(file, disk))?.kind ?? "file";
  if (kind === "file") return;
  throw new HoldfastError("HOOK_UNAVAILABLE", `git's global configuration ${file} is no regular file`, {
    hint: "unset GIT_CONFIG_GLOBAL, or let it name a file",
    data: { file },
  });
}

function lock(path: string, mode: number, { disk }: HookPorts): number {
  try {
    return disk.createNew(path, mode);
  } catch (error) {
    if (!isSystemError(error, "EEXIST", "EACCES", "EPERM", "EROFS")) throw error;
    throw new HoldfastError(
      "HOOK_UNAVAILABLE",
      `${path} ${error.code === "EEXIST" ? "is there: git is changing its configuration" : "cannot be made"}`,
      {
        hint: error.code === "EEXIST" ? `if no git runs: rm ${path}` : "see who may write there",
        data: { path },
        cause: error,
      },
    );
  }
}

/** With the caller's own idea of where configuration lies, outside every repository. */
async function git(args: readonly string[], { process }: HookPorts): Promise<RunResult> {
  const env = {
    HOME: process.home(),
    XDG_CONFIG_HOME: process.env("XDG_CONFIG_HOME"),
    GIT_CONFIG_GLOBAL: process.env("GIT_CONFIG_GLOBAL"),
    GIT_CONFIG_SYSTEM: process.env("GIT_CONFIG_SYSTEM"),
    GIT_CONFIG_NOSYSTEM: process.env("GIT_CONFIG_NOSYSTEM"),
    GIT_TRACE2_EVENT: "0",
    LC_ALL: "C",
  };
  try {
    return await process.run({ command: ["git", ...args], cwd: "/", env, timeoutMs: LIMITS.gitTimeoutMs });
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EACCES")) throw error;
    throw new HoldfastError("HOOK_UNAVAILABLE", "git cannot be run", { hint: "install git", cause: error });
  }
}

function failed({ stderr, exitCode }: RunResult): HoldfastError {
  return new HoldfastError("HOOK_UNAVAILABLE", `git config failed (${exitCode}): ${stderr.trim()}`, {
    hint: "git config --global --list",
  });
}
