/**
 * The process table as a witness: who is running in the tree right now?
 *
 * Asked synchronously in the first event callback of a burst, because what deletes a file may be gone a millisecond later. A process
 * counts when its folder or one of its arguments lies in the tree. Ours, and what we started, never counts.
 */

import { dirname, join, resolve } from "node:path";
import { LIMITS, type Ports, type SeenProcess } from "../../base/index.ts";
import { SESSION_VARIABLES } from "../agent-marks.ts";
import { readCommand } from "../command/read-command.ts";
import { actorOfProcess } from "../process-actor.ts";
import { readScriptFile } from "./script-file.ts";
import type { Witness } from "./witness.ts";

export type ProcessTablePorts = Pick<Ports, "process" | "clock" | "disk" | "git">;

export interface ProcessLook {
  readonly witnesses: readonly Witness[];
  /** False: there were more processes than the time allowed to look at. */
  readonly isComplete: boolean;
}

/** `null` where processes cannot be looked at synchronously: then ask `listProcessWitnesses`. */
export function lookAtProcesses(root: string, ports: ProcessTablePorts): ProcessLook | null {
  const sighting = ports.process.scanProcesses({
    budgetMs: LIMITS.processScanMsMax,
    countMin: LIMITS.processScanCountMin,
    valuesOf: SESSION_VARIABLES,
    wanted: (process) => concerns(process, root),
  });
  if (sighting === null) return null;
  const inspect = inspector(sighting.processes, (pid) => ports.process.inspectProcess(pid, SESSION_VARIABLES));
  return { witnesses: witnessesOf(sighting.processes, inspect, ports), isComplete: sighting.isComplete };
}

/** The same by `ps`: later, and without folders and marks. */
export async function listProcessWitnesses(root: string, ports: ProcessTablePorts): Promise<ProcessLook> {
  const all = await ports.process.listProcesses();
  const concerned = all.filter((process) => concerns(process, root));
  return {
    witnesses: witnessesOf(
      concerned,
      inspector(all, () => null),
      ports,
    ),
    isComplete: true,
  };
}

function concerns({ argv, cwd }: Pick<SeenProcess, "argv" | "cwd">, root: string): boolean {
  if (cwd !== null && (cwd === root || cwd.startsWith(`${root}/`))) return true;
  // Also inside a word: `--target=/tree/x`, or the text of `sh -c`.
  return argv.some((word) => word.includes(root));
}

type Inspect = (pid: number) => SeenProcess | null;

function inspector(known: readonly SeenProcess[], ask: Inspect): Inspect {
  const seen = new Map<number, SeenProcess | null>(known.map((process) => [process.pid, process]));
  return (pid) => {
    const found = seen.get(pid);
    if (found !== undefined) return found;
    const asked = ask(pid);
    seen.set(pid, asked);
    return asked;
  };
}

function witnessesOf(processes: readonly SeenProcess[], inspect: Inspect, ports: ProcessTablePorts): Witness[] {
  const own = ports.process.pid;
  const witnesses: Witness[] = [];
  for (const process of processes) {
    if (process.pid === own || isHoldfast(process, ports)) continue;
    const parents = parentsOf(process, inspect);
    if (parents.some(({ pid }) => pid === own)) continue;
    witnesses.push(witnessOf(process, parents, ports));
  }
  return witnesses;
}

/** `bin/holdfast` on its Node: what it changes it has on record itself. */
function isHoldfast({ argv, cwd }: SeenProcess, { process }: Pick<Ports, "process">): boolean {
  const [, script] = argv;
  return script !== undefined && resolve(cwd ?? "/", script) === join(dirname(process.launcher), "start.cjs");
}

const PARENTS_MAX = 32;

function parentsOf(process: SeenProcess, inspect: Inspect): SeenProcess[] {
  const parents: SeenProcess[] = [];
  let pid = process.parentPid;
  while (pid !== null && pid > 0 && parents.length < PARENTS_MAX) {
    const parent = inspect(pid);
    if (parent === null) break;
    parents.push(parent);
    pid = parent.parentPid;
  }
  return parents;
}

function witnessOf(process: SeenProcess, parents: readonly SeenProcess[], ports: ProcessTablePorts): Witness {
  const nowMs = ports.clock.now();
  const { cwd, argv } = process;
  const workTree = cwd === null ? null : (ports.git.locate(cwd)?.workTree ?? null);
  return {
    source: "process",
    argv,
    reading: readScriptFile(readCommand(argv, { cwd, workTree }), { cwd, workTree }, ports),
    cwd,
    startedMs: process.startedMs ?? nowMs,
    endedMs: null,
    seenMs: nowMs,
    exitCode: null,
    pid: process.pid,
    startKey: process.startKey,
    actor: actorOfProcess(process, parents, ports.process),
    parents: parents.map(({ pid, name, argv: words, startedMs, sessionId }) => ({
      pid,
      name,
      argv: words,
      startedMs,
      ...(sessionId === process.sessionId ? {} : { isOutside: true as const }),
    })),
  };
}
