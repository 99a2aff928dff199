/**
 * Puts on record that a workspace is over, and opens an incident when it held bytes that exist nowhere else.
 *
 * The record, the incident and the end of its life in the vault are one commit: after a crash it is judged again, and told once.
 */

import { ABSENT, isoTime, LIMITS } from "../../base/index.ts";
import type { DriftOnRecord } from "../../ledger/index.ts";
import type { Vault } from "../../vault/index.ts";
import { causeKey, type Found } from "../cause-finder.ts";
import { decide, type Facts } from "../decide.ts";
import { causeOnRecord } from "../docket.ts";
import { GUARD, type GuardWorld } from "../world.ts";
import { type TakenAway, takenAway } from "./only-there.ts";

export interface Gone {
  readonly name: string;
  /** Where it stood last. */
  readonly root: string;
  /** As the workspace sees it. */
  readonly vault: Vault;
  readonly goneMs: number;
}

const CAUSE_PATHS_MAX = 50;

export async function recordGone(gone: Gone, world: GuardWorld): Promise<void> {
  const { vault } = gone;
  const taken = await takenAway(gone, world);
  const found = await findCause(gone, taken, world);
  const drifts = driftsOf(gone, taken);
  const stored = drifts.length > LIMITS.incidentDriftsInline ? await store(drifts, vault) : null;
  await vault.endWorkspace(gone.name, () => {
    const incident = drifts.length === 0 ? null : openIncident({ gone, taken, drifts, stored, found }, world);
    world.incidents.record({
      event: "tree.workspace-gone",
      actor: GUARD,
      ok: incident === null,
      ...(incident === null ? {} : { incident }),
      ...(found.cause === null ? {} : { cause: causeOnRecord(found.cause) }),
      data: {
        name: gone.name,
        root: gone.root,
        files: taken.files,
        onlyThere: drifts.length,
        since: isoTime(taken.sinceMs),
      },
      summary: `${whatWent(gone, found)}: ${drifts.length === 0 ? "all it held exists elsewhere" : `${count(drifts.length)} with bytes that exist nowhere else  → holdfast restore --workspace ${gone.name}`}`,
    });
  });
}

async function findCause({ root }: Gone, { only, sinceMs }: TakenAway, world: GuardWorld): Promise<Found> {
  const paths = [root, ...only.slice(0, CAUSE_PATHS_MAX).map(({ path }) => `${root}/${path}`)];
  const drift = paths.map((path) => ({ path, kind: "deleted" as const }));
  return world.causes.find(drift, { sinceMs, untilMs: world.ports.clock.now() });
}

/** A workspace is nobody's component: the only facts are that it went, and with what. */
const FACTS: Facts = {
  subject: "workspace",
  change: "missing",
  appendOnly: false,
  rootTrouble: false,
  window: null,
  gitAtWork: false,
  tracked: false,
  headElsewhere: false,
  matchesHead: false,
  stash: "none",
  by: { who: "nobody", how: "other" },
  copied: false,
  several: false,
  strict: false,
  scope: "branch",
  response: "repair",
};

function driftsOf({ name, root }: Gone, { only }: TakenAway): DriftOnRecord[] {
  const { row, response } = decide(FACTS);
  const shared = { component: `workspace ${name}`, kind: "deleted", change: "missing", present: ABSENT, matches: null };
  return only
    .map(({ path, entry }) => ({ path: `${root}/${path}`, goal: entry, row, response, ...shared }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** With a lease until the record that names it is there. */
async function store(drifts: readonly DriftOnRecord[], vault: Vault) {
  const batch = vault.begin();
  const digest = batch.put(Buffer.from(JSON.stringify(drifts)));
  await batch.commit();
  return digest;
}

interface Opening {
  readonly gone: Gone;
  readonly taken: TakenAway;
  readonly drifts: readonly DriftOnRecord[];
  readonly stored: Awaited<ReturnType<typeof store>> | null;
  readonly found: Found;
}

function openIncident({ gone, taken, drifts, stored, found }: Opening, { incidents }: GuardWorld): string {
  const { why, response, severity, row } = decide(FACTS);
  const incident = incidents.newId();
  const cause = found.cause === null ? {} : { cause: causeOnRecord(found.cause) };
  const shared = { actor: GUARD, ok: false, incident, ...cause };
  const what = `${whatWent(gone, found)} with ${count(drifts.length)} that exist nowhere else`;
  incidents.record({
    ...shared,
    event: "incident.opened",
    data: { key: causeKey(found.cause) },
    summary: `${incident} opened: ${what}`,
  });
  incidents.record({
    ...shared,
    event: "drift.detected",
    paths: drifts.map(({ path }) => path),
    data: {
      drifts: stored === null ? [...drifts] : null,
      stored,
      total: drifts.length,
      components: [`workspace ${gone.name}`],
      kinds: ["deleted"],
      response,
      severity,
      rows: [row],
      why: [why],
      others: found.others.map((other) => other.what),
      blind: null,
      since: isoTime(taken.sinceMs),
    },
    summary: `${what}: ${response}, ${why}`,
  });
  return incident;
}

function whatWent({ name, root }: Gone, { cause }: Found): string {
  return `workspace ${name} (${root}) was removed${cause === null ? "" : ` by ${cause.what}`}`;
}

function count(files: number): string {
  return files === 1 ? "1 file" : `${files.toLocaleString("en")} files`;
}
