/** What somebody says about an order that does not run: cancel it, let it run, try it again, it is done. Each is a record, and its row. */

import { HoldfastError } from "../base/index.ts";
import type { Actor, EventData } from "../ledger/index.ts";
import type { OrderRow } from "./order-row.ts";
import { decideWay } from "./receive.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

export function cancelWaiting(id: string, actor: Actor, reason: string, world: OrderWorld): void {
  record(id, actor, "wo.cancelled", { reason }, `${id} cancelled: ${reason}`, world);
}

export function approve(id: string, actor: Actor, world: OrderWorld): void {
  mustBe(id, "held", world);
  record(id, actor, "wo.approved", {}, `${id} approved by ${actor.name}`, world);
}

export function retry(id: string, actor: Actor, world: OrderWorld): void {
  const { store, book } = world;
  const row = book.mustRow(id);
  if (row.status !== "failed" && row.status !== "cancelled") {
    throw new HoldfastError("WO_STATE", `${id} is ${row.stage}: only a failed or cancelled order can be tried again`, {
      data: { id, stage: row.stage },
    });
  }
  store.transaction(() => {
    record(id, actor, "wo.retried", { attempt: row.attempt + 1 }, `${id} is tried again by ${actor.name}`, world);
    // A person who tries it again has looked at it; an agent must not get past a person's word that way.
    const via = actor.kind === "agent" ? row.via : "cli";
    decideWay({ order: book.order(row), agent: row.agent, via }, world);
  });
}

/** A routed order's agent, or a person, says how it ended. */
export function complete(
  id: string,
  actor: Actor,
  { ok, summary }: { ok: boolean; summary: string },
  world: OrderWorld,
): void {
  mustBe(id, "routed", world);
  if (ok) record(id, actor, "wo.completed", { summary }, `${id} completed: ${summary}`, world);
  else record(id, actor, "wo.failed", { message: summary }, `${id} failed: ${summary}`, world);
}

export function refuseDependent(row: OrderRow, dependency: string, world: OrderWorld): void {
  const { code, message, hint } = new HoldfastError(
    "WO_DEPENDENCY",
    `${row.id} depends on ${dependency}, which did not succeed`,
    { hint: `holdfast wo show ${dependency}` },
  );
  record(row.id, EXECUTOR, "wo.refused", { code, message, hint }, message, world);
}

function mustBe(id: string, stage: OrderRow["stage"], { book }: OrderWorld): void {
  const row = book.mustRow(id);
  if (row.stage === stage) return;
  throw new HoldfastError("WO_STATE", `${id} is ${row.stage}, not ${stage}`, { data: { id, stage: row.stage } });
}

function record<E extends "wo.cancelled" | "wo.approved" | "wo.retried" | "wo.completed" | "wo.failed" | "wo.refused">(
  id: string,
  actor: Actor,
  event: E,
  data: EventData[E],
  summary: string,
  { store, book }: OrderWorld,
): void {
  const ok = event !== "wo.failed" && event !== "wo.refused";
  store.transaction(() => book.record({ event, actor, wo: book.mustRow(id).id, ok, data, summary }));
}
