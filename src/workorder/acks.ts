/**
 * Acknowledgements: what an agent finds in its outbox when an order is over, and what a manual agent leaves there to say so.
 *
 * Both are `outbox/<AGENT>/<WO-ID>.ack.json`, in the words that agents have used before: `success`, `failed`, `partial`.
 */

import { HoldfastError } from "../base/index.ts";
import type { Operation, WorkOrder } from "./order.ts";
import { isOver, type OrderRow, type Stage } from "./order-row.ts";

export interface Ack {
  wo_id: string;
  status: "success" | "failed" | "cancelled";
  stage: Stage;
  result: AckResult | null;
  error: string | null;
  summary: string;
  completed_at: string;
}

export interface AckResult {
  wo_id: string;
  status: "success";
  message: string;
  files_touched: string[];
  ops_results: { op: string; file: string | null; status: "success" }[];
  tests: { name: string; ok: boolean }[];
  /** From taking the order to its end. */
  duration_ms: number;
}

export const ACK_SUFFIX = ".ack.json";

/** `null` while the order is not over: held and routed orders are nobody's success yet. */
export function ackOf(row: OrderRow, order: WorkOrder): Ack | null {
  if (!isOver(row)) return null;
  const ok = row.status === "done";
  const summary = summaryOf(row, order);
  const completedAt = row.acceptedAt ?? row.updatedAt;
  return {
    wo_id: row.id,
    status: ok ? "success" : row.status === "cancelled" ? "cancelled" : "failed",
    stage: row.stage,
    result: ok ? resultOf(row, order, { summary, completedAt }) : null,
    error: ok || row.error === null ? null : `${row.error.code}: ${row.error.message}`,
    summary,
    completed_at: completedAt,
  };
}

function resultOf(row: OrderRow, order: WorkOrder, end: { summary: string; completedAt: string }): AckResult {
  return {
    wo_id: row.id,
    status: "success",
    message: end.summary,
    files_touched: row.dryRun ? [] : row.paths,
    ops_results: row.dryRun ? [] : order.operations.map((operation) => opResult(operation)),
    tests: row.tests.map(({ name, ok }) => ({ name, ok })),
    duration_ms: Date.parse(end.completedAt) - Date.parse(row.createdAt),
  };
}

function opResult(operation: Operation): AckResult["ops_results"][number] {
  return { op: operation.op, file: operation.path, status: "success" };
}

function summaryOf(row: OrderRow, order: WorkOrder): string {
  if (row.status === "failed") return row.error?.message ?? "failed";
  if (row.summary !== null) return row.summary;
  if (row.dryRun) return `dry run: ${row.paths.length} paths would change`;
  const parts = order.operations.length + order.steps.length;
  return `${parts}/${parts} operations succeeded`;
}

/** What an agent says in its own acknowledgement. `null`: it says nothing about an end yet (`running`, `received`). */
export interface AgentWord {
  ok: boolean;
  summary: string;
}

const GOOD = /^(success|succeeded|successful|ok|pass|passed|completed?|done|finished|accepted|approved|applied)$/i;
const BAD = /^(fail|failed|failure|error|errored|partial|rejected|refused|timeout|timed[ _-]?out|cancell?ed|aborted)$/i;

/** `WO_UNREADABLE` when it is no acknowledgement of `id`. `partial` is not a success: part of the order is not done. */
export function readAck(text: string, id: string): AgentWord | null {
  const ack = parseAck(text, id);
  const status = textOf(ack["status"]) || textOf(ack["result"]);
  if (!GOOD.test(status) && !BAD.test(status)) return null;
  const result = isRecord(ack["result"]) ? textOf(ack["result"]["message"]) : "";
  const said = [ack["summary"], result, ack["error"], ack["message"]].map(textOf).find((text) => text !== "");
  return { ok: GOOD.test(status), summary: (said ?? status).slice(0, SUMMARY_LENGTH_MAX).toWellFormed() };
}

/** True for an acknowledgement that an agent wrote itself about this outcome: in its own words it says more than ours would. */
export function isAgentsOwn(text: string, row: OrderRow): boolean {
  try {
    return !hasOwnStage(text, row.id) && readAck(text, row.id)?.ok === (row.status === "done");
  } catch (error) {
    if (error instanceof HoldfastError) return false;
    throw error;
  }
}

/** True for one that Holdfast writes, or an agent that uses the same words for stages. Throws as `readAck` does. */
export function hasOwnStage(text: string, id: string): boolean {
  return OWN_STAGES.has(textOf(parseAck(text, id)["stage"]));
}

const OWN_STAGES = new Set<string>([
  "accepted",
  "planned",
  "undone",
  "conflicted",
  "refused",
  "cancelled",
] satisfies Stage[]);

const SUMMARY_LENGTH_MAX = 1_000;

function parseAck(text: string, id: string): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HoldfastError("WO_UNREADABLE", `the acknowledgement of ${id} is not valid JSON: ${error.message}`);
  }
  if (!isRecord(found)) throw new HoldfastError("WO_UNREADABLE", `the acknowledgement of ${id} is no mapping`);
  const named = textOf(found["wo_id"] ?? found["id"] ?? id);
  if (named === id) return found;
  throw new HoldfastError("WO_UNREADABLE", `the acknowledgement of ${id} names another order`, { data: { named } });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
