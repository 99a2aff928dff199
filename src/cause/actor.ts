/**
 * Who is asking: an agent, a person, or nobody that could be told.
 *
 * A mark counts on this process or on an ancestor within its session: an agent that strips its child's environment is still its
 * parent, and a terminal that was once opened from an agent's window is a person's.
 */

import type { ProcessPort } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { agentOf, SESSION_VARIABLES } from "./agent-marks.ts";

export function recognizeActor(process: ProcessPort): Actor {
  const own = agentOf(process.envNames());
  if (own !== null) return agent(own, process);
  const [self, ...ancestors] = process.ancestors();
  for (const ancestor of ancestors) {
    if (self && ancestor.sessionId !== self.sessionId) break;
    const found = agentOf(ancestor.envNames ?? []);
    if (found !== null) return agent(found, process);
  }
  return { kind: process.stdinIsTerminal ? "human" : "unknown", name: process.userName(), pid: process.pid };
}

function agent(name: string, process: ProcessPort): Actor {
  const session = SESSION_VARIABLES.map((variable) => process.env(variable)).find(
    (value) => value !== undefined && value !== "",
  );
  return { kind: "agent", name, pid: process.pid, ...(session === undefined ? {} : { session }) };
}
