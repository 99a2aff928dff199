/**
 * Who owns a process that was seen: the agent whose mark it or an ancestor of its session bears, else the person at its terminal,
 * else the service that it descends from, else nobody that could be told.
 */

import type { ProcessPort, SeenProcess } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { agentOf, SESSION_VARIABLES } from "./agent-marks.ts";

/** They start commands on their own, at times that nobody chose just now. */
const SERVICES = new Set(["cron", "crond", "atd", "anacron", "fcron", "launchd", "systemd"]);

/** `parents`: nearest first. */
export function actorOfProcess(
  seen: SeenProcess,
  parents: readonly SeenProcess[],
  process: Pick<ProcessPort, "uid" | "userName">,
): Actor {
  const inSession = [seen, ...parents.filter(({ sessionId }) => sessionId !== null && sessionId === seen.sessionId)];
  for (const one of inSession) {
    const agent = agentOf(one.envNames ?? []);
    if (agent === null) continue;
    const session = SESSION_VARIABLES.map((name) => one.envValues[name]).find(
      (value) => value !== undefined && value !== "",
    );
    return { kind: "agent", name: agent, pid: one.pid, ...(session === undefined ? {} : { session }) };
  }
  const user = userOf(seen, process);
  // `script` has none itself: it makes one for what it runs.
  if (seen.hasTerminal || seen.name === "script") return { kind: "human", name: user, pid: seen.pid };
  const service = parents.find(({ name, pid }) => SERVICES.has(name) && pid !== 1);
  if (service !== undefined) return { kind: "service", name: service.name, pid: seen.pid };
  return { kind: "unknown", name: user, pid: seen.pid };
}

function userOf({ userId }: SeenProcess, process: Pick<ProcessPort, "uid" | "userName">): string {
  if (userId === null || userId === process.uid) return process.userName();
  return `user ${userId}`;
}
