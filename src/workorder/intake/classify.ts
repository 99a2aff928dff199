/**
 * What a document is, said honestly: an order, or something else that lies among orders.
 *
 * A document with something to execute is an order, unless it says of itself that it is over (an outcome and a mark of its end) or
 * that it was never filled in. One with nothing to execute is an order when it asks for something: it is routed, never done. The
 * rest is set aside with a reason. Content decides; a file's name only tells an acknowledgement from a result.
 */

import type { Classified } from "../order.ts";
import { hasBody } from "../order.ts";
import { isRecord, scalarText } from "./fields.ts";
import { hasPlaceholder, hasStrongPlaceholder } from "./order-id.ts";
import type { Parsed } from "./parse.ts";
import { orderOf } from "./read-order.ts";

/** Throws what `orderOf` throws: a document that is an order, and a wrong one, is refused rather than set aside. */
export function classify(document: Parsed, options: { inFolder?: boolean } = {}): Classified {
  const { value, filename } = document;
  if (!isRecord(value)) return { kind: "not-an-order", ...noMapping(value) };
  const facts = factsOf(value, filename);
  const settled = RULES_WHATEVER_IT_CARRIES.find(({ holds }) => holds(facts));
  if (settled) return { kind: "not-an-order", what: settled.what, reason: settled.reason };
  const template = templateReason(facts);
  if (template?.isCertain) return { kind: "not-an-order", what: "template", reason: template.reason };
  if (!mayCarryBody(value)) {
    const bodyless = RULES_WITHOUT_BODY.find(({ holds }) => holds(facts));
    if (bodyless) return { kind: "not-an-order", what: bodyless.what, reason: bodyless.reason };
  }
  const order = orderOf(document);
  if (!options.inFolder && facts.has("body_file")) {
    order.warnings.push("`body_file` names a file of a folder order; this document came alone");
  }
  if (hasBody(order)) return { kind: "order", order };
  if (template) return { kind: "not-an-order", what: "template", reason: template.reason };
  const rule = RULES_WITHOUT_BODY.find(({ holds }) => holds(facts));
  if (rule) return { kind: "not-an-order", what: rule.what, reason: rule.reason };
  return { kind: "order", order };
}

interface Facts {
  filename: string;
  value: Record<string, unknown>;
  /** True when one of the keys is there with a value that is not null. */
  has(...keys: string[]): boolean;
  /** The text at a key, or at `a.b`; empty when there is none. */
  text(key: string): string;
}

interface Rule {
  what: string;
  reason: string;
  holds(facts: Facts): boolean;
}

const OUTCOME =
  /^(success|succeeded|successful|ok|pass|passed|fail|failed|failure|error|errored|partial|completed?|done|finished|skipped|time(d[ _-]?)?out|cancell?ed|aborted|rejected|blocked|executed|applied)$/i;
const hasOutcome = ({ text }: Facts) => OUTCOME.test(text("status").trim());

/** The document says that it is over: nothing in it is done again. */
const RULES_WHATEVER_IT_CARRIES: Rule[] = [
  {
    what: "state",
    reason: "it is a state file that Holdfast or a tracker wrote about an order",
    holds: ({ has, text, value }) =>
      (text("source") === "work_order" && has("status") && (isRecord(value["meta"]) || has("progress"))) ||
      (Array.isArray(value["items"]) && has("updated_at") && !has("wo_id")),
  },
  {
    what: "acknowledgement",
    reason: "it reports the outcome of an order (a status and its end)",
    holds: (facts) =>
      hasOutcome(facts) &&
      facts.has("wo_id", "id", "task_id", "work_order_id", "order_id") &&
      (facts.has("completed_at", "finished_at", "acknowledged_at", "acked_at") ||
        (isAckName(facts) && facts.has("result", "summary", "stage", "error"))),
  },
  {
    what: "acknowledgement",
    reason: "it acknowledges an order",
    holds: ({ has, text }) =>
      has("acknowledged_at", "acked_at", "ack") ||
      /^ack(nowledged?|nowledgement)?$/i.test(text("type") || text("status")),
  },
  {
    what: "result",
    reason: "it reports what came of an order (an outcome and results)",
    holds: (facts) =>
      hasOutcome(facts) &&
      facts.has(
        "results",
        "result",
        "ops_results",
        "files_touched",
        "exit_code",
        "duration_ms",
        "executed_at",
        "output",
      ),
  },
  {
    what: "result",
    reason: "it reports how a command ended (an exit code and its times)",
    holds: ({ has }) =>
      has("exit_code", "exitcode", "returncode", "return_code", "rc") &&
      has(
        "ts_start",
        "ts_end",
        "started_at",
        "finished_at",
        "ended_at",
        "completed_at",
        "duration_ms",
        "duration",
        "log",
        "stdout",
        "timestamp",
        "ts",
      ),
  },
  {
    what: "error",
    reason: "it is a report of why another file was set aside",
    holds: ({ has, filename }) =>
      /\.(error|reason)\.json$/i.test(filename) && (has("code", "reason") || has("message")),
  },
];

const REQUEST = [
  "title objective description summary body instructions requirements problem goal objectives request prompt task",
  "task_spec gmx_plan plan work_order steps deliverables acceptance_criteria",
].flatMap((line) => line.split(" "));

/** Nothing to execute is in the document. */
const RULES_WITHOUT_BODY: Rule[] = [
  {
    what: "approval",
    reason: "it approves an order; it has nothing of its own to execute",
    holds: ({ has }) =>
      has("approved_by", "approved_at", "rejected_by", "rejected_at", "approval") &&
      !has("objective", "description", "body", "requirements", "problem", "instructions", "task_spec"),
  },
  {
    what: "manifest",
    reason: "it lists checksums or sizes of files",
    holds: ({ value, has }) =>
      !has("title", "objective", "description", "body") &&
      (isRecord(value["checksums"]) || Array.isArray(value["checksums"]) || listsFiles(value)),
  },
  {
    what: "result",
    reason: "it reports an outcome, and asks for nothing",
    holds: (facts) =>
      hasOutcome(facts) &&
      (facts.has("timestamp", "ts", "completed_at", "updated_at", "error", "message") || isResultName(facts)) &&
      !facts.has("objective", "body", "requirements", "problem", "task_spec"),
  },
  {
    what: "queue entry",
    reason: "it is an entry of a queue that points at an order",
    holds: ({ has }) =>
      has("queued_at", "enqueued_at", "dequeued_at", "claimed_by", "claimed_at", "lease_until", "queue_position") &&
      !has("objective", "description", "body", "requirements", "problem", "task_spec"),
  },
  {
    what: "ledger entry",
    reason: "it is a line of a ledger or of telemetry: it tells of something that happened",
    holds: ({ has, value }) =>
      has("ts", "timestamp", "time") &&
      (has("event") || (has("type") && has("summary", "source", "memo"))) &&
      !has("wo_id", "task_spec") &&
      !Array.isArray(value["deliverables"]),
  },
  {
    what: "heartbeat",
    reason: "it tells how a part is doing",
    holds: ({ has }) =>
      has("heartbeat", "last_heartbeat", "last_seen", "uptime", "uptime_sec") && !has("wo_id", "title", "objective"),
  },
  {
    what: "configuration",
    reason: "it configures another program",
    holds: ({ has, value }) =>
      (has("name") && has("version") && has("scripts", "dependencies", "devDependencies", "private", "main")) ||
      (has("jobs") && has("on")) ||
      (isRecord(value["services"]) && !has(...REQUEST)) ||
      has("$schema"),
  },
  {
    what: "unknown",
    reason: "nothing in it asks for anything, and it has nothing to execute",
    holds: ({ has }) =>
      !has(...REQUEST, "wo_id", "work_order_id", "task_id") && !has("metadata", "payload", "action", "intent"),
  },
];

function noMapping(value: unknown): { what: string; reason: string } {
  if (value === null) return { what: "empty", reason: "the file holds nothing but space and comments" };
  if (Array.isArray(value)) return { what: "list", reason: "it is a list whose entries are not all mappings" };
  return { what: "text", reason: "it is plain text, not a mapping of fields" };
}

function factsOf(value: Record<string, unknown>, filename: string): Facts {
  return {
    filename,
    value,
    has: (...keys) => keys.some((key) => Object.hasOwn(value, key) && value[key] !== null && value[key] !== ""),
    text: (name) => {
      const [key = "", below] = name.split(".");
      const found: unknown = Object.hasOwn(value, key) ? value[key] : null;
      if (below === undefined) return scalarText(found) ?? "";
      return isRecord(found) && Object.hasOwn(found, below) ? (scalarText(found[below]) ?? "") : "";
    },
  };
}

const isAckName = ({ filename }: Facts) => /[._-]ack\.[a-z]+$/i.test(filename);
const isResultName = ({ filename }: Facts) => /[._-]results?\.[a-z]+$/i.test(filename);

/** `[{path, sha256, size}]` without content. */
function listsFiles({ files }: Record<string, unknown>): boolean {
  return (
    Array.isArray(files) &&
    files.length > 0 &&
    files.every((file) => isRecord(file) && (Object.hasOwn(file, "sha256") || Object.hasOwn(file, "size")))
  );
}

const NAMED = [
  "wo_id",
  "id",
  "work_order_id",
  "task_id",
  "title",
  "metadata.title",
  "summary",
  "payload.summary",
  "objective",
  "target",
  "owner",
  "assignee",
];
const DATED = [
  "wo_id",
  "id",
  "work_order_id",
  "task_id",
  "created_at",
  "timestamp",
  "due_date",
  "metadata.submitted_at",
  "metadata.created_at",
  "metadata.created",
];

/**
 * An order form that was never filled in. Certain by words that no finished order holds, or by a date pattern where the name of the
 * file says template too; a date pattern alone counts only when there is nothing to execute. `$(date)` is a slip, no form.
 */
function templateReason({ text, filename }: Facts): { isCertain: boolean; reason: string } | null {
  const named = NAMED.find((key) => hasStrongPlaceholder(text(key)));
  if (named) return { isCertain: true, reason: `it is a form that was never filled in: ${named} is a placeholder` };
  const unrated = ["priority", "metadata.priority"].find((key) => /^P[xX?N]$/.test(text(key)));
  if (unrated)
    return { isCertain: true, reason: `it is a form that was never filled in: ${unrated} is ${text(unrated)}` };
  const dated = DATED.find((key) => hasPlaceholder(text(key)) && !/\$\(|`/.test(text(key)));
  if (!dated) return null;
  return {
    isCertain: /template|example_form|skeleton/i.test(filename),
    reason: `it is a form that was never filled in: ${dated} holds a placeholder`,
  };
}

const BODY_KEYS = [
  "files",
  "operations",
  "ops",
  "edits",
  "patch",
  "patches",
  "patch_content",
  "diff",
  "steps",
  "cmd",
  "code",
];

/** True when a key is there that can hold something to execute. Cheap: whether it does is for `orderOf` to say. */
function mayCarryBody(value: Record<string, unknown>): boolean {
  const below = ["payload", "action", "task_spec", "work_order"].map((key) =>
    Object.hasOwn(value, key) ? value[key] : null,
  );
  return [value, ...below].some((record) => isRecord(record) && BODY_KEYS.some((key) => Object.hasOwn(record, key)));
}
