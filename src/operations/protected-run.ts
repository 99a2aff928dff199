/**
 * A command under protection, as `exec` and `rollback <script>` run it: begun where the tree is held, run here, with the caller's
 * terminal and environment, and ended where the tree is held.
 *
 * Whatever becomes of this process, the run is in the store: the next writer ends it without force.
 */

import { dirname, isAbsolute, resolve } from "node:path";
import type { ForegroundResult } from "../base/index.ts";
import { assert, HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import type { CommandJudgement } from "../cause/index.ts";
import type { Begun, EndedRun } from "../rollback/index.ts";
import { findTree, type Located, type Tree } from "../tree/index.ts";
import type { CallerContext } from "./operation.ts";
import { canonicalTree, perform } from "./perform.ts";
import { refuseAgents } from "./refuse-agents.ts";

export interface ProtectedCommand {
  readonly kind: "exec" | "script";
  readonly command: readonly [string, ...string[]];
  readonly force: boolean;
  /** The command's stdout goes to stderr. */
  readonly quiet: boolean;
  /** Told why, when the command runs although it cannot be protected; `null`: then it does not run. */
  readonly unprotected: ((why: string) => void) | null;
}

export interface RunBegun extends Pick<Begun, "radius"> {
  readonly id: string;
  readonly what: string;
  readonly point: number;
  readonly log: string;
  readonly named: Begun["protection"]["named"];
}

export interface ProtectedRun extends ForegroundResult {
  /** `null`: harmless, nothing was noted. */
  readonly run: string | null;
  readonly ended: EndedRun | null;
  readonly tree: Tree | null;
}

/** Told of what is at stake before the command runs. */
type OnBegun = (begun: RunBegun, tree: Tree) => void;

export async function runProtected(
  request: ProtectedCommand,
  onBegun: OnBegun,
  caller: CallerContext,
): Promise<ProtectedRun> {
  const { ports, actor, signal } = caller;
  if (request.force) refuseAgents(actor, "take protected components by force");
  if (depthOf(ports.process) >= LIMITS.runDepthMax)
    throw new HoldfastError(
      "RUN_TOO_DEEP",
      `${request.command[0]} is the ${LIMITS.runDepthMax}th protected run inside another`,
    );
  const missing = cannotStart(request.command[0], ports);
  if (missing !== null) return { ...missing, ...NOTHING_NOTED };
  const place = placeOf(ports);
  const { judge, noteChild } = await import("../rollback/index.ts");
  const judgement = judge({ command: request.command, ...place }, { ports });
  if (judgement.kind === "harmless" && request.kind === "exec")
    return { ...(await runHere(request, ports)), ...NOTHING_NOTED };
  const protection = await protect(judgement, request, place, caller);
  if (protection === null) return { ...(await runHere(request, ports)), ...NOTHING_NOTED };
  const { begun, tree, there } = protection;
  const { runEnd } = await import("./run-end.ts");
  let result: ForegroundResult = { exitCode: NOT_BEGUN, signal: "SIGINT" };
  let failure: { error: unknown } | null = null;
  try {
    onBegun(begun, tree);
    const onStart = (pid: number) => noteChild(tree.state, begun.id, pid, ports);
    if (!signal.aborted) result = await runHere(request, ports, onStart);
  } catch (error) {
    failure = { error };
  }
  // Ended in any case; and not given up because somebody pressed Ctrl-C during the command.
  const { exitCode, signal: endedBy } = result;
  const ending = { id: begun.id, exitCode, signal: endedBy };
  const calm = { ...there, signal: new AbortController().signal };
  const ended = (await perform({ operation: runEnd, raw: ending, caller: calm })) as EndedRun;
  if (failure !== null) throw failure.error;
  return { ...result, run: begun.id, ended, tree };
}

interface Protection {
  readonly begun: RunBegun;
  readonly tree: Tree;
  readonly there: CallerContext;
}

/** `null`: it cannot be, and the caller wants the command run all the same. */
async function protect(
  judgement: CommandJudgement,
  { kind, command, force, unprotected }: ProtectedCommand,
  place: ReturnType<typeof placeOf>,
  caller: CallerContext,
): Promise<Protection | null> {
  const { ports } = caller;
  try {
    const { located, tree } = await treeAtStake(judgement, kind, caller);
    const there = callerIn(located, caller);
    const { runBegin } = await import("./run-begin.ts");
    const tellsRadius = ports.process.stderrIsTerminal;
    const raw = { kind, command: [...command], ...place, force, pid: ports.process.pid, tellsRadius };
    return { begun: (await perform({ operation: runBegin, raw, caller: there })) as RunBegun, tree, there };
  } catch (error) {
    if (unprotected === null || !(error instanceof HoldfastError || isSystemError(error))) throw error;
    const isOutside = error instanceof HoldfastError && error.code === "TREE_NOT_FOUND";
    if (!isOutside) unprotected(error.message);
    return null;
  }
}

/** One by one: a verb without a tree may not even be asked for it. */
function callerIn(located: Located, { ports, actor, version, signal, progress, emit }: CallerContext): CallerContext {
  return { located, ports, actor, version, signal, progress, emit };
}

const NOTHING_NOTED = { run: null, ended: null, tree: null };

/** Ctrl-C came first. */
const NOT_BEGUN = 130;

function runHere(
  { command, quiet }: ProtectedCommand,
  { process }: Ports,
  onStart?: (pid: number) => void,
): Promise<ForegroundResult> {
  // What the launcher set for itself is not the command's.
  const own = process.env("HOLDFAST_OWN_THREADPOOL") === undefined ? {} : { UV_THREADPOOL_SIZE: undefined };
  return process.runInForeground({
    command,
    cwd: process.cwd(),
    env: {
      ...own,
      HOLDFAST_OWN_THREADPOOL: undefined,
      HOLDFAST_SHELL: undefined,
      HOLDFAST_RUN: String(process.pid),
      HOLDFAST_RUN_DEPTH: String(depthOf(process) + 1),
    },
    stdoutToStderr: quiet,
    ...(onStart ? { onStart } : {}),
  });
}

function depthOf(process: Ports["process"]): number {
  return Number(process.env("HOLDFAST_RUN_DEPTH") ?? 0) || 0;
}

/** As shells say it: 127 for what is not there, 126 for what cannot be executed. */
function cannotStart(program: string, { process, disk }: Ports): ForegroundResult | null {
  if (process.which(program) !== null) return null;
  const isThere = program.includes("/") && disk.lstat(resolve(process.cwd(), program)) !== null;
  return { exitCode: isThere ? 126 : 127, signal: null };
}

/** `GIT_DIR` without `GIT_WORK_TREE` makes the present folder the work tree (git(1)). */
function placeOf({ process }: Ports): { cwd: string; home: string; workTree: string | null } {
  const cwd = process.cwd();
  const named = process.env("GIT_WORK_TREE");
  const workTree = named ? (isAbsolute(named) ? named : resolve(cwd, named)) : process.env("GIT_DIR") ? cwd : null;
  return { cwd, home: process.home(), workTree };
}

/** The tree that the caller stands in; outside of any, the one that the command names. */
async function treeAtStake(
  { touches }: CommandJudgement,
  kind: ProtectedCommand["kind"],
  { located, ports }: CallerContext,
): Promise<{ located: Located; tree: Tree }> {
  const verb = { name: kind === "exec" ? "exec" : "rollback", effect: "read" } as const;
  assert(located !== null, "whoever runs a command stands somewhere");
  if (located.standing !== "none") return held(canonicalTree(located, verb), located);
  for (const { path } of touches) {
    const folder = path === null ? null : existingFolder(path, ports);
    const there = folder === null ? null : await findTree(folder, ports);
    if (there !== null && there.standing !== "none" && there.standing !== "moved")
      return held(canonicalTree(there, verb), there);
  }
  throw new HoldfastError("TREE_NOT_FOUND", `${located.nearest} is no tree that Holdfast knows; nothing was run`, {
    hint: "holdfast init, or run the command without holdfast",
  });
}

/** A copy's command may reach the canonical tree: that is the one to be protected. */
function held(tree: Tree, located: Located): { located: Located; tree: Tree } {
  return { tree, located: located.standing === "copy" ? { standing: "canonical", tree } : located };
}

function existingFolder(path: string, { disk }: Ports): string | null {
  for (let at = path; ; at = dirname(at)) {
    const stat = disk.lstat(at);
    if (stat !== null) return at;
    if (at === "/") return null;
  }
}
