/** How an incident ends: when nothing of it stands any more. */

import type { LedgerRecord } from "../ledger/index.ts";
import { GUARD, type GuardWorld } from "./world.ts";

type ResolvedBy = LedgerRecord<"incident.resolved">["data"]["by"];

const HOW: Record<ResolvedBy, string> = {
  repair: "put back",
  itself: "as it should be again",
  accept: "accepted",
  another: "what stands there now belongs to another incident",
};

/** Inside a transaction. Those that are not open stay as they are. */
export function resolve(ids: readonly string[], by: ResolvedBy, { incidents }: Pick<GuardWorld, "incidents">): void {
  for (const incident of ids) {
    if (incidents.row(incident)?.state !== "open") continue;
    const summary = `${incident} resolved: ${HOW[by]}`;
    incidents.record({ event: "incident.resolved", actor: GUARD, incident, data: { by }, summary });
  }
}
