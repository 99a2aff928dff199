/**
 * One log a run, for people and for other agents' greps: `rollback_<name>_<UTC>.log`, in the layout's logs or the state folder.
 *
 * It lies where the run may reach it: at the end it is written whole again if it is gone. The ledger is the truth; a log that cannot be
 * written stops nothing, and is said in Holdfast's own.
 */

import { dirname, join, posix } from "node:path";
import { isoTime, isSystemError, LIMITS, printableLine } from "../base/index.ts";
import { makeFolders, projectionPlaces } from "../tree/index.ts";
import type { BlastRadius } from "./blast-radius.ts";
import type { Protection } from "./protection.ts";
import type { Run } from "./run.ts";
import type { RollbackWorld } from "./world.ts";

type LogWorld = Pick<RollbackWorld, "tree" | "config" | "ports">;

/** `git reset --hard` → `git-reset`, `zsh tools/rollback_x.zsh` → `rollback_x`. Names are never taken twice. */
export function logFileFor(
  { command, startedMs }: { command: readonly string[]; startedMs: number },
  { tree, config, ports }: LogWorld,
): string {
  const stamp = isoTime(startedMs).replace(/[-:]|\.\d+/g, "");
  const { logs } = projectionPlaces(tree, config());
  const base = join(logs, `rollback_${nameOf(command)}_${stamp}`);
  for (let count = 1; ; count += 1) {
    const file = count === 1 ? `${base}.log` : `${base}-${count}.log`;
    if (ports.disk.lstat(file) === null) return file;
  }
}

function nameOf(command: readonly string[]): string {
  const [program = "command", ...rest] = command.map((word) => posix.basename(word));
  const script = [program, ...rest].find((word) => /\.(?:sh|bash|zsh|ksh|py|js|ts|mjs|cjs|rb|pl)$/.test(word));
  const verb = program === "git" ? rest.find((word) => /^[a-z-]+$/.test(word) && !word.startsWith("-")) : undefined;
  const name = script?.replace(/\.\w+$/, "") ?? (verb === undefined ? program : `git-${verb}`);
  const safe = name.replace(/[^\w.-]+/g, "_").replace(/^rollback_/, "");
  return (safe || "command").slice(0, LIMITS.logNameLengthMax);
}

export function logHead(
  run: Pick<Run, "id" | "what" | "cwd" | "actor" | "force" | "startedMs" | "point" | "branch"> & {
    radius: BlastRadius | null;
    protection: Protection;
  },
): string {
  const { id, what, cwd, actor, force, startedMs, point, branch, radius, protection } = run;
  const session = actor.session === undefined ? "" : `, session ${actor.session}`;
  const lines = [
    `${isoTime(startedMs)} started ${what}`,
    `run ${id}`,
    `by ${actor.name} (${actor.kind}${session})`,
    `in ${cwd}${branch === null ? "" : `, on ${branch}`}`,
    `before V${point}`,
    `force ${force ? "yes" : "no"}`,
    ...protection.named.slice(0, NAMED_MAX).map(({ name, component }) => `protected ${name} (${component})`),
    ...(radius === null ? [] : radius.components.map(({ name, files }) => `reaches ${name}: ${files} files`)),
  ];
  return lines.map((line) => `${printableLine(line)}\n`).join("");
}

const NAMED_MAX = 200;

/** Appends, or makes the file of `head` and `text` anew. */
export function writeLog(file: string, text: string, { ports }: LogWorld, head = ""): void {
  const { disk, log } = ports;
  try {
    makeFolders(disk, dirname(file), 0o755);
    const isThere = disk.lstat(file) !== null;
    const fd = disk.openAppend(file, 0o644);
    try {
      disk.write(fd, Buffer.from(isThere ? text : head + text), null);
    } finally {
      disk.close(fd);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    log.warn("a rollback's log could not be written", { file, why: error.message });
  }
}
