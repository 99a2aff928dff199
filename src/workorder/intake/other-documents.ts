/** What lies among orders and is none: how each kind is told. Ordered; the first rule that holds counts. */

import type { Facts } from "./facts.ts";
import { isRecord } from "./fields.ts";

export interface Rule {
  what: string;
  reason: string;
  holds(facts: Facts): boolean;
}

const OUTCOME =
  /^(success|succeeded|successful|ok|pass|passed|fail|failed|failure|error|errored|partial|completed?|done|finished|skipped|time(d[ _-]?)?out|cancell?ed|aborted|rejected|blocked|executed|applied)$/i;
const hasOutcome = ({ text }: Facts) => OUTCOME.test(text("status").trim());

/** The document says that it is over: nothing in it is done again. */
export const RULES_WHATEVER_IT_CARRIES: Rule[] = [
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
      has("acknowledged_at", "acked_at") || /^ack(nowledged?|nowledgement)?$/i.test(text("type") || text("status")),
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

/** What asks for something, beyond naming it. */
const DEMAND = [
  "objective description body instructions requirements problem goal objectives request prompt task",
  "task_spec gmx_plan plan work_order steps deliverables acceptance_criteria",
].flatMap((line) => line.split(" "));

/** Nothing to execute is in the document. */
export const RULES_WITHOUT_BODY: Rule[] = [
  {
    what: "approval",
    reason: "it approves an order; it has nothing of its own to execute",
    holds: ({ has, text }) =>
      has("approved_by", "approved_at", "rejected_by", "rejected_at") &&
      !has(...DEMAND) &&
      (!has("title") ||
        /^(approved?|rejected?|publish|granted|denied)$/i.test(text("status") || text("decision") || text("action"))),
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
    holds: ({ has }) =>
      has("ts", "timestamp", "time") &&
      !has(...DEMAND) &&
      ((has("event") && !has("title")) || (has("type") && has("summary") && has("source", "memo", "author", "links"))),
  },
  {
    what: "status entry",
    reason: "it tells how far an order is",
    holds: ({ has }) =>
      has("status", "stage") &&
      has("ts", "timestamp", "updated_at", "checked_at", "last_checked") &&
      !has("title", "summary", ...DEMAND),
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
      (isRecord(value["services"]) && !has("title", ...DEMAND)) ||
      (has("$schema") && has("properties", "$defs")),
  },
  {
    what: "unknown",
    reason: "nothing in it asks for anything, and it has nothing to execute",
    holds: ({ has }) =>
      !has("title", "summary", ...DEMAND, "wo_id", "work_order_id", "task_id") &&
      !has("metadata", "payload", "action", "intent"),
  },
];

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
