/**
 * Reading the ledger: oldest or newest first, filtered, streamed.
 *
 * Works in windows of sequence numbers, and in pages inside a window, so that no cursor stays open between records, nothing is sorted
 * or held beyond a page, and a reader of everything costs one pass whatever it filters by.
 */

import { isoTime, LIMITS, type SqlValue, type Store } from "../base/index.ts";
import { recordOf } from "./chain.ts";
import type { LedgerQuery } from "./contract.ts";
import type { LedgerRecord } from "./events.ts";
import type { Row } from "./records.ts";

/** Records that were appended after the first one was asked for are not seen. `sinceMs` and `untilMs` include their moment. */
export function* readRecords(store: Store, query: LedgerQuery): Generator<LedgerRecord, void> {
  let { low, high } = boundsOf(store, query);
  let wanted = query.limit ?? Number.POSITIVE_INFINITY;
  while (low < high && wanted > 0) {
    const window = query.newestFirst
      ? { above: Math.max(low, high - LIMITS.ledgerWindowRecords), upTo: high }
      : { above: low, upTo: Math.min(high, low + LIMITS.ledgerWindowRecords) };
    const pageRecords = Math.min(wanted, LIMITS.ledgerPageRecords);
    const rows = page(store, query, window, pageRecords);
    for (const row of rows) yield recordOf(row.line);
    wanted -= rows.length;
    const full = rows.length === pageRecords;
    if (query.newestFirst) high = full ? rows.at(-1)!.seq - 1 : window.above;
    else low = full ? rows.at(-1)!.seq : window.upTo;
  }
}

/** Sequence numbers: `above < seq <= upTo`. */
interface Window {
  readonly above: number;
  readonly upTo: number;
}

function page(store: Store, query: LedgerQuery, window: Window, pageRecords: number): Row[] {
  const { conditions, values } = filtersOf(query, window);
  return store.all<Row>(
    `SELECT seq, line FROM ledger_records WHERE seq > ? AND seq <= ?${conditions.map((sql) => ` AND ${sql}`).join("")}
     ORDER BY seq ${query.newestFirst ? "DESC" : "ASC"} LIMIT ?`,
    window.above,
    window.upTo,
    ...values,
    pageRecords,
  );
}

/** Below a path lie the names from `path/` up to, not including, `path0`: `0` is the character after `/`. */
function filtersOf(
  { path, wo, component, events }: LedgerQuery,
  { above, upTo }: Window,
): { conditions: string[]; values: SqlValue[] } {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (path !== undefined) {
    const named = "path = ? OR (path > ? AND path < ?)";
    conditions.push(`seq IN (SELECT seq FROM ledger_paths WHERE (${named}) AND seq > ? AND seq <= ?)`);
    values.push(path, `${path}/`, `${path}0`, above, upTo);
  }
  if (wo !== undefined) {
    conditions.push("wo = ?");
    values.push(wo);
  }
  if (component !== undefined) {
    conditions.push("component = ?");
    values.push(component);
  }
  if (events !== undefined) {
    conditions.push("event IN (SELECT value FROM json_each(?))");
    values.push(JSON.stringify(events));
  }
  return { conditions, values };
}

/** The sequence numbers in question, as `low < seq <= high`. Times never go back along the chain, so a time is a place in it. */
function boundsOf(store: Store, { afterSeq, beforeSeq, sinceMs, untilMs }: LedgerQuery): { low: number; high: number } {
  const head = store.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM ledger_records")?.seq ?? 0;
  const first = sinceMs === undefined ? 1 : (seqAt(store, ">=", sinceMs) ?? head + 1);
  const afterLast = untilMs === undefined ? head + 1 : (seqAt(store, ">", untilMs) ?? head + 1);
  return { low: Math.max(afterSeq ?? 0, first - 1), high: Math.min(afterLast, beforeSeq ?? afterLast) - 1 };
}

function seqAt(store: Store, comparison: ">" | ">=", unixMs: number): number | undefined {
  const representable = Math.min(Math.max(unixMs, 0), YEAR_10000_MS - 1);
  const sql = `SELECT seq FROM ledger_records WHERE ts ${comparison} ? ORDER BY ts, seq LIMIT 1`;
  return store.get<{ seq: number }>(sql, isoTime(representable))?.seq;
}

const YEAR_10000_MS = 253_402_300_800_000;
