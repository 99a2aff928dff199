/**
 * `mls/ledger/YYYY-MM-DD.jsonl`: what other agents want to know, in their own ledger's shape and words (`improvement`, `failure`,
 * `solution`). The day is that of the line's `ts`, in UTC, so that a line's file follows from the line.
 */

import { join } from "node:path";
import type { AnyLedgerRecord, LedgerRecord } from "../events.ts";
import { type LineFilePorts, lineFiles } from "./line-files.ts";
import type { Projection } from "./projection.ts";

/** `folder`: absolute, below `ports.root`. */
export function mls(folder: string, ports: LineFilePorts): Projection {
  return lineFiles(
    {
      name: "mls",
      place: folder,
      lineOf(record) {
        const line = mlsLine(record);
        const file = join(folder, `${record.ts.slice(0, 10)}.jsonl`);
        return line && { file, line: JSON.stringify(line), key: keyOf(line) };
      },
      keyOf: ({ seq, source }) =>
        isOwnSource(source) && Number.isSafeInteger(seq) ? keyOf({ seq: seq as number, source }) : null,
    },
    ports,
  );
}

function keyOf({ seq, source }: Pick<MlsLine, "seq" | "source">): string {
  return `${seq} ${source.run_id}`;
}

function isOwnSource(source: unknown): source is MlsLine["source"] {
  if (source === null || typeof source !== "object") return false;
  return (
    "producer" in source && source.producer === PRODUCER && "run_id" in source && typeof source.run_id === "string"
  );
}

const PRODUCER = "holdfast";

export interface MlsLine {
  ts: string;
  type: "improvement" | "solution" | "failure";
  title: string;
  summary: string;
  memo?: string;
  source: {
    producer: typeof PRODUCER;
    context: "local";
    repo: string;
    /** The ledger record's id. */
    run_id: string;
    /** The ledger record's event. */
    workflow: string;
    sha: string;
    artifact: string;
    artifact_path: string;
  };
  links: { followup_id: string | null; wo_id: string | null };
  tags: string[];
  author: string;
  confidence: number;
  seq: number;
}

/** `null` for what is of no use to other agents: steps on the way, canaries, orders that will be tried again. */
export function mlsLine(record: LedgerRecord): MlsLine | null {
  const told = tell(record as AnyLedgerRecord);
  if (told === null || record.wo?.startsWith("WO-CANARY-")) return null;
  const { ts, id, event, seq, wo = null, component = "", paths = [] } = record;
  return {
    ts,
    type: told.type,
    title: firstLine(`${wo ?? component} ${told.outcome}`.trimStart()),
    summary: record.summary,
    ...(told.memo === undefined ? {} : { memo: told.memo }),
    source: {
      producer: PRODUCER,
      context: "local",
      repo: "",
      run_id: id,
      workflow: event,
      sha: "",
      artifact: component,
      artifact_path: paths[0] ?? "",
    },
    links: { followup_id: wo, wo_id: wo },
    tags: [PRODUCER, event.slice(0, event.indexOf(".")), told.outcome.replaceAll(" ", "-"), ...(told.tags ?? [])],
    author: record.actor.name,
    confidence: 1,
    seq,
  };
}

interface Told {
  readonly type: MlsLine["type"];
  readonly outcome: string;
  readonly memo?: string | undefined;
  readonly tags?: readonly string[];
}

function tell(record: AnyLedgerRecord): Told | null {
  switch (record.event) {
    case "wo.accepted":
      return { type: "improvement", outcome: "accepted", memo: pathsMemo(record) };
    case "wo.completed":
      return { type: "improvement", outcome: "completed" };
    case "wo.undone":
      return record.data.retryAtMs === null ? failure("undone", record.data) : null;
    case "wo.conflicted":
      return failure("conflicted", record.data);
    case "wo.refused":
      return failure("refused", record.data);
    case "wo.failed":
      return { type: "failure", outcome: "failed", memo: record.data.message };
    case "component.protected":
      return { type: "improvement", outcome: "protected", memo: pathsMemo(record) };
    case "component.accepted":
      return { type: "improvement", outcome: "accepted", memo: record.data.reason };
    case "snapshot.restored":
      return { type: "solution", outcome: "restored", memo: pathsMemo(record) };
    case "forensics.completed":
      return {
        type: record.data.cause === null ? "improvement" : "failure",
        outcome: `forensics ${record.data.name}`,
        memo: record.data.report,
        tags: ["forensics"],
      };
    case "canary.failed":
      return { type: "failure", outcome: "canary failed", memo: record.data.message };
    default:
      return null;
  }
}

function failure(outcome: string, { code, message, hint }: { code: string; message: string; hint: string }): Told {
  return { type: "failure", outcome, memo: `${message} – ${hint}`, tags: [code] };
}

const MEMO_PATHS_MAX = 5;

function pathsMemo({ paths = [], pathsTotal = paths.length }: LedgerRecord): string | undefined {
  if (paths.length === 0) return undefined;
  const shown = paths.slice(0, MEMO_PATHS_MAX).join(", ");
  return pathsTotal > MEMO_PATHS_MAX ? `${shown} and ${pathsTotal - MEMO_PATHS_MAX} more` : shown;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
