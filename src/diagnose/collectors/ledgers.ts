/** What other agents' ledgers and telemetry say of the subject. */

import { join } from "node:path";
import { LIMITS, type Ports } from "../../base/index.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { piecesFromEnd } from "../ledgers/read-tail.ts";
import { type RecoveredRecord, recoverRecords } from "../ledgers/recover-records.ts";
import { type LedgerSighting, sightingOf } from "../ledgers/sightings.ts";
import type { Subject } from "../subject.ts";
import type { TimeLeft } from "./looked.ts";

export interface ForeignSighting extends LedgerSighting {
  readonly file: string;
}

/** Where the agents that are known keep theirs. */
export const LEDGER_PATTERNS = [
  "mls/**/*.jsonl",
  "g/telemetry/*.jsonl",
  "g/knowledge/*.jsonl",
  "telemetry/*.jsonl",
  "ledger/*.jsonl",
  "logs/*.jsonl",
];

/** Oldest first. */
export async function readLedgers(
  { root, parts, path }: Subject,
  more: readonly string[],
  ports: Pick<Ports, "disk" | "clock">,
  time: TimeLeft,
): Promise<{ found: ForeignSighting[]; note: string | null }> {
  const { files, isCut } = findEvidence(root, [...LEDGER_PATTERNS, ...more], ports, time);
  const paths = parts.filter(({ isGlob }) => !isGlob).map((part) => part.path);
  const names = paths.length > 0 ? paths : [path];
  const sightings: ForeignSighting[] = [];
  const notes = isCut ? ["too many files to look through them all"] : [];
  const scratch = Buffer.allocUnsafe(LIMITS.evidencePieceBytes);
  let left = LIMITS.evidenceBytesMax;
  for (const { path: file } of files) {
    const place = file.startsWith("/") ? file : join(root, file);
    for (const { bytes, isCut: hasMore } of piecesFromEnd(place, LIMITS.evidencePieceBytes, ports.disk, scratch)) {
      await ports.clock.breathe();
      left -= bytes.length;
      for (const record of recordsThatMention(bytes, names)) {
        const sighting = sightingOf(record, names);
        if (sighting !== null) sightings.push({ ...sighting, file });
      }
      if (!hasMore || (left > 0 && !time.isOver())) continue;
      notes.push(`of ${file} only the end was read`);
      break;
    }
    if (left > 0 && !time.isOver()) continue;
    if (file !== files.at(-1)!.path) notes.push("not every ledger was read");
    break;
  }
  sightings.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  return { found: sightings.slice(-LIMITS.evidenceSightingsMax), note: notes.length === 0 ? null : notes.join("; ") };
}

/** Only the records around the subject's name are parsed: most of a ledger is about something else. */
export function recordsThatMention(bytes: Buffer, paths: readonly string[]): RecoveredRecord[] {
  const found = new Map<number, RecoveredRecord>();
  for (const path of paths) {
    const name = Buffer.from(path.slice(path.lastIndexOf("/") + 1));
    for (let at = bytes.lastIndexOf(name); at >= 0 && found.size < LIMITS.evidenceSightingsMax; ) {
      const region = regionAround(bytes, at);
      for (const record of recoverRecords(bytes.toString("utf8", region.start, region.end)).records)
        found.set(region.start + record.line, { ...record, line: 0 });
      at = region.start === 0 ? -1 : bytes.lastIndexOf(name, region.start - 1);
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, record]) => record);
}

const NEWLINE = 10;
const REGION_LINES_MAX = 200;

/** The line, or the pretty-printed value whose `{` and `}` stand alone at the beginning of lines before and after it. */
function regionAround(bytes: Buffer, at: number): { start: number; end: number } {
  const line = { start: lineStart(bytes, at), end: lineEnd(bytes, at) };
  if (bytes[line.start] === 0x7b || bytes[line.start] === 0x5b) return line;
  let start = line.start;
  for (let count = 0; start > 0 && bytes[start] !== 0x7b && count < REGION_LINES_MAX; count += 1)
    start = lineStart(bytes, start - 1);
  let end = line.end;
  for (
    let count = 0;
    end < bytes.length && bytes[lineStart(bytes, end)] !== 0x7d && count < REGION_LINES_MAX;
    count += 1
  )
    end = lineEnd(bytes, end + 1);
  return { start, end };
}

function lineStart(bytes: Buffer, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
}

function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(NEWLINE, at);
  return end < 0 ? bytes.length : end;
}
