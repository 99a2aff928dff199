/**
 * Who ran a traced git command. The trace carries the marks of agents, but neither a session nor a terminal: for those, the living
 * processes are asked whether one of them has exactly the parents that the trace names.
 */

import { LIMITS, type ProcessPort, type SeenProcess } from "../../base/index.ts";
import type { Actor } from "../../ledger/index.ts";
import { agentOf, SESSION_VARIABLES } from "../agent-marks.ts";
import { actorOfProcess } from "../process-actor.ts";
import type { TracedCommand } from "./trace-file.ts";

/** For one look: commands of one parent share one search for it. */
export function traceActors({ process }: { process: ProcessPort }): (command: TracedCommand) => Actor {
  const found = new Map<string, Actor | null>();
  return (command) => {
    const { ancestry, variables } = command;
    const folder = variables["PWD"] ?? null;
    const key = JSON.stringify([folder, ancestry]);
    return actorOfTrace(command, process, () => {
      if (!found.has(key)) found.set(key, livingParent(ancestry, folder, process));
      return found.get(key) ?? null;
    });
  };
}

function actorOfTrace(
  { variables, ancestry, pid }: TracedCommand,
  process: ProcessPort,
  parentActor: () => Actor | null,
): Actor {
  const agent = agentOf(Object.keys(variables));
  if (agent !== null) {
    const session = SESSION_VARIABLES.map((name) => variables[name]).find(
      (value) => value !== undefined && value !== "",
    );
    return { kind: "agent", name: agent, pid, ...(session === undefined ? {} : { session }) };
  }
  const parent = parentActor();
  if (parent !== null) return { ...parent, pid };
  const service = ancestry.find((name) => SERVICES.has(name));
  if (service !== undefined) return { kind: "service", name: service, pid };
  return { kind: "unknown", name: process.userName(), pid };
}

const SERVICES = new Set(["cron", "crond", "atd", "anacron", "fcron"]);

/**
 * Processes in the same folder whose own name and parents' names are those of the trace. A script that called git is gone by now, its
 * caller not: so up to two names are left out from the front. All that are found must have the same kind of owner.
 */
function livingParent(ancestry: readonly string[], folder: string | null, process: ProcessPort): Actor | null {
  if (ancestry.length < 2 || folder === null) return null;
  const sighting = process.scanProcesses({
    budgetMs: LIMITS.processScanMsMax,
    countMin: LIMITS.processScanCountMin,
    valuesOf: SESSION_VARIABLES,
    wanted: ({ cwd }) => cwd === folder,
  });
  for (let left = 0; left <= 2 && left < ancestry.length - 1; left += 1) {
    const actors = (sighting?.processes ?? []).flatMap((one) => actorWithParents(one, ancestry.slice(left), process));
    const [first] = actors;
    if (first !== undefined)
      return actors.every(({ kind, name }) => kind === first.kind && name === first.name) ? first : null;
  }
  return null;
}

function actorWithParents(seen: SeenProcess, names: readonly string[], process: ProcessPort): Actor[] {
  if (seen.name !== names[0]) return [];
  const parents: SeenProcess[] = [];
  let pid = seen.parentPid;
  for (const name of names.slice(1)) {
    const parent = pid === null || pid === 0 ? null : process.inspectProcess(pid, SESSION_VARIABLES);
    if (parent === null || parent.name !== name) return [];
    parents.push(parent);
    pid = parent.parentPid;
  }
  return [actorOfProcess(seen, parents, process)];
}
