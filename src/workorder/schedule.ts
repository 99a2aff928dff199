/**
 * Which orders may begin now: pure over the rows and what is running.
 *
 * Orders whose paths overlap run one after another, by priority and then arrival; a waiting order keeps its place, so that a later
 * one that overlaps with it does not overtake. Orders without commands go in groups, orders with commands alone.
 */

import type { WorkOrder } from "./order.ts";
import { byPriority } from "./order-book.ts";
import type { OrderRow } from "./order-row.ts";

/** The paths that an order may change, or everything. */
export type Claim = readonly string[] | "everything";

export interface Candidate {
  row: OrderRow;
  claim: Claim;
  commands: boolean;
}

/** Both by priority; of the same priority the earlier ones first. */
export function* inTurn(earlier: Iterable<OrderRow>, later: readonly OrderRow[]): Generator<OrderRow, void> {
  const left = [...later];
  for (const row of earlier) {
    while (left[0] !== undefined && byPriority(left[0], row) < 0) yield left.shift()!;
    yield row;
  }
  yield* left;
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
  /** By priority and arrival; no more of them are asked for than are needed to fill the group. */
  candidates: Iterable<Candidate>;
  running: readonly Claim[];
  freeSlots: number;
  groupMax: number;
  nowMs: number;
  stateOf(id: string): OrderRow | null;
}

export function pick({ candidates, running, freeSlots, groupMax, nowMs, stateOf }: PickRequest): Picked {
  const picked: Picked = { group: [], alone: [], nextDueMs: null, hopeless: [] };
  const taken = new Claims(running);
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
    const free = !taken.overlap(claim);
    taken.add(claim);
    if (!free) continue;
    if (commands && picked.alone.length < freeSlots) picked.alone.push({ row, claim });
    if (!commands) picked.group.push(row);
    if (picked.group.length >= groupMax) break;
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

/** Which paths are spoken for. A path overlaps with itself, with what is below it and with what it is below. */
export class Claims {
  readonly #paths = new Set<string>();
  readonly #above = new Set<string>();
  #count = 0;
  #everything = false;

  constructor(claims: Iterable<Claim> = []) {
    for (const claim of claims) this.add(claim);
  }

  add(claim: Claim): void {
    this.#count += 1;
    if (claim === "everything") {
      this.#everything = true;
      return;
    }
    for (const path of claim) {
      this.#paths.add(path);
      for (const folder of foldersAbove(path)) this.#above.add(folder);
    }
  }

  /** `everything` overlaps with whatever there is. */
  overlap(claim: Claim): boolean {
    if (claim === "everything") return this.#count > 0;
    if (this.#everything) return true;
    return claim.some(
      (path) =>
        this.#paths.has(path) || this.#above.has(path) || foldersAbove(path).some((one) => this.#paths.has(one)),
    );
  }
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) folders.push(path.slice(0, cut));
  return folders;
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
