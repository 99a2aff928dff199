/**
 * Taking orders in: each document becomes a received order, a known one, or a refusal – durably, in one commit for many.
 *
 * Idempotent by id and bytes: the same order twice is one order. A taken order's original and normal form are in the vault before
 * anything else happens.
 */

import { type Digest, HoldfastError } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { hasCommands } from "./attempt.ts";
import { hasBody, type WorkOrder } from "./order.ts";
import { isOver, type OrderRow } from "./order-row.ts";
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
}

/** `taken`: a new attempt begins. `known`: the same order is accepted or under way already. */
export type Reception = { taken: boolean; id: string } | HoldfastError;

/** One answer a submission, in order. Throws only when the store or the vault cannot be written; then nothing was taken. */
export async function receiveAll(submissions: readonly Submission[], world: OrderWorld): Promise<Reception[]> {
  const batch = world.vault.begin();
  try {
    const digests = submissions.map(({ raw, order }) => ({
      raw: batch.put(raw),
      order: batch.put(Buffer.from(JSON.stringify(order))),
    }));
    return await batch.commit(() =>
      submissions.map((submission, index) => receive(submission, digests[index]!, world)),
    );
  } catch (error) {
    batch.abort();
    throw error;
  }
}

function receive(submission: Submission, digests: { raw: Digest; order: Digest }, world: OrderWorld): Reception {
  const { order, agent, via, actor, filename, inboxPath } = submission;
  const earlier = world.book.row(order.id);
  if (earlier !== null) {
    const verdict = compareWithEarlier(earlier, digests.raw, order);
    if (verdict !== "new-attempt") return verdict === "known" ? { taken: false, id: order.id } : verdict;
  }
  const denied = whyDenied(order, world);
  if (denied) return denied;
  world.book.record({
    event: "wo.received",
    actor,
    wo: order.id,
    data: {
      agent,
      via,
      raw: digests.raw,
      order: digests.order,
      rawFilename: filename,
      inboxPath,
      attempt: (earlier?.attempt ?? 0) + 1,
      warnings: order.warnings,
      executor: executorOf(order, agent, world.config().agents),
    },
    summary: `${order.id} received${agent === null ? "" : ` for ${agent}`}: ${order.title || order.summary || "(no title)"}`,
  });
  supersede(order, world);
  decideWay(submission, world);
  return { taken: true, id: order.id };
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
