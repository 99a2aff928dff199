/** One timeline of everything that was seen, whoever saw it; what has no date stands last. Pure. */

import { isoTime, LIMITS } from "../base/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import type { ForeignSighting } from "./collectors/ledgers.ts";
import type { LogSighting } from "./collectors/logs.ts";
import type { Present } from "./collectors/present.ts";
import type { Evidence } from "./contract.ts";
import type { Examined } from "./examination.ts";
import type { Gathered } from "./gather.ts";
import type { Touch } from "./git-past/read-log.ts";

export interface TimelineRequest {
  readonly examined: Examined;
  readonly present: Present;
  readonly gathered: Gathered;
  readonly mentions: readonly string[];
}

export function timelineOf({ examined, present, gathered, mentions }: TimelineRequest): Evidence[] {
  const { ledgers, logs, launchers, remembered } = gathered;
  const all = [
    ...commitLines(examined),
    ...(remembered?.found?.records ?? [])
      .filter(({ event }) => !STEPS.has(event))
      .slice(0, RECORDS_SHOWN)
      .map(recordLine),
    ...(ledgers.found ?? []).slice(-FOREIGN_SHOWN).map(foreignLine),
    ...(logs.found ?? []).slice(-FOREIGN_SHOWN).map(logLine),
    ...examined.remarks.map(({ source, says }) => undated(source, says, 0.3)),
    ...disagreements(ledgers.found ?? []),
    ...(launchers.found ?? []).map(({ file, name }) => undated("files", `${name} points at it`, 0, file)),
    ...mentionLines(mentions),
    presentLine(present),
  ];
  const dated = all.filter(({ at }) => at !== null).sort((a, b) => a.at!.localeCompare(b.at!));
  const rest = all.filter(({ at }) => at === null);
  return [...dated.slice(-(LIMITS.diagnoseEvidenceShown - rest.length)), ...rest].slice(-LIMITS.diagnoseEvidenceShown);
}

/** Steps on the way to something that has a record of its own. */
const STEPS: ReadonlySet<LedgerRecord["event"]> = new Set([
  "wo.received",
  "wo.planned",
  "wo.started",
  "wo.applied",
  "wo.steps-ran",
  "wo.verified",
  "repair.started",
  "incident.joined",
]);
const RECORDS_SHOWN = 10;
const FOREIGN_SHOWN = 10;
const COMMITS_SHOWN = 5;

/** The commits that the verdict stands on, and the newest few. */
function commitLines({ line, finding, files }: Examined): Evidence[] {
  const key = new Set([finding.link?.touch?.commit, finding.good?.touch?.commit].filter((one) => one !== undefined));
  const chosen = line.filter(({ commit }, index) => key.has(commit) || index < COMMITS_SHOWN);
  const told = chosen.map((touch) => commitLine(touch, key.has(touch.commit)));
  const missing = [finding.good?.touch, finding.link?.touch].filter(
    (touch) => touch != null && !chosen.some(({ commit }) => commit === touch.commit),
  );
  const others = files === null || files.files.length < 2 ? "" : ` (${files.files.length} paths in that commit)`;
  const all = [...told, ...missing.map((touch) => commitLine(touch!, true))];
  return all.map((one) => (one.ref === finding.link?.touch?.commit ? { ...one, says: one.says + others } : one));
}

function commitLine({ author, subject, commit, committedMs }: Touch, isKey: boolean): Evidence {
  return {
    at: isoTime(committedMs),
    source: "git",
    says: author === "" ? subject : `${author}: ${subject}`,
    ref: commit,
    weight: isKey ? 0.95 : 0.5,
  };
}

function recordLine({ ts, summary, seq, cause }: LedgerRecord): Evidence {
  const by = cause === undefined ? "" : ` – ${cause.what}`;
  return { at: ts, source: "ledger", says: `${summary}${by}`, ref: String(seq), weight: 0.9 };
}

const FOREIGN_WEIGHT: Readonly<Record<ForeignSighting["kind"], number>> = {
  ran: 0.7,
  seen: 0.6,
  failed: 0.5,
  mentioned: 0,
};

function foreignLine({ atMs, kind, says, file }: ForeignSighting): Evidence {
  const what = { ran: "it ran", seen: "it was seen to change", failed: "it failed", mentioned: "named" }[kind];
  return { at: timeOrNull(atMs), source: "mls", says: `${what}: ${says}`, ref: file, weight: FOREIGN_WEIGHT[kind] };
}

function logLine({ atMs, source, kind, says, file }: LogSighting): Evidence {
  const weight = { "cannot-run": 0.7, missing: 0.6, well: 0.6, "rolled-back": 0.5, other: 0 }[kind];
  return { at: timeOrNull(atMs), source, says, ref: file, weight };
}

function mentionLines(files: readonly string[]): Evidence[] {
  if (files.length === 0) return [];
  const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
  return [undated("files", `named in ${files.slice(0, 3).join(", ")}${more}, which proves nothing`, 0, files[0]!)];
}

/** The same thing told twice, at times that cannot both be true. */
function disagreements(sightings: readonly ForeignSighting[]): Evidence[] {
  const byWords = new Map<string, ForeignSighting>();
  const found: Evidence[] = [];
  for (const one of sightings) {
    const before = byWords.get(one.says);
    if (before === undefined) byWords.set(one.says, one);
    else if (before.file !== one.file && isFarApart(before.atMs, one.atMs)) {
      const times = [before, one].map(
        ({ atMs, file }) => `${file} says ${timeOrNull(atMs)?.slice(0, 16) ?? "nothing"}`,
      );
      found.push(undated("mls", `ledgers disagree on when: ${times.join(", ")} (${one.says})`, 0.1, one.file));
    }
  }
  return found;
}

const APART_MS = 60_000;

function isFarApart(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.abs(a - b) > APART_MS;
}

function presentLine({ kind, sizeBytes, mode, linkTarget, isDangling, throughLink, unreadable }: Present): Evidence {
  const octal = `0${mode.toString(8)}`;
  const what = {
    absent: "nothing is there now",
    file: `a file of ${sizeBytes} bytes, mode ${octal}`,
    link: `a symbolic link to ${linkTarget}${isDangling ? ", where nothing is" : ""}`,
    dir: "a folder",
    other: "a device, fifo or socket",
  }[kind];
  const way = throughLink === null ? "" : `, through the link ${throughLink}`;
  return undated("files", unreadable === null ? `${what}${way}` : `it cannot be read: ${unreadable}`, 1);
}

function undated(source: Evidence["source"], says: string, weight: number, ref: string | null = null): Evidence {
  return { at: null, source, says, ref, weight };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
