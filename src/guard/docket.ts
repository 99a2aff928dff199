/**
 * Puts what was decided on record: one incident a cause, opened or joined, and in the same commit the repair that follows.
 *
 * Only news is recorded. Drift that stands as it stood, in an incident that is open or was dismissed, is neither told nor done again.
 */

import { type Digest, digestOf, isoTime, LIMITS, sameEntry } from "../base/index.ts";
import type { DriftOnRecord } from "../ledger/index.ts";
import { type Culprit, causeKey, type Found } from "./cause-finder.ts";
import type { Settled } from "./contract.ts";
import type { Decision } from "./decide.ts";
import { describeDrift } from "./drift.ts";
import type { Suspect } from "./facts.ts";
import { resolve } from "./resolve.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface Decided extends Suspect {
  readonly decision: Decision;
}

export interface Entry {
  readonly decided: readonly Decided[];
  readonly found: Found;
  readonly occasion: Pick<Settled, "blind" | "sinceMs">;
  /** Runs in the same transaction, with the incident's id. */
  alsoRecord?(incident: string): void;
}

/** An entry that is ready to be written. */
export interface Docket {
  /** The incident that it opens or joins. */
  readonly incident: string;
  /** To be put into the vault by the same commit: what is too much for the ledger. */
  readonly bytes: Buffer | null;
  /** Inside a transaction. */
  write(): void;
}

/** What of `decided` nobody was told yet, or what has to be done again. */
export function newsOf(decided: readonly Decided[], world: GuardWorld): Decided[] {
  const { incidents } = world;
  return decided.filter(({ drift, decision }) => {
    const standing = incidents.standing({ path: drift.path }).find((one) => facetOf(one.drift) === facetOf(drift));
    if (standing === undefined || !sameEntry(standing.drift.present, drift.present)) return true;
    if (standing.wo !== null && isUnderWay(standing.wo, world)) return false;
    if (incidents.row(standing.incident)?.state === "dismissed") return false;
    return decision.response === "repair" || standing.drift.response !== decision.response;
  });
}

function facetOf({ change }: { change: string }): "mode" | "content" {
  return change === "mode" ? "mode" : "content";
}

export function isUnderWay(wo: string, { book }: Pick<GuardWorld, "book">): boolean {
  const status = book.row(wo)?.status;
  return status === "pending" || status === "running";
}

export function drawUp(entry: Entry, world: GuardWorld): Docket {
  const { incidents, ports, config } = world;
  const { decided, found, occasion } = entry;
  const drifts = decided.map(onRecord);
  const joined = incidents.joinable({
    key: causeKey(found.cause),
    paths: drifts.map(({ path }) => path),
    sinceMs: occasion.sinceMs,
    nowMs: ports.clock.now(),
    withinMs: config().guard.flap.withinMs,
  });
  const incident = joined?.id ?? incidents.newId();
  const bytes = drifts.length <= LIMITS.incidentDriftsInline ? null : Buffer.from(JSON.stringify(drifts));
  const stored = bytes === null ? null : digestOf(bytes);
  return { incident, bytes, write: () => write(entry, { drifts, stored, incident, isNew: joined === null }, world) };
}

/** Where nothing else begins with it. */
export async function enter(entry: Entry, world: GuardWorld): Promise<void> {
  const { vault, store } = world;
  const { bytes, write } = drawUp(entry, world);
  if (bytes === null) {
    store.transaction(write);
    return;
  }
  const batch = vault.begin();
  try {
    batch.put(bytes);
    await batch.commit(write);
  } catch (error) {
    batch.abort();
    throw error;
  }
}

interface DrawnUp {
  readonly drifts: readonly DriftOnRecord[];
  readonly stored: Digest | null;
  readonly incident: string;
  readonly isNew: boolean;
}

function write(
  { decided, found, occasion: { blind, sinceMs }, alsoRecord }: Entry,
  { drifts, stored, incident, isNew }: DrawnUp,
  world: GuardWorld,
): void {
  const { incidents } = world;
  const cause = found.cause === null ? {} : { cause: causeOnRecord(found.cause) };
  const shared = { actor: GUARD, ok: false, incident, ...cause };
  const by = found.cause === null ? "" : ` by ${found.cause.what}`;
  const what = `${describeDrift(decided[0]!.drift)}${drifts.length > 1 ? ` and ${drifts.length - 1} more` : ""}${by}`;
  incidents.record({
    ...shared,
    event: isNew ? "incident.opened" : "incident.joined",
    data: { key: causeKey(found.cause) },
    summary: `${incident} ${isNew ? "opened" : "goes on"}: ${what}`,
  });
  const components = sorted(drifts.map(({ component }) => component));
  const strongest = strongestOf(decided);
  incidents.record({
    ...shared,
    event: "drift.detected",
    paths: sorted(drifts.map(({ path }) => path)),
    ...(components.length === 1 ? { component: components[0]! } : {}),
    data: {
      drifts: stored === null ? [...drifts] : null,
      stored,
      total: drifts.length,
      components,
      kinds: sorted(drifts.map(({ kind }) => kind)),
      response: strongest.response,
      severity: strongest.severity,
      rows: [...new Set(drifts.map(({ row }) => row))].sort((a, b) => a - b),
      why: sorted(decided.map(({ decision }) => decision.why)),
      others: found.others.map((other) => other.what),
      blind: blind && { from: isoTime(blind.fromMs), to: isoTime(blind.toMs), why: blind.why },
      since: isoTime(sinceMs),
    },
    summary: `${what}: ${strongest.response}, ${strongest.why}`,
  });
  resolve(incidents.stand(incident, drifts), "another", world);
  alsoRecord?.(incident);
}

function onRecord({ drift, decision }: Decided): DriftOnRecord {
  const { path, component, kind, change, goal, present, matches, note } = drift;
  const { row, response } = decision;
  return {
    path,
    component,
    kind,
    change,
    goal,
    present,
    matches: matches && { ...matches },
    ...(note === undefined ? {} : { note }),
    row,
    response,
  };
}

export function causeOnRecord({ what, actor, pid, confidence }: Culprit) {
  return { what, ...(actor === null ? {} : { actor }), ...(pid === null ? {} : { pid }), confidence };
}

const STRENGTH: readonly Decision["response"][] = ["repair", "raise", "note"];

function strongestOf(decided: readonly Decided[]): Decision {
  const responses = decided.map(({ decision }) => decision);
  const high = responses.find(({ severity }) => severity === "high");
  for (const response of STRENGTH) {
    const found = responses.find((decision) => decision.response === response);
    if (found) return high ? { ...found, severity: "high" } : found;
  }
  return responses[0]!;
}

function sorted<T extends string>(values: readonly T[]): T[] {
  return [...new Set(values)].sort();
}
