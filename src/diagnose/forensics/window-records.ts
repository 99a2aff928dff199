/** What ledgers and logs tell of a window of time, whatever it is about, or about some components. */

import { join } from "node:path";
import { isoTime, LIMITS, type Ports, printableLine } from "../../base/index.ts";
import type { Ledger, LedgerRecord } from "../../ledger/index.ts";
import { LEDGER_PATTERNS } from "../collectors/ledgers.ts";
import { type LogLine, logFiles, readLog } from "../collectors/log-lines.ts";
import { OUT_OF_TIME, type TimeLeft } from "../collectors/looked.ts";
import type { EvidencePlaces } from "../gather.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { timeOf } from "../ledgers/foreign-time.ts";
import { piecesFromEnd } from "../ledgers/read-tail.ts";
import { recoverRecords } from "../ledgers/recover-records.ts";
import { headlineOf, isOwnRecord, mentions } from "../ledgers/sightings.ts";
import type { Gap, LedgerEntry, ServiceFailure } from "./contract.ts";
import type { Window } from "./window-commits.ts";

type RecordPorts = Pick<Ports, "disk" | "clock" | "process">;

interface RecordRequest {
  readonly root: string;
  readonly window: Window;
  /** Words of which one must stand in a record; empty: every record. */
  readonly words: readonly string[];
  readonly places: EvidencePlaces;
}

/** Of other agents' ledgers, oldest first. */
export async function foreignEntries(
  { root, window, words, places }: RecordRequest,
  ports: RecordPorts,
  time: TimeLeft,
): Promise<{ found: { entries: LedgerEntry[]; skippedLines: number; undated: number }; note: string | null }> {
  const { files, isCut } = findEvidence(root, [...LEDGER_PATTERNS, ...places.ledgers], ports, time);
  const entries: LedgerEntry[] = [];
  const counts = { skippedLines: 0, undated: 0 };
  const scratch = Buffer.allocUnsafe(LIMITS.evidencePieceBytes);
  let left = LIMITS.evidenceBytesMax;
  const isOver = () => left <= 0 || time.isOver();
  for (const { path: file, changedMs } of files) {
    if (changedMs < window.sinceMs || isOver()) continue;
    for (const { bytes } of piecesFromEnd(
      file.startsWith("/") ? file : join(root, file),
      LIMITS.evidencePieceBytes,
      ports.disk,
      scratch,
    )) {
      await ports.clock.breathe();
      left -= bytes.length;
      const { records, skipped } = recoverRecords(bytes.toString("utf8"));
      counts.skippedLines += skipped.reduce((sum, { lines, reason }) => (reason === "comment" ? sum : sum + lines), 0);
      for (const { value, line } of records) {
        if (isOwnRecord(value)) continue;
        const text = words.length === 0 ? "" : JSON.stringify(value);
        if (words.length > 0 && !words.some((word) => mentions(text, word))) continue;
        const atMs = timeOf(value);
        if (atMs === null) counts.undated += 1;
        if (atMs === null || !isInside(atMs, window)) continue;
        entries.push({ at: isoTime(atMs), source: "mls", says: headlineOf(value), ref: `${file}:${line}` });
      }
      if (isOver()) break;
    }
  }
  entries.sort((a, b) => a.at!.localeCompare(b.at!));
  return {
    found: { entries: entries.slice(-LIMITS.forensicEntriesMax), ...counts },
    note: isCut || isOver() ? "not every ledger was read to its beginning" : null,
  };
}

/** Of Holdfast's own ledger, oldest first, with the stretches in which nobody looked. */
export function ownEntries(
  ledger: Pick<Ledger, "read">,
  window: Window,
  isWanted: (record: LedgerRecord) => boolean,
): { entries: LedgerEntry[]; blind: Gap[] } {
  const entries: LedgerEntry[] = [];
  const blind: Gap[] = [];
  const turns: LedgerRecord[] = [];
  for (const record of ledger.read({ ...window, newestFirst: true })) {
    if (record.event === "guard.blind") {
      const { from, to, why } = record.data as { from: string; to: string; why: string };
      blind.push({ source: "guard", from, to, why });
    }
    if (record.event === "guard.started" || record.event === "guard.stopped") turns.push(record);
    if (!isWanted(record) || entries.length >= LIMITS.forensicEntriesMax) continue;
    const by = record.cause === undefined ? "" : ` – ${record.cause.what}`;
    const says = printableLine(`${record.summary}${by}`);
    entries.push({ at: record.ts, source: "holdfast", says, ref: String(record.seq) });
  }
  return { entries: entries.reverse(), blind: [...unguarded(turns.reverse(), window), ...blind.reverse()] };
}

/** From each stop to the next start; a guard that was killed left no word of its end. */
function unguarded(turns: readonly LedgerRecord[], { sinceMs, untilMs }: Window): Gap[] {
  const why = "no guard ran: what was not committed came and went unseen";
  const gaps: Gap[] = [];
  let stopped: string | null = turns[0]?.event === "guard.stopped" ? null : isoTime(sinceMs);
  for (const { event, ts } of turns) {
    if (event === "guard.stopped") stopped = ts;
    else if (stopped !== null) {
      gaps.push({ source: "guard", from: stopped, to: ts, why });
      stopped = null;
    }
  }
  if (stopped !== null) gaps.push({ source: "guard", from: stopped, to: isoTime(untilMs), why });
  return gaps;
}

/** Programs that could not run, in every log there is. Lines without a time count by when the log was last written. */
export async function serviceFailures(
  { root, window, words, places }: RecordRequest,
  ports: RecordPorts,
  time: TimeLeft,
): Promise<{
  found: { failures: ServiceFailure[]; rollbacks: LogLine[]; firstMs: number | null };
  note: string | null;
}> {
  const { files, note } = logFiles(root, places, [], ports, time);
  const failures: ServiceFailure[] = [];
  const rollbacks: LogLine[] = [];
  let firstMs: number | null = null;
  for (const { path: file, changedMs } of files) {
    if (changedMs < window.sinceMs) continue;
    await ports.clock.breathe();
    if (time.isOver()) break;
    for (const line of readLog(root, file, ports)) {
      const atMs = line.atMs ?? changedMs;
      if (line.atMs !== null) firstMs = Math.min(firstMs ?? line.atMs, line.atMs);
      if (!isInside(atMs, window)) continue;
      const isAbout = words.length === 0 || words.some((word) => mentions(line.says, word));
      if (line.source === "rollback-log") rollbacks.push(line);
      else if (isAbout && (line.kind === "cannot-run" || line.kind === "missing"))
        failures.push({ at: line.atMs === null ? null : isoTime(line.atMs), file, says: line.says, kind: line.kind });
    }
  }
  return {
    found: { failures: failures.slice(-LIMITS.forensicEntriesMax), rollbacks, firstMs },
    note: time.isOver() ? OUT_OF_TIME : note,
  };
}

function isInside(ms: number, { sinceMs, untilMs }: Window): boolean {
  return ms >= sinceMs && ms <= untilMs;
}
