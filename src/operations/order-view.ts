/** An order as verbs answer it; the contract is `docs/formats.md`. */

import { LIMITS, printableLine } from "../base/index.ts";
import type { OrderRow } from "../workorder/index.ts";
import type { Style } from "./operation.ts";

export interface OrderView {
  id: string;
  status: string;
  stage: string;
  title: string;
  agent: string | null;
  attempts: number;
  paths: string[];
  tests: { name: string; ok: boolean; output: string }[];
  error: { code: string; message: string; hint: string } | null;
  /** The point before it began, as `restore --from` takes it. */
  snapshot: string | null;
  ledgerSeq: number;
  createdAt: string;
  acceptedAt: string | null;
  priority: string;
  executor: string;
  heldBecause: string | null;
  warnings: string[];
  isStale: boolean;
}

export function orderView(row: OrderRow, nowMs: number): OrderView {
  const isOpen = row.status === "pending" || row.status === "running";
  return {
    id: row.id,
    status: row.status,
    stage: row.stage,
    title: row.title,
    agent: row.agent,
    attempts: row.attempt,
    paths: row.paths,
    tests: row.tests,
    error: row.error === null ? null : { code: row.error.code, message: row.error.message, hint: row.error.hint },
    snapshot: row.point === null ? null : `V${row.point}`,
    ledgerSeq: row.ledgerSeq,
    createdAt: row.createdAt,
    acceptedAt: row.acceptedAt,
    priority: row.priority,
    executor: row.executor,
    heldBecause: row.heldBecause,
    warnings: row.warnings,
    isStale: isOpen && nowMs - Date.parse(row.updatedAt) > LIMITS.staleAfterMs,
  };
}

/** `✓ WO-1  accepted  High  Install the processors`. */
export function orderLine(order: OrderView, style: Style): string {
  const stage = stageInColour(order, style);
  const stale = order.isStale ? style.warn(" stale") : "";
  return `${stage}  ${style.bold(printableLine(order.id))}${stale}  ${printableLine(order.title)}${order.error ? `\n     ${style.bad(printableLine(order.error.message))}` : ""}`;
}

const STAGE_WIDTH = 12;

function stageInColour({ status, stage }: OrderView, style: Style): string {
  const mark = { pending: "·", running: "▸", done: "✓", failed: "✗", cancelled: "–" }[status] ?? "?";
  const text = `${mark} ${stage}`.padEnd(STAGE_WIDTH);
  if (status === "done") return style.good(text);
  if (status === "failed") return style.bad(text);
  return stage === "held" ? style.warn(text) : text;
}

/** Everything about one order, for `wo show` and `submit --wait`. */
export function orderDetails(order: OrderView, style: Style): string {
  const lines = [orderLine(order, style)];
  const add = (label: string, value: string) => lines.push(`  ${style.dim(label.padEnd(9))} ${value}`);
  if (order.agent !== null) add("agent", printableLine(order.agent));
  add("created", order.createdAt);
  if (order.acceptedAt !== null) add("accepted", order.acceptedAt);
  if (order.heldBecause !== null) add("held", `${printableLine(order.heldBecause)}  → holdfast wo approve ${order.id}`);
  if (order.attempts > 1) add("attempts", String(order.attempts));
  for (const path of order.paths.slice(0, 10)) add(path === order.paths[0] ? "paths" : "", printableLine(path));
  if (order.paths.length > 10) add("", `… and ${order.paths.length - 10} more`);
  for (const test of order.tests) lines.push(...testLines(test, style));
  for (const warning of order.warnings) add("warning", style.warn(printableLine(warning)));
  if (order.snapshot !== null) add("before", `${order.snapshot}  → holdfast restore <path> --from ${order.snapshot}`);
  if (order.error) add("next", printableLine(order.error.hint));
  return lines.join("\n");
}

const TEST_OUTPUT_LINES_MAX = 12;

function testLines(test: OrderView["tests"][number], style: Style): string[] {
  const head = `  ${test.ok ? style.good("✓") : style.bad("✗")} ${printableLine(test.name)}`;
  if (test.ok) return [head];
  const output = test.output.trimEnd().split("\n").slice(-TEST_OUTPUT_LINES_MAX);
  return [head, ...output.map((line) => `      ${printableLine(line)}`)];
}
