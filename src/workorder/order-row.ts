/**
 * One order's present state: a fold over its ledger records, kept as a row so that nobody has to replay.
 *
 * `fold` is the state machine, and the same function runs when a record is appended and when a lost database is rebuilt. Stages:
 *
 *   received → planned → applied → verified → accepted
 *       │         │         └──────────┴→ undone, conflicted        (undone with a retry → received)
 *       ├→ held (approve → received) ├→ routed (complete → accepted)  ├→ refused  ├→ cancelled
 */

import { assert, type Digest, LIMITS, type WorkOrderId } from "../base/index.ts";
import type { EventData, LedgerRecord, TestOutcome } from "../ledger/index.ts";
import { hasBody, type WorkOrder } from "./order.ts";

export type Status = "pending" | "running" | "done" | "failed" | "cancelled";
export type Stage =
  | "received"
  | "held"
  | "routed"
  | "planned"
  | "applied"
  | "verified"
  | "accepted"
  | "undone"
  | "conflicted"
  | "refused"
  | "cancelled";

export interface OrderRow {
  id: WorkOrderId;
  attempt: number;
  status: Status;
  stage: Stage;
  title: string;
  priority: WorkOrder["priority"];
  /** The inbox it came through, `null` when it was submitted to none. */
  agent: string | null;
  /** Who executes or answers for it: `holdfast`, or an agent's name. */
  executor: string;
  via: "cli" | "socket" | "inbox" | "repair" | "canary";
  raw: Digest;
  order: Digest;
  rawFilename: string | null;
  inboxPath: string | null;
  dryRun: boolean;
  dependsOn: WorkOrderId[];
  notBeforeMs: number | null;
  retryAtMs: number | null;
  retriesLeft: number | null;
  /** What it was about to change, or changed; cut at `LIMITS.ledgerPathsMax`. */
  paths: string[];
  changeSet: Digest | null;
  /** The vault's point before it began: `restore --from V…`. */
  point: number | null;
  /** The vault's point before its commands began. */
  stepsPoint: number | null;
  tests: TestOutcome[];
  warnings: string[];
  error: { code: string; message: string; hint: string } | null;
  heldBecause: string | null;
  summary: string | null;
  createdAt: string;
  updatedAt: string;
  acceptedAt: string | null;
  ledgerSeq: number;
}

/** The next state, or `null` for a record that is about no order. Total over the ledger's order events. */
export function fold(
  row: OrderRow | null,
  record: LedgerRecord,
  readOrder: (digest: Digest) => WorkOrder,
): OrderRow | null {
  if (record.event === "wo.received") {
    const { data, ts, seq } = record as LedgerRecord<"wo.received">;
    return receivedRow(data, readOrder(data.order), { ts, seq });
  }
  if (row === null || !record.event.startsWith("wo.")) return row;
  const next = change(row, record);
  return next === null ? row : { ...row, ...next, updatedAt: record.ts, ledgerSeq: record.seq };
}

/** `at`: the ledger record's. */
export function receivedRow(
  data: EventData["wo.received"],
  order: WorkOrder,
  at: Pick<LedgerRecord, "ts" | "seq">,
): OrderRow {
  return {
    id: order.id,
    attempt: data.attempt,
    status: "pending",
    stage: "received",
    title: order.title || order.summary || order.id,
    priority: order.priority,
    agent: data.agent,
    executor: data.executor,
    via: data.via,
    raw: data.raw,
    order: data.order,
    rawFilename: data.rawFilename,
    inboxPath: data.inboxPath,
    dryRun: order.dryRun,
    dependsOn: order.dependsOn,
    notBeforeMs: order.notBeforeMs,
    retryAtMs: null,
    retriesLeft: order.retries,
    paths: [],
    changeSet: null,
    point: null,
    stepsPoint: null,
    tests: [],
    warnings: data.warnings,
    error: null,
    heldBecause: null,
    summary: hasBody(order) ? null : "nothing to execute",
    createdAt: at.ts,
    updatedAt: at.ts,
    acceptedAt: null,
    ledgerSeq: at.seq,
  };
}

function change(row: OrderRow, record: LedgerRecord): Partial<OrderRow> | null {
  switch (record.event) {
    case "wo.held":
      return { status: "pending", stage: "held", heldBecause: (record as LedgerRecord<"wo.held">).data.reason };
    case "wo.approved":
      return { status: "pending", stage: "received", heldBecause: null };
    case "wo.routed":
      return { status: "pending", stage: "routed", executor: (record as LedgerRecord<"wo.routed">).data.to };
    case "wo.planned":
      return planned(row, record as LedgerRecord<"wo.planned">);
    case "wo.started":
      return { status: "running", stage: row.stage === "planned" ? "planned" : row.stage };
    case "wo.applied":
      return { status: "running", stage: "applied", stepsPoint: (record as LedgerRecord<"wo.applied">).data.point };
    case "wo.steps-ran":
      return { paths: withPaths(row, record) };
    case "wo.verified":
      return { status: "running", stage: "verified", tests: (record as LedgerRecord<"wo.verified">).data.tests };
    case "wo.accepted":
      return {
        status: "done",
        stage: "accepted",
        acceptedAt: record.ts,
        error: null,
        changeSet: (record as LedgerRecord<"wo.accepted">).data.changeSet,
        paths: withPaths(row, record),
      };
    case "wo.completed":
      return {
        status: "done",
        stage: "accepted",
        acceptedAt: record.ts,
        summary: (record as LedgerRecord<"wo.completed">).data.summary,
      };
    case "wo.failed":
      return {
        status: "failed",
        stage: "undone",
        error: failure("WO_STEP_FAILED", (record as LedgerRecord<"wo.failed">).data.message),
      };
    case "wo.undone":
      return undone(row, record as LedgerRecord<"wo.undone">);
    case "wo.conflicted": {
      const { data } = record as LedgerRecord<"wo.conflicted">;
      return { status: "failed", stage: "conflicted", error: data, tests: data.tests };
    }
    case "wo.refused":
      return { status: "failed", stage: "refused", error: (record as LedgerRecord<"wo.refused">).data };
    case "wo.cancelled":
      return { status: "cancelled", stage: "cancelled", summary: (record as LedgerRecord<"wo.cancelled">).data.reason };
    case "wo.retried":
      return {
        status: "pending",
        stage: "received",
        attempt: (record as LedgerRecord<"wo.retried">).data.attempt,
        retryAtMs: null,
      };
    default:
      return null;
  }
}

function planned(row: OrderRow, { data, paths, ts }: LedgerRecord<"wo.planned">): Partial<OrderRow> {
  const common = { changeSet: data.changeSet, point: data.point, paths: paths ?? [], stage: "planned" as const };
  return data.dryRun ? { ...common, status: "done", acceptedAt: ts } : { ...common, status: row.status };
}

/** What it planned and what its commands changed besides, each once. */
function withPaths({ paths }: OrderRow, record: LedgerRecord): string[] {
  return [...new Set([...paths, ...(record.paths ?? [])])].slice(0, LIMITS.ledgerPathsMax);
}

/** With a time to try again the order is pending once more; without one it has failed for good. */
function undone(row: OrderRow, { data }: LedgerRecord<"wo.undone">): Partial<OrderRow> {
  const error = { code: data.code, message: data.message, hint: data.hint };
  if (data.retryAtMs === null) return { status: "failed", stage: "undone", error, tests: data.tests };
  assert(row.attempt >= 1, "a received order has an attempt");
  return {
    status: "pending",
    stage: "received",
    error,
    tests: data.tests,
    retryAtMs: data.retryAtMs,
    attempt: row.attempt + 1,
    retriesLeft: row.retriesLeft === null ? null : Math.max(0, row.retriesLeft - 1),
  };
}

function failure(code: string, message: string): { code: string; message: string; hint: string } {
  return { code, message, hint: "" };
}

export function isOver(row: OrderRow): boolean {
  return row.status === "done" || row.status === "failed" || row.status === "cancelled";
}
