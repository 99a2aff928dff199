/** Everything that waits in an inbox, taken in and carried out to its end, and every view of it written. */

import type { Inbox } from "../workorder/index.ts";
import type { Writer } from "./writer.ts";

export interface Drained {
  /** Ids of new orders. */
  taken: string[];
  /** Where what was set aside is now, from the tree's root. */
  setAside: string[];
}

/** What only needs time is waited for; what will not be taken is in the inbox's `trouble`. */
export async function drain(
  { house, engine, projector }: Pick<Writer, "house" | "engine" | "projector">,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<Drained> {
  const drained: Drained = { taken: [], setAside: [] };
  for (let waiting = 1; waiting > 0 && !signal.aborted; ) {
    const scan = await inbox.scan();
    drained.taken.push(...scan.taken);
    drained.setAside.push(...scan.setAside);
    waiting = scan.waiting;
    if (waiting > 0) await house.ports.clock.sleep(inbox.settleMs(), signal);
  }
  await engine.drained();
  await projector.flush();
  return drained;
}
