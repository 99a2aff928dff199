/**
 * Which orders may begin now: pure over the rows and what is running.
 *
 * Orders whose paths overlap run one after another, by priority and then arrival; a waiting order keeps its place, so that a later
 * one that overlaps with it does not overtake. Orders without commands go in groups, orders with commands alone.
 */

import type { WorkOrder } from "./order.ts";
import type { OrderRow } from "./order-row.ts";

/** The paths that an order may change, or everything. */
export type Claim = readonly string[] | "everything";

export interface Candidate {
  row: OrderRow;
  claim: Claim;
  commands: boolean;
}

export interface Picked {
  /** One group, sharing barriers. */
  group: OrderRow[];
  /** Each on its own, side by side. */
  alone: { row: OrderRow; claim: Claim }[];
  /** When the next one that waits for a time is due; `null` when none waits. */
  nextDueMs: number | null;
  /** Orders that will never run: what they depend on failed. */
  hopeless: { row: OrderRow; dependency: string }[];
}

export interface PickRequest {
  candidates: readonly Candidate[];
  running: readonly Claim[];
  freeSlots: number;
  groupMax: number;
  nowMs: number;
  stateOf(id: string): OrderRow | null;
}

export function pick({ candidates, running, freeSlots, groupMax, nowMs, stateOf }: PickRequest): Picked {
  const picked: Picked = { group: [], alone: [], nextDueMs: null, hopeless: [] };
  const taken: Claim[] = [...running];
  for (const { row, claim, commands } of candidates) {
    const dueMs = Math.max(row.notBeforeMs ?? 0, row.retryAtMs ?? 0);
    if (dueMs > nowMs) {
      picked.nextDueMs = Math.min(picked.nextDueMs ?? Number.POSITIVE_INFINITY, dueMs);
      continue;
    }
    const dependency = dependencyOf(row, stateOf);
    if (dependency === "waiting") continue;
    if (dependency !== null) {
      picked.hopeless.push({ row, dependency: dependency.failed });
      continue;
    }
    const free = !taken.some((other) => overlap(other, claim));
    taken.push(claim);
    if (!free) continue;
    if (!commands && picked.group.length < groupMax) picked.group.push(row);
    else if (commands && picked.alone.length < freeSlots) picked.alone.push({ row, claim });
  }
  return picked;
}

function dependencyOf(row: OrderRow, stateOf: PickRequest["stateOf"]): "waiting" | { failed: string } | null {
  for (const id of row.dependsOn) {
    const status = stateOf(id)?.status;
    if (status === "failed" || status === "cancelled") return { failed: id };
    if (status !== "done") return "waiting";
  }
  return null;
}

export function overlap(a: Claim, b: Claim): boolean {
  if (a === "everything" || b === "everything") return true;
  return a.some((left) =>
    b.some((right) => left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`)),
  );
}

/** From the paths as the author wrote them; a patch may name any. */
export function claimOfOrder(order: WorkOrder, parse: (text: string) => string): Claim {
  if ((order.steps.length > 0 || order.checks.length > 0) && order.touches === null) return "everything";
  const paths: string[] = [...(order.touches ?? [])];
  for (const operation of order.operations) {
    if (operation.op === "patch") {
      if (operation.path === null) return "everything";
      paths.push(operation.path);
    } else {
      paths.push(operation.path);
      if (operation.op === "move") paths.push(operation.to);
    }
  }
  return paths.map(parse);
}
