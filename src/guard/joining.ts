/**
 * Which incident new drift is a part of. One cause is one incident, however many files, and however often it comes again within the
 * flap window; two causes are two, though one may follow the other within a second.
 *
 * Where nobody was seen, time decides: what began before the last drift was put on record is one burst, and what takes the same path
 * soon after is most likely who took it before.
 */

import { LIMITS, type Store } from "../base/index.ts";
import { isSameHand } from "./cause-finder.ts";
import type { IncidentRow } from "./incident-row.ts";

export interface Newcomer {
  /** Of `causeKey`. */
  readonly key: string | null;
  readonly paths: readonly string[];
  /** When it began, and now. Unix ms. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** The flap window. */
  readonly withinMs: number;
}

export function joinable(newcomer: Newcomer, store: Store): IncidentRow | null {
  const taken = new Set(newcomer.paths);
  const recent = recentRows(newcomer, store);
  return (
    standingRows(newcomer.paths, store).find(({ key }) => mayBeOne(key, newcomer.key)) ??
    recent.find((row) => row.paths.some((path) => taken.has(path)) && isAgain(row, newcomer)) ??
    recent.find((row) => isSameBurst(row, newcomer)) ??
    null
  );
}

function mayBeOne(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

/** The same paths went before. */
function isAgain({ key, lastDriftAt }: IncidentRow, newcomer: Newcomer): boolean {
  if (key === newcomer.key) return true;
  const agoMs = newcomer.nowMs - Date.parse(lastDriftAt);
  return mayBeOne(key, newcomer.key) && agoMs <= LIMITS.incidentUnseenMs;
}

/** Other paths, a moment later. */
function isSameBurst({ key, lastDriftAt }: IncidentRow, newcomer: Newcomer): boolean {
  const lastMs = Date.parse(lastDriftAt);
  if (key !== null && key === newcomer.key) return newcomer.nowMs - lastMs <= LIMITS.incidentJoinMs;
  const isOverlapping = newcomer.sinceMs <= lastMs && newcomer.nowMs - lastMs <= LIMITS.incidentJoinMs;
  return isOverlapping && (key === null || newcomer.key === null || isSameHand(key, newcomer.key));
}

/** Newest first. The brake's own are about the root, a workspace's about it, and nothing joins them. */
function recentRows({ nowMs, withinMs }: Newcomer, store: Store): IncidentRow[] {
  return store
    .all<{ row: string }>(
      "SELECT row FROM guard_incident WHERE last_drift_ms >= ? AND state <> 'dismissed' ORDER BY last_drift_ms DESC LIMIT ?",
      nowMs - withinMs,
      LIMITS.incidentsListed,
    )
    .map(({ row }) => JSON.parse(row) as IncidentRow)
    .filter(({ response, workspace, copy }) => response !== "brake" && workspace === undefined && copy === undefined);
}

/** Open incidents in which one of `paths` stands. */
function standingRows(paths: readonly string[], store: Store): IncidentRow[] {
  const ids = paths.flatMap((path) =>
    store.all<{ incident: string }>("SELECT incident FROM guard_drift WHERE path = ?", path).map((row) => row.incident),
  );
  return [...new Set(ids)].flatMap((id) => {
    const found = store.get<{ row: string }>("SELECT row FROM guard_incident WHERE id = ? AND state = 'open'", id);
    return found ? [JSON.parse(found.row) as IncidentRow] : [];
  });
}
