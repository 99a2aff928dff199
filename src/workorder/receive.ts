/**
 * Taking orders in: each document becomes a received order, a known one, or a refusal – in the commit of whoever takes it.
 *
 * Idempotent by id and bytes: the same order twice is one order. A taken order's original and normal form are in the vault before
 * anything is done for it.
 */

import { resolve } from "node:path";
import { type Digest, digestOf, HoldfastError, isoTime } from "../base/index.ts";
import type { Actor, EventData } from "../ledger/index.ts";
import { hasCommands } from "./attempt.ts";
import type { Beside } from "./beside.ts";
import { hasBody, type Operation, type WorkOrder } from "./order.ts";
import { isOver, type OrderRow, receivedRow } from "./order-row.ts";
import type { OrderWorld } from "./world.ts";

export interface Submission {
  order: WorkOrder;
  /** The original document. */
  raw: Uint8Array;
  filename: string | null;
  /** The inbox it lies in, or was submitted to. */
  agent: string | null;
  via: OrderRow["via"];
  inboxPath: string | null;
  actor: Actor;
  /** For who hands in an order of his own making, and has more to put on record than it. */
  beside?: Beside;
}

/** `taken`: a new attempt begins. `known`: the same order is accepted or under way already. */
export type Reception = { taken: boolean; id: string } | HoldfastError;

/** A submission with the digests of its document and its normal form. */
export interface Arrival extends Submission {
  rawDigest: Digest;
  form: string;
  formDigest: Digest;
}

export function arrivalOf(submission: Submission): Arrival {
  const form = JSON.stringify(submission.order);
  return { ...submission, rawDigest: digestOf(submission.raw), form, formDigest: digestOf(form) };
}

/** Inside the commit. */
export function receive(arrival: Arrival, world: OrderWorld): Reception {
  const { order, actor } = arrival;
  const earlier = world.book.row(order.id);
  if (earlier !== null) {
    const verdict = compareWithEarlier(earlier, arrival.rawDigest, order);
    if (verdict !== "new-attempt") return verdict === "known" ? { taken: false, id: order.id } : verdict;
  }
  const denied = whyDenied(order, world);
  if (denied) return denied;
  world.book.recordFrom(earlier, {
    event: "wo.received",
    actor,
    wo: order.id,
    data: receivedData(arrival, earlier, world),
    summary: `${order.id} received${arrival.agent === null ? "" : ` for ${arrival.agent}`}: ${order.title || order.summary || "(no title)"}`,
  });
  supersede(order, world);
  decideWay(arrival, world);
  return { taken: true, id: order.id };
}

function receivedData(
  { order, agent, via, filename, inboxPath, rawDigest, formDigest }: Arrival,
  earlier: OrderRow | null,
  { config }: OrderWorld,
): EventData["wo.received"] {
  return {
    agent,
    via,
    raw: rawDigest,
    order: formDigest,
    rawFilename: filename,
    inboxPath,
    attempt: (earlier?.attempt ?? 0) + 1,
    warnings: order.warnings,
    executor: executorOf(order, agent, config().agents),
  };
}

/**
 * The row that an arrival will have, for one that needs no word from anybody and can be planned in a moment; `null` for any other.
 * Only a guess: what becomes of it is decided inside the commit.
 */
export function rowAhead(arrival: Arrival, world: OrderWorld): OrderRow | null {
  const { order, agent } = arrival;
  const kind = world.config().agents[executorOf(order, agent, world.config().agents)]?.run ?? "builtin";
  if (kind !== "builtin" || !hasBody(order) || hasCommands(order) || order.supersedes !== null) return null;
  if (!(arrival.via === "repair" || isQuick(order, world)) || world.book.has(order.id)) return null;
  return receivedRow(receivedData(arrival, null, world), order, { ts: isoTime(world.ports.clock.now()), seq: 0 });
}

/** Nobody else's order waits long for it to be planned: few paths, and nothing large stands there; or a repair, which gives way itself. */
const QUICK_OPERATIONS: ReadonlySet<Operation["op"]> = new Set([
  "write",
  "append",
  "replace",
  "mkdir",
  "chmod",
  "symlink",
]);
const QUICK_COUNT_MAX = 16;
const QUICK_SIZE_BYTES_MAX = 1 << 20;

function isQuick({ operations }: WorkOrder, { ports, tree }: OrderWorld): boolean {
  return (
    operations.length <= QUICK_COUNT_MAX &&
    operations.every(({ op, path }) => QUICK_OPERATIONS.has(op) && path !== null && isSmall(resolve(tree.root, path)))
  );

  function isSmall(place: string): boolean {
    try {
      return (ports.disk.lstat(place)?.sizeBytes ?? 0) <= QUICK_SIZE_BYTES_MAX;
    } catch {
      // Whatever it is that cannot be looked at: planning says it.
      return false;
    }
  }
}

function compareWithEarlier(earlier: OrderRow, raw: Digest, order: WorkOrder): "known" | "new-attempt" | HoldfastError {
  const unsuccessful = earlier.status === "failed" || earlier.status === "cancelled";
  if (earlier.raw === raw) return unsuccessful ? "new-attempt" : "known";
  if (unsuccessful || (order.supersedes === order.id && isOver(earlier))) return "new-attempt";
  return new HoldfastError("WO_ID_REUSED", `${order.id} was taken already with other bytes, and is ${earlier.stage}`, {
    data: { id: order.id, stage: earlier.stage },
  });
}

function whyDenied(order: WorkOrder, { config }: OrderWorld): HoldfastError | null {
  if (!hasCommands(order) || config().orders.commands !== "deny") return null;
  return new HoldfastError("WO_COMMANDS_DENIED", `${order.id} runs commands, and orders.commands is "deny"`, {
    data: { id: order.id },
  });
}

function supersede({ id, supersedes }: WorkOrder, { book }: OrderWorld): void {
  if (supersedes === null || supersedes === id) return;
  const row = book.row(supersedes);
  if (row?.status !== "pending") return;
  book.record({
    event: "wo.cancelled",
    actor: { kind: "service", name: "json_wo_processor" },
    wo: row.id,
    data: { reason: `superseded by ${id}` },
    summary: `${row.id} cancelled: superseded by ${id}`,
  });
}

/** Executed here, held for a person's word, or routed to the agent that answers for it. */
export function decideWay({ order, agent, via }: Pick<Submission, "order" | "agent" | "via">, world: OrderWorld): void {
  const { book, config } = world;
  const agents = config().agents;
  const actor: Actor = { kind: "service", name: "json_wo_processor" };
  const to = executorOf(order, agent, agents);
  const kind = agents[to]?.run ?? "builtin";
  if (kind === "manual" || kind === "route" || (kind === "builtin" && !hasBody(order))) {
    book.record({ event: "wo.routed", actor, wo: order.id, data: { to }, summary: `${order.id} routed to ${to}` });
    return;
  }
  const commands = hasCommands(order) || kind === "command";
  if (commands && via === "inbox" && config().orders.commands === "submitted") {
    const reason = "it runs commands and came through an inbox";
    book.record({ event: "wo.held", actor, wo: order.id, data: { reason }, summary: `${order.id} held: ${reason}` });
  }
}

/** The agent whose inbox it is, or, where that one only routes, the first of the order's routes that is known (else named at all). */
export function executorOf(order: WorkOrder, agent: string | null, agents: Record<string, { run: string }>): string {
  const own = agent ?? "holdfast";
  if (hasBody(order) && agents[own]?.run !== "route") return own;
  const known = new Map(Object.keys(agents).map((name) => [name.toLowerCase(), name]));
  const named = order.routes
    .map((route) => known.get(route.toLowerCase()))
    .find((name) => name !== undefined && agents[name]?.run !== "route");
  return named ?? (agents[own]?.run === "route" || agent === null ? (order.routes[0] ?? own) : own);
}
