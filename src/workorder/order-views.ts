/** The files that show one order: its state file, and its acknowledgement once it is over. */

import { projectionPlaces } from "../tree/index.ts";
import { ackOf, isAgentsOwn } from "./acks.ts";
import { isFollowedUp } from "./followup.ts";
import { isOver, type OrderRow } from "./order-row.ts";
import { ackPlace } from "./outbox.ts";
import type { ProjectionFiles } from "./projection-files.ts";
import { type StateFile, saysTheSame, stateFileOf, stateText } from "./state-file.ts";
import type { OrderWorld } from "./world.ts";

export interface Shown {
  state: StateFile;
  /** Somebody else's bytes stand where these belong: they are to be kept first. */
  foreign: { place: string; text: string }[];
}

/** Writes at once what can be written at once. */
export function showOrder(row: OrderRow, files: ProjectionFiles, world: OrderWorld): Shown {
  const order = world.book.order(row);
  const state = stateFileOf(row, order, world.ports.clock.now());
  const shown: Shown = { state, foreign: [] };
  if (isPast(row, world)) return shown;
  const put = (place: string, text: string, mayStay?: (standing: string) => boolean) => {
    if (files.write(place, text, mayStay) === "foreign") shown.foreign.push({ place, text });
  };
  put(statePlace(row, world), stateText(state), (standing) => saysTheSame(standing, state));
  const ack = ackOf(row, order);
  if (ack === null) return shown;
  put(ackPlace(world, row), `${JSON.stringify(ack, null, 2)}\n`, (standing) => isAgentsOwn(standing, row));
  return shown;
}

export function statePlace(row: Pick<OrderRow, "id">, { tree, config }: Pick<OrderWorld, "tree" | "config">): string {
  return `${projectionPlaces(tree, config()).state}/${row.id}.json`;
}

/** A canary is shown for a while after its end, and then no more. */
export function isPast(row: OrderRow, { config, ports }: OrderWorld): boolean {
  return !isFollowedUp(row) && isOver(row) && ports.clock.now() - Date.parse(row.updatedAt) >= config().canary.keepMs;
}

/** What others wrote in their place is kept in the vault. */
export async function removeOrder(row: OrderRow, files: ProjectionFiles, world: OrderWorld): Promise<void> {
  await files.remove(statePlace(row, world));
  await files.remove(ackPlace(world, row));
}
