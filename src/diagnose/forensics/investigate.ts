/**
 * Investigates a window of time: what git, ledgers, logs and rollback scripts tell of it, what became of each component, what most
 * likely did it, and where evidence is missing.
 *
 * Invariant: writes nothing. Every source has its time limit; what it could not look at is a gap, never silence.
 */

import { isoTime, LIMITS } from "../../base/index.ts";
import type { LedgerRecord } from "../../ledger/index.ts";
import type { Memory } from "../collectors/holdfast.ts";
import { type Looked, look } from "../collectors/looked.ts";
import type { Diagnosis } from "../contract.ts";
import { diagnose } from "../diagnose.ts";
import { type DiagnosePorts, type EvidencePlaces, lookInGit } from "../gather.ts";
import { openRepository, type Repository } from "../git-past/repository.ts";
import type { Place } from "../subject.ts";
import type { ForensicReport, Gap, GitEvent, LedgerEntry } from "./contract.ts";
import { likelyCause } from "./likely-cause.ts";
import { readRollbackScripts } from "./rollback-scripts.ts";
import { commitsIn, headMovesIn, type Window } from "./window-commits.ts";
import { foreignEntries, ownEntries, serviceFailures } from "./window-records.ts";

export interface Investigation {
  readonly name: string;
  readonly window: Window;
  /** Components and paths; empty: whatever was hit. */
  readonly subjects: readonly string[];
  readonly place: Place;
  readonly places: EvidencePlaces;
  readonly memory: Memory | string | null;
}

export async function investigate(request: Investigation, ports: DiagnosePorts): Promise<ForensicReport> {
  const beganMs = ports.clock.monotonicMs();
  const { window, place, memory, subjects } = request;
  const repository = openRepository(place.root, ports, place.past ?? null);
  const paths = pathsOf(request);
  const words = subjects.length === 0 ? [] : [...new Set([...subjects, ...paths])];
  const sources = { root: place.root, window, words, places: request.places };
  const { limitMs } = request.places;
  const [commits, foreign, failures] = await Promise.all([
    lookInGit(repository, "git", ports, (one) => commitsIn(one, window, [])),
    look({ source: "ledgers", limitMs, work: (time) => foreignEntries(sources, ports, time) }, ports),
    look({ source: "logs", limitMs, work: (time) => serviceFailures(sources, ports, time) }, ports),
  ]);
  const moves = repository === null ? { found: [], firstMs: null } : headMovesIn(repository, window, ports);
  const events = inOrder([...(commits.found ?? []), ...moves.found], paths);
  const scripts = await look(
    {
      source: "rollback scripts",
      limitMs,
      work: async (time) =>
        readRollbackScripts({ root: place.root, names: paths, logs: failures.found?.rollbacks ?? [] }, ports, time),
    },
    ports,
  );
  const own =
    memory === null || typeof memory === "string" ? null : ownEntries(memory.ledger, window, wanted(paths, subjects));
  const asked = subjects.length > 0 ? subjects : hitIn(events, request);
  const diagnoses = await diagnoseAll(asked, request, ports);
  const cause = likelyCause({ window, diagnoses, events, scripts: scripts.found ?? [] });
  return {
    v: 1,
    name: request.name,
    generated_at: isoTime(ports.clock.now()),
    window: { since: isoTime(window.sinceMs), until: isoTime(window.untilMs) },
    components: [...asked],
    git_events: events,
    rollback_scripts: scripts.found ?? [],
    service_failures: failures.found?.failures ?? [],
    ledger_entries: merged(own?.entries ?? [], foreign.found?.entries ?? []),
    findings: diagnoses.map(({ subject, verdict, confidence, change, lastGood, says }) => ({
      subject,
      verdict,
      confidence,
      change,
      lastGood,
      says,
    })),
    likely_cause: cause,
    recommendation: diagnoses.flatMap(({ proposals }) => proposals.slice(0, 1)),
    gaps: [
      ...gapsOf([commits, foreign, failures, scripts], request, repository),
      ...(own?.blind ?? []),
      ...lateStart("reflog", moves.firstMs, window, repository !== null),
      ...lateStart("logs", failures.found?.firstMs ?? null, window, true),
      ...unread(foreign.found),
    ],
    elapsed_ms: Math.round(ports.clock.monotonicMs() - beganMs),
  };
}

/** The tree paths that the subjects stand for. */
function pathsOf({ subjects, place }: Investigation): string[] {
  const named = subjects.length > 0 ? subjects : Object.keys(place.components);
  return named.flatMap((subject) =>
    [...(place.components[subject]?.paths ?? [subject])].map((path) => path.replace(/\/+$/, "")),
  );
}

function inOrder(events: readonly GitEvent[], paths: readonly string[]): GitEvent[] {
  const touches = (event: GitEvent, path: string) =>
    [...event.deleted, ...event.renamed.map(({ from }) => from)].some(
      (one) => one === path || one.startsWith(`${path}/`),
    );
  return events
    .map((event) => ({ ...event, components: paths.filter((path) => touches(event, path)) }))
    .sort((a, b) => a.at.localeCompare(b.at));
}

/** Where nothing was asked about: the components that there are, else what the window's largest deletions took. */
function hitIn(events: readonly GitEvent[], { place }: Investigation): string[] {
  const components = Object.keys(place.components);
  if (components.length > 0) return components.slice(0, LIMITS.forensicComponentsMax);
  const largest = events
    .filter(({ deleted_total }) => deleted_total > 0)
    .sort((a, b) => b.deleted_total - a.deleted_total);
  const paths = largest.slice(0, 3).flatMap(({ deleted }) => deleted.slice(0, 3));
  return [...new Set(paths)];
}

async function diagnoseAll(
  asked: readonly string[],
  { place, places, memory, window }: Investigation,
  ports: DiagnosePorts,
): Promise<Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const text of asked.slice(0, LIMITS.forensicComponentsMax)) {
    diagnoses.push(await diagnose({ text, place: { ...place, cwd: null }, places, memory }, ports));
    if (window.untilMs <= 0) break;
  }
  return diagnoses;
}

function wanted(paths: readonly string[], subjects: readonly string[]): (record: LedgerRecord) => boolean {
  const steps =
    /^(wo\.(received|planned|started|applied|steps-ran|verified)|repair\.started|guard\.checked|canary\.ok)$/;
  return (record) => {
    if (steps.test(record.event)) return false;
    if (subjects.length === 0) return true;
    const isAbout = paths.some((path) => record.paths?.some((one) => one === path || one.startsWith(`${path}/`)));
    return (
      isAbout ||
      (record.component !== undefined && subjects.includes(record.component)) ||
      /^(incident|rollback|exec|guard)\./.test(record.event)
    );
  };
}

function merged(own: readonly LedgerEntry[], foreign: readonly LedgerEntry[]): LedgerEntry[] {
  return [...own, ...foreign].sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
}

// ------------------------------------------------------------------------------------------------------------------ gaps

function gapsOf(
  looked: readonly Looked<unknown>[],
  { window, memory }: Investigation,
  repository: Repository | null,
): Gap[] {
  const all = { from: isoTime(window.sinceMs), to: isoTime(window.untilMs) };
  const gaps = looked.flatMap(({ searched: { source, complete, note } }) =>
    complete ? [] : [{ source, ...all, why: note ?? "it could not be looked at" }],
  );
  if (repository?.isShallow === true)
    gaps.push({ source: "git", ...all, why: "the clone is shallow: older commits are not here" });
  if (memory === null)
    gaps.push({ source: "holdfast", ...all, why: "this tree is not guarded: nobody saw what was not committed" });
  else if (typeof memory === "string") gaps.push({ source: "holdfast", ...all, why: memory });
  return gaps;
}

/** A record that begins inside the window says nothing of what was before. */
function lateStart(source: string, firstMs: number | null, { sinceMs, untilMs }: Window, isExpected: boolean): Gap[] {
  if (!isExpected) return [];
  if (firstMs === null)
    return [{ source, from: isoTime(sinceMs), to: isoTime(untilMs), why: "there is none, or it has no times" }];
  if (firstMs <= sinceMs) return [];
  return [{ source, from: isoTime(sinceMs), to: isoTime(Math.min(firstMs, untilMs)), why: "it begins later" }];
}

function unread(foreign: { skippedLines: number; undated: number } | null): Gap[] {
  if (foreign === null) return [];
  const { skippedLines, undated } = foreign;
  const gaps: Gap[] = [];
  if (skippedLines > 0)
    gaps.push({ source: "ledgers", from: null, to: null, why: `${skippedLines} lines could not be read` });
  if (undated > 0) gaps.push({ source: "ledgers", from: null, to: null, why: `${undated} records have no time` });
  return gaps;
}
