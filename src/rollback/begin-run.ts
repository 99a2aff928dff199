/**
 * The beginning of a run: everything is remembered, what the command can reach is told, the guard's window opens.
 *
 * Crash before the commit: nothing happened. After it, the run is open and the next writer ends it.
 */

import { LIMITS } from "../base/index.ts";
import {
  type CommandJudgement,
  describeCommand,
  dropReport,
  judgeCommand,
  reportsFolder,
  shellTextOf,
} from "../cause/index.ts";
import type { Actor, EventData } from "../ledger/index.ts";
import { type BlastRadius, blastRadius } from "./blast-radius.ts";
import { makeChildFolder } from "./child-file.ts";
import { logFileFor, logHead, writeLog } from "./log-file.ts";
import { type Protection, protectionOf } from "./protection.ts";
import type { Run } from "./run.ts";
import { reachOf } from "./run-reach.ts";
import type { RollbackWorld } from "./world.ts";

export interface RunRequest {
  readonly kind: Run["kind"];
  readonly command: readonly string[];
  readonly cwd: string;
  readonly home: string;
  /** What `GIT_DIR` and `GIT_WORK_TREE` make of the folder's work tree; `null`: what git finds by itself. */
  readonly workTree: string | null;
  readonly force: boolean;
  readonly actor: Actor;
  readonly pid: number;
  /** Somebody looks: says how far it reaches, at the cost of a question to git. */
  readonly tellsRadius: boolean;
}

export interface Begun {
  readonly run: Run;
  readonly radius: BlastRadius | null;
  readonly protection: Protection;
}

export async function beginRun(request: RunRequest, world: RollbackWorld): Promise<Begun> {
  const { ports, tree, vault, store, ledger, runs, guard, branch } = world;
  const judgement = judge(request, world);
  await world.rememberNow();
  const protection = protectionOf(world);
  // What raises no event (mmap, a mount) is remembered here at the latest.
  await vault.remember(protection.scope.length > 0 ? { paths: protection.scope } : {});
  const radius = request.tellsRadius ? await blastRadius(judgement, protection, world) : null;
  const { kind, command, cwd, actor, force, pid } = request;
  const what = describeCommand(command);
  const startedMs = ports.clock.now();
  const id = `R-${ports.random.bytes(4).toString("hex")}`;
  const reason = `${kind === "exec" ? "exec" : "rollback"} ${id}: ${what}`;
  const point = vault.versionHead();
  const shared = { id, kind, command, what, cwd, actor, force, pid, startedMs, point, branch: branch() };
  const logFile = logFileFor({ command, startedMs }, world);
  const head = logHead({ ...shared, radius, protection });
  const run = store.transaction((): Run => {
    const window = guard.beginWindow({ reason, actor, forMs: LIMITS.maintenanceMsMax });
    const begun: Run = {
      ...shared,
      startKey: ports.process.inspectProcess(pid, [])?.startKey ?? null,
      seq: ledger.head().seq,
      reach: reachOf(judgement, kind, ports.disk),
      window,
      logFile,
      logHead: head,
      putBack: [],
    };
    runs.add(begun);
    ledger.append({
      event: kind === "exec" ? "exec.started" : "rollback.started",
      actor,
      data: { ...forRecord(begun) },
      cause: { what, actor: actor.name, pid, confidence: 1 },
      summary: `${reason}${force ? " (forced)" : ""}`,
    });
    return begun;
  });
  makeChildFolder(tree.state, ports);
  writeLog(logFile, head, world);
  dropReport(reportsFolder(tree.state), reportOf(run, null), ports);
  return { run, radius, protection };
}

/** For the witness stand: who did it is certain. */
export function reportOf(
  run: Run,
  ended: { atMs: number; exitCode: number | null } | null,
): Parameters<typeof dropReport>[1] {
  const { id, command, cwd, actor, pid, startedMs } = run;
  const { kind, name, session } = actor;
  const by = session === undefined ? { kind, name } : { kind, name, session };
  return {
    id,
    command,
    cwd,
    actor: by,
    pid,
    startedMs,
    endedMs: ended?.atMs ?? null,
    exitCode: ended?.exitCode ?? null,
  };
}

/** As the command line stands, with the scripts that it runs read. */
export function judge(
  { command, cwd, home, workTree }: Pick<RunRequest, "command" | "cwd" | "home" | "workTree">,
  { ports }: Pick<RollbackWorld, "ports">,
): CommandJudgement {
  return judgeCommand(command, {
    cwd,
    home,
    workTreeOf: (folder) =>
      folder === cwd && workTree !== null ? workTree : (ports.git.locate(folder)?.workTree ?? null),
    textOf: (script) => shellTextOf(script, ports.disk),
  });
}

/** What a lost database is built again from; the command's words are in it only as people see them. */
function forRecord(run: Run): EventData["exec.started"] {
  const { id, kind, what, cwd, force, point, pid, startKey, window, branch, logFile, reach } = run;
  const goesBack = reach.back === "anything" || reach.back.length > 0;
  return { run: id, kind, what, cwd, force, point, pid, startKey, window, branch, log: logFile, goesBack };
}
