/**
 * One incident's present state: a fold over its ledger records, kept as a row so that nobody has to replay.
 *
 * The same function runs when a record is appended and when a lost database is rebuilt. States:
 *
 *   opened → open → resolved (a drift of the same cause within the window: open again)
 *              └→ dismissed            escalated is a mark on any of them
 */

import type { Digest } from "../base/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";

export interface IncidentRow {
  id: string;
  state: "open" | "resolved" | "dismissed";
  /** Set when repairing stopped, or when nobody answered: a person must look. */
  escalated: string | null;
  falseAlarm: boolean;
  openedAt: string;
  updatedAt: string;
  lastDriftAt: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
  components: string[];
  kinds: string[];
  /** Cut at `LIMITS.ledgerPathsMax`; `pathsTotal` counts all. */
  paths: string[];
  pathsTotal: number;
  response: string;
  severity: string;
  why: string[];
  cause: { what: string; actor: string | null; pid: number | null; confidence: number } | null;
  others: string[];
  /** What drift joins by. */
  key: string | null;
  blind: { from: string; to: string; why: string }[];
  /** Drift lists that were too long for the ledger, in the vault. */
  stored: Digest[];
  /** Every state that it counts on, destroyed and destroying, of what the ledger holds inline. */
  digests: Digest[];
  /** The orders that repaired it. */
  orders: string[];
  /** The workspace that went, where it is about one. Rows of earlier versions lack it. */
  workspace?: { name: string; root: string };
  /** The copy that somebody works in, where it is about one. */
  copy?: string;
  /** Of the record that opened it. */
  seq: number;
}

/** The next state, or the same for a record that changes nothing. */
export function fold(row: IncidentRow | null, record: LedgerRecord): IncidentRow | null {
  if (record.event === "incident.opened") return opened(record as LedgerRecord<"incident.opened">);
  if (row === null) return null;
  const next = change(row, record);
  return next === null ? row : { ...row, ...next, updatedAt: record.ts };
}

function opened({ incident, ts, seq, data, cause }: LedgerRecord<"incident.opened">): IncidentRow {
  return {
    id: incident ?? "",
    state: "open",
    escalated: null,
    falseAlarm: false,
    openedAt: ts,
    updatedAt: ts,
    lastDriftAt: ts,
    resolvedAt: null,
    resolvedBy: null,
    components: [],
    kinds: [],
    paths: [],
    pathsTotal: 0,
    response: "note",
    severity: "low",
    why: [],
    cause: causeOf(cause),
    others: [],
    key: data.key,
    blind: [],
    stored: [],
    digests: [],
    orders: [],
    seq,
  };
}

function change(row: IncidentRow, record: LedgerRecord): Partial<IncidentRow> | null {
  switch (record.event) {
    case "incident.joined":
      return {
        state: "open",
        resolvedAt: null,
        resolvedBy: null,
        lastDriftAt: record.ts,
        cause: row.cause ?? causeOf(record.cause),
        key: row.key ?? (record as LedgerRecord<"incident.joined">).data.key,
      };
    case "drift.detected":
      return detected(row, record as LedgerRecord<"drift.detected">);
    case "tree.copy-at-work":
      return atWork(record as LedgerRecord<"tree.copy-at-work">);
    case "tree.workspace-gone":
      return { workspace: workspaceOf(record as LedgerRecord<"tree.workspace-gone">) };
    case "guard.brake":
      return { response: "brake", severity: "high", why: [(record as LedgerRecord<"guard.brake">).data.why] };
    case "repair.started":
      return record.wo === undefined ? null : { orders: [...row.orders, record.wo] };
    case "incident.resolved":
      return {
        state: "resolved",
        resolvedAt: record.ts,
        resolvedBy: (record as LedgerRecord<"incident.resolved">).data.by,
      };
    case "incident.escalated":
      return { escalated: (record as LedgerRecord<"incident.escalated">).data.reason, severity: "high" };
    case "incident.dismissed":
      return {
        state: "dismissed",
        resolvedAt: record.ts,
        resolvedBy: "dismissed",
        falseAlarm: (record as LedgerRecord<"incident.dismissed">).data.falseAlarm,
      };
    default:
      return null;
  }
}

function workspaceOf({ data: { name, root } }: LedgerRecord<"tree.workspace-gone">) {
  return { name, root };
}

function atWork({ data: { root, why } }: LedgerRecord<"tree.copy-at-work">): Partial<IncidentRow> {
  return { copy: root, response: "raise", severity: "normal", why: [why], paths: [root], pathsTotal: 1 };
}

const RESPONSES = ["note", "raise", "repair", "brake"];
const SEVERITIES = ["none", "low", "normal", "high"];

function detected(
  row: IncidentRow,
  { data, paths, pathsTotal, ts }: LedgerRecord<"drift.detected">,
): Partial<IncidentRow> {
  const known = new Set(row.paths);
  const added = (paths ?? []).filter((path) => !known.has(path));
  const drifts = data.drifts ?? [];
  const beyond = (pathsTotal ?? paths?.length ?? 0) - (paths?.length ?? 0);
  return {
    lastDriftAt: ts,
    components: sortedUnion(row.components, data.components),
    kinds: sortedUnion(row.kinds, data.kinds),
    paths: [...row.paths, ...added].slice(0, PATHS_KEPT),
    pathsTotal: row.pathsTotal + added.length + beyond,
    response: stronger(RESPONSES, row.response, data.response),
    severity: stronger(SEVERITIES, row.severity, data.severity),
    why: [...new Set([...row.why, ...data.why])],
    others: sortedUnion(row.others, data.others),
    blind: data.blind === null ? row.blind : [...row.blind, data.blind],
    stored: data.stored === null ? row.stored : [...row.stored, data.stored],
    digests: sortedUnion(
      row.digests,
      drifts.flatMap(({ goal, present }) =>
        [goal, present].flatMap((entry) => (entry.kind === "file" ? [entry.digest] : [])),
      ),
    ),
  };
}

const PATHS_KEPT = 1_000;

function stronger(order: readonly string[], a: string, b: string): string {
  return order.indexOf(b) > order.indexOf(a) ? b : a;
}

function sortedUnion<T extends string>(a: readonly T[], b: readonly T[]): T[] {
  return [...new Set([...a, ...b])].sort();
}

function causeOf(cause: LedgerRecord["cause"]): IncidentRow["cause"] {
  if (cause === undefined) return null;
  return { what: cause.what, actor: cause.actor ?? null, pid: cause.pid ?? null, confidence: cause.confidence };
}
