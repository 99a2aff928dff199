/** Which folder below `outbox/` is an agent's, and where its acknowledgements lie. */

import { isAbsolute } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { orderPlaces, parseTreePath } from "../tree/index.ts";
import { ACK_SUFFIX } from "./acks.ts";
import { safeOrderId } from "./intake/order-id.ts";
import type { OrderRow } from "./order-row.ts";
import type { OrderWorld } from "./world.ts";

/** Absolute. Without a layout the outbox lies in the state folder. */
export function outboxFolder({ tree, config }: Pick<OrderWorld, "tree" | "config">, agent: string): string {
  const outbox = orderPlaces(tree, config())?.outbox ?? `${tree.state.projections}/outbox`;
  return `${outbox}/${folderName(agent)}`;
}

/** Who dropped the order hears of it; an order that was submitted to no inbox is acknowledged by who carried it out. */
export function ackPlace(world: Pick<OrderWorld, "tree" | "config">, row: OrderRow): string {
  return `${outboxFolder(world, row.agent ?? row.executor)}/${row.id}${ACK_SUFFIX}`;
}

/** An agent may be anything that somebody wrote into an order: what is no folder's name is made one. */
function folderName(agent: string): string {
  return isFolderName(agent) ? agent : (safeOrderId(agent) ?? "unknown");
}

function isFolderName(name: string): boolean {
  if (name === "" || name.includes("/") || name.startsWith(".") || isAbsolute(name)) return false;
  try {
    return parseTreePath(name) === name;
  } catch (error) {
    if (error instanceof HoldfastError) return false;
    throw error;
  }
}
