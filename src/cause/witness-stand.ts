/**
 * All witnesses of one tree, and what they said lately.
 *
 * `glance` is called synchronously in the first event callback of a burst and takes a few milliseconds; `gather` reads what waits in
 * files; `attribute` asks what is remembered. Nothing is durable here: after a crash the trace folder, the reflog and the reports
 * that were not taken yet still tell.
 */

import { join } from "node:path";
import { LIMITS, type Ports } from "../base/index.ts";
import { holdfastHome, type Tree } from "../tree/index.ts";
import { type Attribution, attribute, type Window } from "./attribute.ts";
import type { DriftedPath } from "./drift-kind.ts";
import { type GitOperation, openGitState, otherWorkTrees } from "./witnesses/git-state.ts";
import { openTraceReader } from "./witnesses/git-trace.ts";
import { reportsFolder, takeReports } from "./witnesses/hook-reports.ts";
import { listProcessWitnesses, lookAtProcesses } from "./witnesses/process-table.ts";
import type { Witness } from "./witnesses/witness.ts";

export interface WitnessStand {
  /** Who is running in the tree right now, or in a workspace at `root`? Synchronous. */
  glance(root?: string): void;
  /** Reads traces, reports and git's state; removes what it has read. Calls follow one another. */
  gather(): Promise<Gathered>;
  /** Everything heard in the last `LIMITS.witnessAgeMsMax`. */
  witnesses(): readonly Witness[];
  attribute(drift: readonly DriftedPath[], window: Window): Attribution;
}

export interface Gathered {
  /** What git is in the middle of, from its own files. */
  readonly operations: readonly GitOperation[];
  /** Commands that were reported or traced as begun, can change the tree, and have not ended. */
  readonly running: readonly Witness[];
  /** Evidence that is known to be lost: for the ledger. */
  readonly lost: readonly string[];
}

export type StandPorts = Pick<Ports, "disk" | "clock" | "process" | "git">;

export interface StandOptions {
  readonly tree: Tree;
  /** Roots of the other registered trees: their traces are left to their daemons. */
  readonly otherRoots: () => readonly string[];
}

/** One for all trees of a user, because git has one setting for all of them. */
export function gitTraceFolder(ports: Pick<Ports, "process" | "disk">): string {
  return join(holdfastHome(ports), "git-trace");
}

export function openWitnessStand({ tree, otherRoots }: StandOptions, ports: StandPorts): WitnessStand {
  const memory = new Map<string, Heard>();
  const workTrees = () => (tree.git === null ? [] : otherWorkTrees(tree.git, ports.disk));
  const gitState = openGitState(tree.git, ports);
  const traces = openTraceReader(
    {
      folder: gitTraceFolder(ports),
      roots: () => [tree.root, ...workTrees()],
      belongsElsewhere: (workTree) => otherRoots().some((root) => workTree === root || workTree.startsWith(`${root}/`)),
    },
    ports,
  );
  const reports = reportsFolder(tree.state);
  let listing: Promise<void> = Promise.resolve();
  let gathering: Promise<unknown> = Promise.resolve();
  const keep = (witnesses: readonly Witness[]) => {
    for (const witness of witnesses) remember(memory, { witness, heardMs: ports.clock.now() });
  };

  const missed: string[] = [];
  const unheard = (error: unknown) => {
    missed.push(`the processes could not be listed: ${error instanceof Error ? error.message : String(error)}`);
  };
  const readAll = async (): Promise<Gathered> => {
    await listing;
    noteEnds(memory, ports);
    const trace = await traces.look();
    const report = takeReports(reports, ports);
    const git = gitState.look();
    keep([...trace.witnesses, ...trace.running, ...report.witnesses, ...report.running, ...git.witnesses]);
    forget(memory, ports.clock.now());
    return {
      operations: git.operations,
      running: [...trace.running, ...report.running.filter(({ reading }) => !reading.harmless)],
      lost: [
        ...missed.splice(0),
        ...(trace.wasFull ? ["git's trace folder was full: commands are missing from it"] : []),
        ...(trace.pruned > 0 ? [`${trace.pruned} git traces were removed unread`] : []),
        ...(report.dropped > 0 ? [`${report.dropped} hook reports could not be used`] : []),
      ],
    };
  };

  return {
    glance(root = tree.root) {
      // What runs in a workspace is no suspect of what happens in the tree unless it is known to reach there.
      const keepThose = (all: readonly Witness[]) =>
        keep(root === tree.root ? all : all.filter(({ reading }) => reading.understood));
      const look = lookAtProcesses(root, ports);
      if (look !== null) {
        keepThose(look.witnesses);
        noteEnds(memory, ports);
      } else
        listing = Promise.all([listing, listProcessWitnesses(root, ports)]).then(
          ([, { witnesses }]) => keepThose(witnesses),
          unheard,
        );
    },
    gather() {
      const gathered = gathering.then(readAll);
      // A failure is the caller's to know; the next call starts anew.
      gathering = gathered.catch(() => undefined);
      return gathered;
    },
    witnesses: () => [...memory.values()].map(({ witness }) => witness),
    attribute(drift, window) {
      return attribute(drift, this.witnesses(), window);
    },
  };
}

/** What waited in a file while no daemon ran is old, and new to us: it is kept for as long as the rest. */
interface Heard {
  readonly witness: Witness;
  readonly heardMs: number;
}

/** Who is gone by now: what happens from here on is not theirs. */
function noteEnds(memory: Map<string, Heard>, { process, clock }: Pick<Ports, "process" | "clock">): void {
  for (const [key, { witness, heardMs }] of memory) {
    if (witness.source !== "process" || witness.endedMs !== null || process.isAlive(witness.pid!)) continue;
    memory.set(key, { witness: { ...witness, endedMs: clock.now() }, heardMs });
  }
}

/** Heard again, it is replaced. */
function remember(memory: Map<string, Heard>, heard: Heard): void {
  const { source, pid, startKey, startedMs, says, argv } = heard.witness;
  const key = [source, pid, startKey ?? startedMs, pid === null ? (says ?? argv.join("\0")) : ""].join(" ");
  // Last in the map is newest: what is too old is found at its front.
  memory.delete(key);
  memory.set(key, heard);
}

function forget(memory: Map<string, Heard>, nowMs: number): void {
  for (const [key, { heardMs }] of memory) {
    if (memory.size <= LIMITS.witnessesMax && nowMs - heardMs <= LIMITS.witnessAgeMsMax) return;
    memory.delete(key);
  }
}
