/** Everything that any source tells of a subject, or of the whole tree, on one timeline: `history --all`. Writes nothing. */

import { isoTime } from "../base/index.ts";
import type { Memory } from "./collectors/holdfast.ts";
import { look } from "./collectors/looked.ts";
import type { Evidence, Searched } from "./contract.ts";
import type { GitEvent } from "./forensics/contract.ts";
import { commitsIn, headMovesIn, type Window } from "./forensics/window-commits.ts";
import { foreignEntries, ownEntries, serviceFailures } from "./forensics/window-records.ts";
import { type DiagnosePorts, type EvidencePlaces, lookInGit } from "./gather.ts";
import { openRepository, pathspecOf } from "./git-past/repository.ts";
import { type Place, subjectOf } from "./subject.ts";

export interface HistoryRequest {
  /** `null`: the whole tree. */
  readonly text: string | null;
  readonly window: Window;
  readonly place: Place;
  readonly places: EvidencePlaces;
  readonly memory: Memory | string | null;
}

export interface FullHistory {
  /** Oldest first. */
  readonly evidence: Evidence[];
  readonly searched: Searched[];
}

export async function fullHistory(request: HistoryRequest, ports: DiagnosePorts): Promise<FullHistory> {
  const { text, window, place, places, memory } = request;
  const subject = text === null ? null : subjectOf(text, place, ports);
  const root = subject?.root ?? place.root;
  const repository = openRepository(root, ports, place.past ?? null);
  const parts = subject?.parts ?? [];
  const paths = parts.filter(({ isGlob }) => !isGlob).map(({ path }) => path);
  const words = subject === null ? [] : [...new Set([text!, ...paths])];
  const sources = { root, window, words, places };
  const [commits, foreign, failures] = await Promise.all([
    lookInGit(repository, "git", ports, (one) => commitsIn(one, window, parts.map(pathspecOf))),
    look({ source: "ledgers", limitMs: places.limitMs, work: (time) => foreignEntries(sources, ports, time) }, ports),
    look({ source: "logs", limitMs: places.limitMs, work: (time) => serviceFailures(sources, ports, time) }, ports),
  ]);
  const moves = repository === null || subject !== null ? [] : headMovesIn(repository, window, ports).found;
  const isWanted = (named: readonly string[] | undefined, component: string | undefined) =>
    subject === null ||
    (component !== undefined && component === subject.component) ||
    paths.some((path) => named?.some((one) => one === path || one.startsWith(`${path}/`)));
  const own =
    memory === null || typeof memory === "string"
      ? []
      : ownEntries(memory.ledger, window, (record) => isWanted(record.paths, record.component)).entries;
  const evidence: Evidence[] = [
    ...(commits.found ?? []).map(commitEvidence),
    ...moves.map((move) => ({ ...commitEvidence(move), source: "reflog" as const })),
    ...own.map(({ at, says, ref }) => ({ at, source: "ledger" as const, says, ref, weight: 0.9 })),
    ...(foreign.found?.entries ?? []).map(({ at, says, ref }) => ({
      at,
      source: "mls" as const,
      says,
      ref,
      weight: 0.3,
    })),
    ...(failures.found?.failures ?? []).map(({ at, says, file }) => ({
      at,
      source: "service-log" as const,
      says,
      ref: file,
      weight: 0.6,
    })),
    ...(failures.found?.rollbacks ?? [])
      .filter(({ says }) => words.length === 0 || words.some((word) => says.includes(word)))
      .map(({ atMs, says, file }) => ({
        at: atMs === null ? null : isoTime(atMs),
        source: "rollback-log" as const,
        says,
        ref: file,
        weight: 0.5,
      })),
  ];
  evidence.sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
  return { evidence, searched: [commits, foreign, failures].map(({ searched }) => searched) };
}

function commitEvidence({
  at,
  author,
  subject,
  commit,
  deleted_total: deleted,
  added,
  modified,
  renamed,
}: GitEvent): Evidence {
  const counts = [
    [deleted, "deleted"],
    [renamed.length, "renamed"],
    [added, "added"],
    [modified, "modified"],
  ].flatMap(([count, what]) => ((count as number) > 0 ? [`${count} ${what}`] : []));
  const who = author === null ? "" : `${author}: `;
  return {
    at,
    source: "git",
    says: `${who}${subject}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`,
    ref: commit,
    weight: 0.9,
  };
}
