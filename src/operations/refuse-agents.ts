/** Some words only a person may say: an agent that could approve its own order, or force its own rollback, would guard nothing. */

import { HoldfastError } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";

export function refuseAgents(actor: Actor, what: string): void {
  if (actor.kind !== "agent") return;
  throw new HoldfastError("REFUSED_FOR_AGENT", `${actor.name} is an agent; only a person may ${what}`, {
    data: { actor: actor.name },
  });
}
