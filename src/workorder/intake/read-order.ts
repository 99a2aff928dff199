/**
 * A document's normal form. Pure: the same document gives the same order.
 *
 * Field by field the first name that is there counts (`docs/formats.md` has the table); what no field took is kept in `extra`.
 */

import { LIMITS, type WorkOrderId } from "../../base/index.ts";
import type { WorkOrder } from "../order.ts";
import { readBodies } from "./dialects/bodies.ts";
import { CONTAINERS, Fields, isRecord, Reading, scalarText } from "./fields.ts";
import { hasPlaceholder, idWarning, safeOrderId } from "./order-id.ts";
import { readTime } from "./order-time.ts";
import type { Parsed } from "./parse.ts";

const TITLE = ["title", "summary", "objective", "description", "body", "metadata.title", "payload.summary"];
const SUMMARY = ["summary", "objective", "description", "body", "payload.summary"];
const DESCRIPTION = [
  "description",
  "body",
  "gmx_plan.description",
  "task_spec.context.description",
  "context.description",
];
const OWNER = ["owner", "assignee", "maintainer", "agent", "target", "requested_by", "created_by"];
const CATEGORY = ["type", "intent", "task_type", "category", "classification", "phase"];
const DUE = ["due_date", "due", "deadline", "target_date"];
const CREATED = ["created_at", "created", "submitted_at", "timestamp"];
/** Most specific first; a value that names no agent is passed over by whoever routes. */
const ROUTES = ["target", "assignee", "agent", "owner", "routing_hint", "route_hints", "routing"];

/** `WO_INVALID`, `WO_CUT_OFF`, `WO_TOO_MANY`, each with field, line and column. */
export function orderOf(document: Parsed): WorkOrder {
  const reading = new Reading(document);
  if (!isRecord(document.value)) throw reading.refusal([], "is not a mapping, so it is no order");
  const fields = new Fields(reading, document.value, [], CONTAINERS);
  const body = readBodies(reading);
  const id = readId(fields, document);
  return {
    v: 1,
    id,
    title: readTitle(fields) ?? id,
    summary: fields.lines(...SUMMARY) ?? "",
    description: fields.lines(...DESCRIPTION, "desc") ?? "",
    owner: fields.text(...OWNER, "route_hints.preferred_executor") ?? "",
    category: fields.text(...CATEGORY) ?? "",
    priority: readPriority(fields),
    tags: [...new Set([...fields.list("tags"), ...fields.list("labels"), ...fields.list("metadata.tags")])],
    goal: fields.lines("objectives", "goal") ?? "",
    dueDate: readDueDate(fields),
    notes: fields.lines("notes") ?? "",
    progress: readProgress(fields),
    createdAt: readCreatedAt(fields),
    routes: readRoutes(fields),
    notBeforeMs: readNotBefore(fields),
    timeoutMs: fields.durationMs("timeout_sec", "timeout", "timeout_seconds"),
    retries: fields.count("retries", "max_retries"),
    dependsOn: fields.list("depends_on").map((text) => requireId(fields, "depends_on", text)),
    supersedes: readSupersedes(fields),
    dryRun: readDryRun(fields),
    operations: body.operations,
    steps: body.steps,
    checks: body.checks,
    idempotent: fields.flag("idempotent") ?? false,
    touches: readTouches(fields),
    warnings: reading.warnings,
    extra: reading.extra(),
  };
}

function readId(fields: Fields, { filename, index }: Parsed): WorkOrderId {
  const written = fields.text("wo_id", "id", "work_order_id", "task_id");
  if (written !== null) {
    const safe = safeOrderId(written);
    if (safe !== null) {
      const warning = idWarning(written, safe);
      if (warning !== null) fields.reading.warnings.push(warning);
      return safe;
    }
    fields.reading.warnings.push("the id has no character that can stay: the file's name is used");
  }
  const stem = filename.replace(/^.*\//, "").replace(/\.(ya?ml|json|jsonl|ndjson)$/i, "");
  return safeOrderId(index === 0 ? stem : `${stem}-${index + 1}`) ?? ("order" as WorkOrderId);
}

/** One line, at most 512 characters: the whole text stays where else it is kept (`summary`, `description`). */
function readTitle(fields: Fields): string | null {
  const text = fields.lines(
    ...TITLE,
    "gmx_plan.description",
    "task_spec.context.description",
    "context.title",
    "name",
    "desc",
  );
  const line = text?.split("\n").find((candidate) => candidate.trim() !== "");
  return line?.trim().slice(0, LIMITS.orderTitleLengthMax) ?? null;
}

const PRIORITIES = new Map<string, WorkOrder["priority"]>([
  ...["p0", "p1", "0", "1", "urgent", "critical", "high", "highest", "blocker"].map((word) => [word, "High"] as const),
  ...["p2", "2", "normal", "medium", "default"].map((word) => [word, "Medium"] as const),
  ...["p3", "p4", "p5", "3", "4", "5", "low", "lowest", "minor"].map((word) => [word, "Low"] as const),
]);

function readPriority(fields: Fields): WorkOrder["priority"] {
  const found = fields.all("priority")[0];
  if (!found) return "Medium";
  const priority = PRIORITIES.get((scalarText(found.value) ?? "").trim().toLowerCase());
  if (priority === undefined) {
    fields.reading.warnings.push(
      "the priority is none of P0 to P3, urgent, critical, high, normal, medium, low: taken as Medium",
    );
    return "Medium";
  }
  fields.reading.take(found.path);
  return priority;
}

function readProgress(fields: Fields): number | null {
  const found = fields.all("progress")[0];
  const text = scalarText(found?.value)?.trim().replace(/%$/, "") ?? "";
  if (!found || text === "" || !(Number(text) >= 0 && Number(text) <= 100)) return null;
  fields.reading.take(found.path);
  return Number(text);
}

function readDueDate(fields: Fields): string | null {
  const text = fields.text(...DUE);
  if (text !== null && hasPlaceholder(text)) fields.reading.warnings.push("the due date holds a placeholder");
  return text;
}

/** UTC, as ISO; what is no time stays in `extra`. */
function readCreatedAt(fields: Fields): string | null {
  for (const { path, value } of fields.all(...CREATED)) {
    const ms = readTime(value);
    if (ms !== null) {
      fields.reading.take(path);
      return new Date(ms).toISOString();
    }
    const why = hasPlaceholder(String(value)) ? "holds a placeholder" : "is no time";
    fields.reading.warnings.push(`${path.join(".")} ${why}: when the order was made is not known`);
  }
  return null;
}

/** What is there but cannot be read is refused: an order that runs too early cannot be taken back. */
function readNotBefore(fields: Fields): number | null {
  const found = fields.all("not_before")[0];
  if (!found) return null;
  const ms = readTime(found.value);
  if (ms === null) throw fields.reading.refusal(found.path, "is no time; write it as 2026-01-31T08:00:00Z");
  fields.reading.take(found.path);
  return ms;
}

function readRoutes(fields: Fields): string[] {
  const routes: string[] = [];
  for (const { path, value } of fields.all(...ROUTES)) {
    const name = path.at(-1);
    const isHint = name === "routing" || name === "route_hints";
    const texts =
      isRecord(value) && isHint ? hintsOf(value) : Array.isArray(value) ? value.map(scalarText) : [scalarText(value)];
    for (const text of texts) if (text?.trim()) routes.push(text.trim());
    if (name === "routing_hint" || (isHint && !isRecord(value))) fields.reading.take(path);
  }
  return [...new Set(routes)];
}

/** Of `{preferred_executor: x, fallback: y, review_required_by: z}` the executors; the rest stays in `extra`. */
function hintsOf(hints: Record<string, unknown>): (string | null)[] {
  const names = [
    "preferred_executor",
    "prefer_agent",
    "preferred_agent",
    "executor",
    "agent",
    "target",
    "fallback",
    "fallback_order",
  ];
  return names.flatMap((name) => {
    const value = Object.hasOwn(hints, name) ? hints[name] : null;
    return Array.isArray(value) ? value.map(scalarText) : [scalarText(value)];
  });
}

/** Any spelling that asks for a dry run makes it one. */
function readDryRun(fields: Fields): boolean {
  let dryRun = false;
  for (const { path, value } of fields.all("safety_mode", "execution_mode", "mode")) {
    if (!/^(dry[-_ ]?run|plan[-_ ]only)$/i.test(String(value).trim())) continue;
    fields.reading.take(path);
    dryRun = true;
  }
  for (const { path } of fields.all("dry_run", "dryRun", "dry-run", "dryrun")) {
    if (fields.flag(path.join("."))) dryRun = true;
  }
  return dryRun;
}

function readSupersedes(fields: Fields): WorkOrderId | null {
  const ids = fields.list("supersedes");
  if (ids.length > 1) throw fields.reading.refusal(fields.all("supersedes")[0]!.path, "can name one order only");
  return ids[0] === undefined ? null : requireId(fields, "supersedes", ids[0]);
}

function requireId(fields: Fields, name: string, text: string): WorkOrderId {
  const id = safeOrderId(text);
  if (id === null) throw fields.reading.refusal([name], "names no order");
  return id;
}

function readTouches(fields: Fields): string[] | null {
  const found = fields.all("touches")[0];
  if (!found) return null;
  const touches = fields.list("touches");
  const isEmpty = Array.isArray(found.value) && found.value.length === 0;
  if (touches.length === 0 && !isEmpty) throw fields.reading.refusal(found.path, "must be a list of paths");
  return touches;
}
