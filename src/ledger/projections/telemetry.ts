/** `unified.jsonl`: one short line for each ledger record, in the words that other programs of a multi-agent tree use. */

import type { AnyLedgerRecord, EventName, LedgerRecord } from "../events.ts";
import { type LineFilePorts, lineFiles } from "./line-files.ts";
import type { Projection } from "./projection.ts";

/** `file`: absolute, below `ports.root`. */
export function telemetry(file: string, ports: LineFilePorts): Projection {
  return lineFiles(
    {
      name: "telemetry",
      place: file,
      lineOf(record) {
        const line = telemetryLine(record);
        return { file, line: JSON.stringify(line), key: keyOf(line) };
      },
      keyOf: ({ seq, ts, event }) =>
        Number.isSafeInteger(seq) && typeof ts === "string" && typeof event === "string"
          ? keyOf({ seq: seq as number, ts, event })
          : null,
    },
    ports,
  );
}

function keyOf({ seq, ts, event }: Pick<TelemetryLine, "seq" | "ts" | "event">): string {
  return `${seq} ${ts} ${event}`;
}

export interface TelemetryLine {
  ts: string;
  /** The part that speaks. */
  agent: Speaker;
  event: string;
  ok: boolean;
  detail: { summary: string; [key: string]: string | number | boolean | null };
  wo?: string;
  component?: string;
  /** Of a drift: the first path that is gone. */
  missing?: string;
  seq: number;
}

type Speaker =
  | "guardrail"
  | "apply_patch_processor"
  | "json_wo_processor"
  | "wo_executor"
  | "followup_tracker"
  | "rollback";

export function telemetryLine(record: LedgerRecord): TelemetryLine {
  return {
    ts: record.ts,
    agent: speakerOf(record as AnyLedgerRecord),
    event: nameOf(record as AnyLedgerRecord),
    ok: record.ok,
    detail: { summary: shortened(record.summary), ...shortFacts(record.data) },
    ...(record.wo === undefined ? {} : { wo: record.wo }),
    ...(record.component === undefined ? {} : { component: record.component }),
    ...missingIn(record as AnyLedgerRecord),
    seq: record.seq,
  };
}

function nameOf(record: AnyLedgerRecord): string {
  if (record.event === "guard.checked") return record.ok ? "wo_pipeline_healthy" : "wo_pipeline_drift";
  return NAMES[record.event] ?? record.event.replace(/[.-]/g, "_");
}

function missingIn(record: AnyLedgerRecord): { missing?: string } {
  const path =
    record.event === "guard.checked"
      ? record.data.missing[0]
      : record.event === "drift.detected"
        ? record.data.drifts?.find(({ kind }) => kind === "deleted")?.path
        : undefined;
  return path === undefined ? {} : { missing: path };
}

/** Where the two vocabularies differ; every other event has its own name, with underscores. */
const NAMES: { readonly [event in EventName]?: string } = {
  "wo.accepted": "wo_completed",
  "wo.undone": "wo_failed",
  "wo.conflicted": "wo_failed",
  "wo.refused": "wo_failed",
  "drift.detected": "wo_pipeline_drift",
};

const SPEAKERS: { readonly [room: string]: Speaker } = {
  wo: "wo_executor",
  snapshot: "rollback",
  rollback: "rollback",
  exec: "rollback",
};

function speakerOf(record: AnyLedgerRecord): Speaker {
  switch (record.event) {
    case "wo.received":
      return record.data.rawFilename?.toLowerCase().endsWith(".json") ? "json_wo_processor" : "apply_patch_processor";
    case "wo.routed":
    case "wo.completed":
      return "followup_tracker";
    default:
      return SPEAKERS[record.event.slice(0, record.event.indexOf("."))] ?? "guardrail";
  }
}

/** What is short in a record's data; lists give their length. Everything else is in the ledger, under `seq`. */
function shortFacts(data: object): { [key: string]: string | number | boolean | null } {
  const facts: { [key: string]: string | number | boolean | null } = {};
  for (const [key, value] of Object.entries(data)) {
    if (Array.isArray(value)) facts[key] = value.length;
    else if (typeof value === "string") facts[key] = shortened(value);
    else if (value === null || typeof value === "number" || typeof value === "boolean") facts[key] = value;
  }
  return facts;
}

const TEXT_LENGTH_MAX = 512;

function shortened(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX - 1).toWellFormed()}…`;
}
