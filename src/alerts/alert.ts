/** A notification: what happened, in words for people and as data for programs. Grouped: one topic, all that came of it so far. */

import type { LedgerRecord } from "../ledger/index.ts";

export type Severity = "info" | "warning" | "critical";

/** Also the JSON document that a generic webhook and a command are given. */
export interface Alert {
  readonly v: 1;
  /** The same when it is sent again. */
  readonly id: string;
  readonly tree: string;
  readonly host: string;
  /** Of the newest record in it. */
  readonly at: string;
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  readonly incident: string | null;
  readonly wo: string | null;
  /** Newest last, at most `EVENTS_MAX`. */
  readonly events: readonly {
    readonly event: string;
    readonly at: string;
    readonly seq: number;
    readonly summary: string;
  }[];
  /** How many records it tells of. */
  readonly records: number;
  readonly command: string;
}

const EVENTS_MAX = 10;
const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];

export interface Place {
  readonly root: string;
  readonly host: string;
}

export function alertOf(record: LedgerRecord, id: string, { root, host }: Place): Alert {
  const { event, ts: at, seq, summary, incident = null, wo = null } = record;
  return {
    v: 1,
    id,
    tree: root,
    host,
    at,
    title: `Holdfast: ${summary}${byText(record)}`,
    text: `${root} on ${host}`,
    severity: severityOf(record),
    incident,
    wo,
    events: [{ event, at, seq, summary }],
    records: 1,
    command: commandFor(record),
  };
}

function byText({ cause }: LedgerRecord): string {
  if (cause === undefined) return "";
  return ` by ${cause.what}${cause.actor === undefined ? "" : ` (${cause.actor})`}`;
}

/** What came later joins what waits: one message for both. */
export function joined(waiting: Alert, later: Alert): Alert {
  return {
    ...later,
    id: waiting.id,
    // The first says what it is about, the last how it stands.
    title:
      later.title === waiting.title ? later.title : `${waiting.title.split(" → ")[0]} → ${later.title.slice(PREFIX)}`,
    severity: worst([waiting.severity, later.severity]),
    events: [...waiting.events, ...later.events].slice(-EVENTS_MAX),
    records: waiting.records + later.records,
  };
}

const PREFIX = "Holdfast: ".length;

/** Many at once, as one. */
export function digest(alerts: readonly Alert[], id: string): Alert {
  const last = alerts.at(-1)!;
  const records = alerts.reduce((sum, alert) => sum + alert.records, 0);
  return {
    ...last,
    id,
    title: `Holdfast: ${alerts.length} things happened`,
    text: `${last.text}\n${alerts.map(({ title }) => `- ${title.slice(PREFIX)}`).join("\n")}`,
    severity: worst(alerts.map(({ severity }) => severity)),
    incident: null,
    wo: null,
    events: alerts.flatMap(({ events }) => events.slice(-1)).slice(-EVENTS_MAX),
    records,
    command: "holdfast history",
  };
}

export function isWorseThan(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b);
}

function worst(all: readonly Severity[]): Severity {
  return all.reduce((a, b) => (isWorseThan(b, a) ? b : a));
}

function severityOf({ event, ok }: LedgerRecord): Severity {
  if (event === "incident.escalated" || event === "guard.brake" || event === "vault.corrupt") return "critical";
  return ok && event !== "incident.opened" ? "info" : "warning";
}

function commandFor({ incident, wo, component }: LedgerRecord): string {
  if (incident !== undefined) return `holdfast incidents show ${incident}`;
  if (wo !== undefined) return `holdfast wo show ${wo}`;
  return component === undefined ? "holdfast status" : `holdfast check ${component}`;
}

/** Below the title, for people. */
export function linesOf({ events, records, text, command }: Alert): string[] {
  const told = events.slice(-5).map(({ at, summary }) => `${at.slice(11, 19)} ${summary}`);
  const more = records > told.length ? [`and ${records - told.length} more records`] : [];
  return [text, ...(records > 1 ? told : []), ...more, `→ ${command}`];
}
