/**
 * The state file of one order, as other programs of a multi-agent tree read it. Pure; `docs/formats.md` has the contract.
 *
 * `updated_at` is the time of the last ledger record about the order: growing older does not move it.
 */

import { LIMITS } from "../base/index.ts";
import type { TestOutcome } from "../ledger/index.ts";
import type { WorkOrder } from "./order.ts";
import type { OrderRow, Stage, Status } from "./order-row.ts";

export interface StateFile {
  id: string;
  title: string;
  summary: string;
  description: string;
  owner: string;
  category: string;
  priority: WorkOrder["priority"];
  status: Status;
  created_at: string;
  updated_at: string;
  due_date: string | null;
  goal: string;
  progress: number;
  tags: string[];
  notes: string;
  last_error: string | null;
  source: "work_order";
  meta: StateMeta;
}

export interface StateMeta {
  state_schema_version: 1;
  stage: Stage;
  inbox_path: string | null;
  raw_filename: string | null;
  executor: string;
  age_hours: number;
  age_days: number;
  is_stale: boolean;
  attempts: number;
  /** As `holdfast restore --from` takes it: the tree before the order began. */
  snapshot: string | null;
  ledger_seq: number;
  paths: string[];
  tests: TestOutcome[];
  warnings: string[];
  held_because: string | null;
  extra: Record<string, unknown>;
}

export function stateFileOf(row: OrderRow, order: WorkOrder, nowMs: number): StateFile {
  const createdAt = order.createdAt ?? row.createdAt;
  const stale = isStale(row, nowMs);
  return {
    id: row.id,
    title: row.title,
    summary: order.summary,
    description: order.description,
    owner: order.owner,
    category: order.category,
    priority: row.priority,
    status: row.status,
    created_at: createdAt,
    updated_at: row.updatedAt,
    due_date: order.dueDate,
    goal: order.goal,
    progress: progressOf(row, order),
    tags: stale ? [...order.tags.filter((tag) => tag !== STALE), STALE] : order.tags,
    notes: order.notes,
    last_error: row.error && `${row.error.code}: ${row.error.message}`,
    source: "work_order",
    meta: {
      state_schema_version: 1,
      stage: row.stage,
      inbox_path: row.inboxPath,
      raw_filename: row.rawFilename,
      executor: row.executor,
      ...ageSince(Date.parse(createdAt), nowMs),
      is_stale: stale,
      attempts: row.attempt,
      snapshot: row.point === null ? null : `V${row.point}`,
      ledger_seq: row.ledgerSeq,
      paths: row.paths,
      tests: row.tests,
      warnings: row.warnings,
      held_because: row.heldBecause,
      extra: order.extra,
    },
  };
}

const STALE = "Stale";

/** Nothing happened to a pending or running order for too long. One that waits for its own `not_before` is not late yet. */
export function isStale(row: OrderRow, nowMs: number): boolean {
  if (row.status !== "pending" && row.status !== "running") return false;
  return nowMs - Math.max(Date.parse(row.updatedAt), row.notBeforeMs ?? 0) >= LIMITS.staleAfterMs;
}

/** How far Holdfast's own way is. Of a failed or cancelled order nothing is in the tree, so it is at 0. */
const PROGRESS: Record<Stage, number> = {
  received: 0,
  held: 0,
  routed: 0,
  planned: 25,
  applied: 50,
  verified: 75,
  accepted: 100,
  undone: 0,
  conflicted: 0,
  refused: 0,
  cancelled: 0,
};

/** Of an order that is routed, only its author or agent knows; a dry run ends planned, and done. */
function progressOf(row: OrderRow, order: WorkOrder): number {
  if (row.status === "done") return 100;
  return row.stage === "routed" ? (order.progress ?? 0) : PROGRESS[row.stage];
}

function ageSince(createdMs: number, nowMs: number): { age_hours: number; age_days: number } {
  const hours = Math.max(0, (nowMs - createdMs) / 3_600_000);
  return { age_hours: Math.round(hours * 10) / 10, age_days: Math.round((hours / 24) * 10) / 10 };
}

/** True when `written`, the text of a state file, says all that `state` says; how old the order is may differ. */
export function saysTheSame(written: string, state: StateFile): boolean {
  const found = parseState(written);
  if (found === null) return false;
  const { age_hours, age_days } = found.meta;
  return written === stateText({ ...state, meta: { ...state.meta, age_hours, age_days } });
}

export function stateText(state: StateFile): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

function parseState(text: string): { meta: Pick<StateMeta, "age_hours" | "age_days"> } | null {
  try {
    const found = JSON.parse(text) as { meta?: unknown } | null;
    return typeof found?.meta === "object" && found.meta !== null ? (found as { meta: StateMeta }) : null;
  } catch (error) {
    // Somebody else's text stands there: it says something else.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
