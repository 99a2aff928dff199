/** What most likely did it: the change that hit most of what was lost inside the window. Pure; may end at "unknown". */

import type { Diagnosis } from "../contract.ts";
import type { GitEvent, LikelyCause, RollbackScript } from "./contract.ts";
import type { Window } from "./window-commits.ts";

export interface CauseRequest {
  readonly window: Window;
  readonly diagnoses: readonly Diagnosis[];
  readonly events: readonly GitEvent[];
  readonly scripts: readonly RollbackScript[];
}

export function likelyCause(request: CauseRequest): LikelyCause | null {
  return byChange(request) ?? byScript(request) ?? byHeadMove(request) ?? byDeletion(request);
}

/** Losses that one commit, or one command, explains. */
function byChange({ window, diagnoses, scripts }: CauseRequest): LikelyCause | null {
  const groups = new Map<string, Diagnosis[]>();
  for (const one of diagnoses) {
    const { change, verdict } = one;
    if (verdict !== "worked-then-broke" || change === null || change.intentional || !isInside(change.at, window))
      continue;
    const key = change.commit ?? change.by?.what ?? "";
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const [most] = [...groups.values()].sort((a, b) => b.length - a.length || surest(b) - surest(a));
  if (most === undefined) return null;
  const change = most[0]!.change!;
  const run = runNear(change.at, scripts);
  const known = change.by?.confidence ?? 0;
  const confidence = Math.min(0.97, surest(most) * Math.max(known, change.commit === null ? 0.3 : 0.9));
  return {
    what: change.by?.what ?? `${change.kind}, by nobody knows whom`,
    at: change.at,
    actor: change.by?.actor ?? null,
    commit: change.commit,
    components: most.map(({ subject }) => subject.component ?? subject.path),
    confidence: round(confidence),
    why: [
      `${most.length === 1 ? "it explains the loss" : `it explains ${most.length} losses`} in the window`,
      ...(run === null ? [] : [`${run} ran within ten minutes of it`]),
    ].join("; "),
  };
}

const NEAR_MS = 10 * 60_000;

function runNear(at: string | null, scripts: readonly RollbackScript[]): string | null {
  if (at === null) return null;
  const ms = Date.parse(at);
  const near = scripts.find(({ runs }) =>
    runs.some((run) => run.at !== null && Math.abs(Date.parse(run.at) - ms) <= NEAR_MS),
  );
  return near?.path ?? null;
}

/** A rollback that ran, and names what was asked about. */
function byScript({ scripts }: CauseRequest): LikelyCause | null {
  const ran = scripts.find(({ runs, names }) => runs.length > 0 && names.length > 0);
  if (ran === undefined) return null;
  const run = ran.runs.at(-1)!;
  return {
    what: `rollback script ${ran.path}`,
    at: run.at,
    actor: null,
    commit: null,
    components: ran.names,
    confidence: 0.5,
    why: `${run.file} tells that it ran, and it names ${ran.names.join(", ")}`,
  };
}

function byHeadMove({ events }: CauseRequest): LikelyCause | null {
  const move = events.findLast(({ kind, subject }) => kind === "head-moved" && /^reset/.test(subject));
  if (move === undefined) return null;
  return {
    what: `git ${move.subject}`,
    at: move.at,
    actor: null,
    commit: null,
    components: [],
    confidence: 0.35,
    why: "it can take away what was not committed, and commits with it",
  };
}

const MANY = 5;

/** The commit that deleted most, when nothing better is known. */
function byDeletion({ events }: CauseRequest): LikelyCause | null {
  const [most] = events
    .filter(
      ({ deleted_total, subject }) => deleted_total > 0 && !/\b(remove|delete|drop|rename|move|clean)/i.test(subject),
    )
    .sort((a, b) => b.deleted_total - a.deleted_total);
  if (most === undefined) return null;
  return {
    what: `commit ${most.commit?.slice(0, 9)} "${most.subject}"`,
    at: most.at,
    actor: most.author,
    commit: most.commit,
    components: most.components,
    confidence: most.deleted_total >= MANY ? 0.4 : 0.3,
    why: `it deleted ${most.deleted_total} paths and does not say so`,
  };
}

function surest(diagnoses: readonly Diagnosis[]): number {
  return Math.max(...diagnoses.map(({ confidence }) => confidence));
}

function isInside(at: string | null, { sinceMs, untilMs }: Window): boolean {
  return at !== null && Date.parse(at) >= sinceMs && Date.parse(at) <= untilMs;
}

function round(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
