/**
 * Work that goes on in a copy of the tree is work that nobody guards: an agent that runs there, an order that was dropped there.
 *
 * Looked at about once a minute: found copies, who runs in them, what lies in their inboxes. One incident a copy, raised; over when neither
 * is there any more. Where processes cannot be looked at at once (macOS), only orders are seen.
 */

import { isSystemError, LIMITS } from "../base/index.ts";
import { agentOf } from "../cause/index.ts";
import { findCopies, isAtOrBelow, orderPlaces } from "../tree/index.ts";
import { resolve } from "./resolve.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface AtWork {
  readonly agents: readonly string[];
  readonly orders: readonly string[];
}

/** To be called every `LIMITS.copyLookMs`. */
export async function lookAtCopies(world: GuardWorld): Promise<void> {
  const { copies } = await findCopies(world.tree, world.ports);
  const roots = copies.filter(({ standing }) => standing === "copy").map(({ root }) => root);
  const standing = new Map(
    world.incidents
      .rows({ state: "open" })
      .flatMap(({ id, copy }) => (copy === undefined ? [] : [[copy, id] as const])),
  );
  for (const root of roots) {
    const work = { agents: agentsIn(root, world), orders: ordersIn(root, world) };
    const isAtWork = work.agents.length + work.orders.length > 0;
    if (isAtWork && !standing.has(root)) raise(root, work, world);
    if (isAtWork) standing.delete(root);
  }
  if (standing.size > 0) world.store.transaction(() => resolve([...standing.values()], "itself", world));
}

function agentsIn(root: string, { ports }: GuardWorld): string[] {
  const sighting = ports.process.scanProcesses({
    budgetMs: LIMITS.processScanMsMax,
    countMin: LIMITS.processScanCountMin,
    valuesOf: [],
    wanted: ({ cwd, pid }) => pid !== ports.process.pid && cwd !== null && isAtOrBelow(cwd, root),
  });
  const names = (sighting?.processes ?? []).flatMap(({ envNames }) => agentOf(envNames ?? []) ?? []);
  return [...new Set(names)].sort();
}

function ordersIn(root: string, { tree, config, ports }: GuardWorld): string[] {
  const places = orderPlaces({ ...tree, root }, config());
  if (places === null) return [];
  return Object.keys(config().agents).flatMap((agent) => {
    try {
      const { names } = ports.disk.list(`${places.inbox}/${agent}`);
      const isOrder = (name: string) => !/^\.|\.(tmp|part)$|~$/.test(name);
      return names.filter(({ name, kind }) => kind === "file" && isOrder(name)).map(({ name }) => `${agent}/${name}`);
    } catch (error) {
      if (isSystemError(error)) return [];
      throw error;
    }
  });
}

function raise(root: string, { agents, orders }: AtWork, { incidents, store, tree }: GuardWorld): void {
  const incident = incidents.newId();
  const who = agents.length === 0 ? [] : [`${agents.join(", ")} at work`];
  const what =
    orders.length === 0
      ? []
      : [`${orders.length === 1 ? "an order" : `${orders.length} orders`} waiting (${orders[0]})`];
  const why = `${[...who, ...what].join(", ")} in ${root}, a copy: nothing there is guarded; the canonical tree is ${tree.root}`;
  const shared = { actor: GUARD, ok: false, incident };
  store.transaction(() => {
    incidents.record({
      ...shared,
      event: "incident.opened",
      data: { key: null },
      summary: `${incident} opened: ${why}`,
    });
    incidents.record({
      ...shared,
      event: "tree.copy-at-work",
      data: { root, agents: [...agents], orders: orders.slice(0, ORDERS_KEPT), why },
      summary: why,
    });
  });
}

const ORDERS_KEPT = 20;
