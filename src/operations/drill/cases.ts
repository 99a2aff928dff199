/** The incidents that a row led to, put together from what the daemon said of them. Pure. */

import type { Digest } from "../../base/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";

export interface Case {
  readonly id: string;
  readonly kinds: readonly string[];
  readonly paths: readonly string[];
  /** The strongest of what was decided. */
  readonly response: string;
  readonly cause: { what: string; actor: string | null; pid: number | null; confidence: number } | null;
  readonly noticedAtMs: number;
  readonly repairedAtMs: number | null;
  /** How often each path was put back, at most. */
  readonly repairs: number;
  readonly state: "open" | "resolved";
  readonly isEscalated: boolean;
  readonly notes: readonly string[];
  /** What destroyed, and what was destroyed: content by its digest. */
  readonly digests: ReadonlyMap<Digest, number>;
}

/** In the order in which they were opened. */
export function casesOf(records: readonly LedgerRecord[]): Case[] {
  const cases = new Map<string, Case>();
  for (const record of records) {
    const id = record.incident;
    if (id === undefined) continue;
    const known = cases.get(id) ?? { ...NEW, id, noticedAtMs: Date.parse(record.ts) };
    cases.set(id, { ...known, ...changeBy(record, known) });
  }
  return [...cases.values()];
}

const NEW = {
  kinds: [],
  paths: [],
  response: "none",
  cause: null,
  repairedAtMs: null,
  repairs: 0,
  state: "open",
  isEscalated: false,
  notes: [],
  digests: new Map(),
} as const;

function changeBy(record: LedgerRecord, known: Case): Partial<Case> {
  switch (record.event) {
    case "incident.opened":
    case "incident.joined":
      return { state: "open", cause: known.cause ?? causeOf(record) };
    case "drift.detected":
      return detected(record as LedgerRecord<"drift.detected">, known);
    case "guard.brake":
      return { kinds: [(record as LedgerRecord<"guard.brake">).data.kind], response: "brake" };
    case "repair.started":
      return { repairs: known.repairs + 1 };
    case "repair.completed":
      return { repairedAtMs: Date.parse(record.ts) };
    case "incident.resolved":
      return { state: "resolved" };
    case "incident.escalated":
      return { isEscalated: true };
    default:
      return {};
  }
}

const RESPONSES = ["none", "note", "raise", "repair", "brake"];

function detected({ data, paths }: LedgerRecord<"drift.detected">, known: Case): Partial<Case> {
  const drifts = data.drifts ?? [];
  const digests = new Map(known.digests);
  for (const { goal, present } of drifts)
    for (const entry of [goal, present]) if (entry.kind === "file") digests.set(entry.digest, entry.sizeBytes);
  return {
    kinds: [...new Set([...known.kinds, ...data.kinds])].sort(),
    paths: [...new Set([...known.paths, ...(paths ?? [])])],
    response: RESPONSES.indexOf(data.response) > RESPONSES.indexOf(known.response) ? data.response : known.response,
    notes: [...known.notes, ...drifts.flatMap(({ note }) => note ?? [])],
    digests,
  };
}

function causeOf({ cause }: LedgerRecord): Case["cause"] {
  if (cause === undefined) return null;
  return { what: cause.what, actor: cause.actor ?? null, pid: cause.pid ?? null, confidence: cause.confidence };
}
