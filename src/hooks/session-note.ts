/** What an agent reads when its session begins: at most 120 tokens. */

import { printableLine } from "../base/index.ts";
import type { TreeDesk } from "./desk.ts";

/** A token is at least two characters even of paths and ids: so this stays below 120. */
const LENGTH_MAX = 420;
const INCIDENT_LENGTH_MAX = 90;
const INCIDENTS_TOLD = 2;

export function sessionNote(incidents: Awaited<ReturnType<TreeDesk["openIncidents"]>>, program: string): string {
  const told = incidents
    .slice(0, INCIDENTS_TOLD)
    .map(({ says }) => `- ${cut(printableLine(says), INCIDENT_LENGTH_MAX)}`);
  const open =
    incidents.length === 0
      ? "no open incidents"
      : `${incidents.length} open ${incidents.length === 1 ? "incident" : "incidents"}:`;
  const rule = `Before you say that something is missing, broken or never existed, run: ${program} diagnose <path>`;
  return cut([`Holdfast guards this tree; ${open}`, ...told, rule].join("\n"), LENGTH_MAX);
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}
