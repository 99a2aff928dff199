/** Ledger records for people. */

import { printableLine } from "../base/index.ts";
import type { LedgerRecord } from "./events.ts";

/**
 * One line: time (UTC), summary, cause or actor. `!` marks what went wrong. Nothing in it is obeyed by a terminal.
 * `2026-11-22 10:28:19Z  ! .env missing – git clean -fdx (codex, pid 4123)`
 */
export function describe(record: LedgerRecord): string {
  const time = `${record.ts.slice(0, 19).replace("T", " ")}Z`;
  const mark = record.ok ? " " : "!";
  const by = byWhom(record);
  return printableLine(`${time} ${mark} ${record.summary}${by === "" ? "" : ` – ${by}`}${clockNote(record)}`);
}

/** A cause says more than the part of Holdfast that wrote the record. */
function byWhom({ cause, actor }: LedgerRecord): string {
  if (cause === undefined) return actor.kind === "service" || actor.kind === "unknown" ? "" : actor.name;
  const sure = cause.confidence < 1 ? `${Math.round(cause.confidence * 100)} % sure` : undefined;
  const who = [cause.actor, cause.pid === undefined ? undefined : `pid ${cause.pid}`, sure].filter(
    (part) => part !== undefined,
  );
  return who.length === 0 ? cause.what : `${cause.what} (${who.join(", ")})`;
}

function clockNote({ clockBehindMs, ts }: LedgerRecord): string {
  if (clockBehindMs === undefined) return "";
  return ` [the clock said ${new Date(Date.parse(ts) - clockBehindMs).toISOString().slice(0, 19).replace("T", " ")}Z]`;
}
