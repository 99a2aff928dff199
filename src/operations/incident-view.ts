/** An incident as verbs answer it; the contract is `docs/formats.md`. */

import { printableLine } from "../base/index.ts";
import type { IncidentRow } from "../guard/index.ts";
import type { Style } from "./operation.ts";

export interface IncidentView {
  id: string;
  state: "open" | "resolved" | "dismissed";
  openedAt: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
  components: string[];
  kinds: string[];
  paths: string[];
  /** How many there are, where `paths` was cut. */
  pathsTotal: number;
  cause: { what: string; actor: string | null; pid: number | null; confidence: number } | null;
  others: string[];
  response: string;
  severity: string;
  why: string[];
  escalated: string | null;
  falseAlarm: boolean;
  orders: string[];
  blind: { from: string; to: string; why: string }[];
  /** The git worktree that went with them. */
  workspace: { name: string; root: string } | null;
}

export function incidentView(row: IncidentRow): IncidentView {
  const { id, state, openedAt, resolvedAt, resolvedBy, components, kinds, paths, pathsTotal, cause, others } = row;
  const { response, severity, why, escalated, falseAlarm, orders, blind } = row;
  const common = { id, state, openedAt, resolvedAt, resolvedBy, components, kinds, paths, pathsTotal, cause, others };
  return { ...common, response, severity, why, escalated, falseAlarm, orders, blind, workspace: row.workspace ?? null };
}

export function incidentLine(incident: IncidentView, style: Style): string {
  const { id, state, openedAt, kinds, paths, pathsTotal, cause, escalated } = incident;
  const what = `${kinds.join(", ")} ${paths[0] ?? ""}${pathsTotal > 1 ? ` and ${pathsTotal - 1} more` : ""}`;
  const by = cause === null ? "cause unknown" : `by ${cause.what}${cause.actor === null ? "" : ` (${cause.actor})`}`;
  const mark = state === "open" ? (escalated === null ? style.warn("▲") : style.bad("▲")) : style.good("●");
  return `${mark} ${style.bold(id)}  ${style.dim(openedAt)}  ${printableLine(what)}  ${style.dim(`${printableLine(by)}, ${stateText(incident)}`)}`;
}

function stateText({ state, resolvedBy, response, escalated }: IncidentView): string {
  if (escalated !== null && state === "open") return "a person must look";
  if (state === "open") return response === "note" ? "noted" : "open";
  return state === "dismissed" ? "dismissed" : (RESOLVED[resolvedBy ?? ""] ?? "resolved");
}

const RESOLVED: Record<string, string> = {
  repair: "put back",
  itself: "as it should be again",
  accept: "accepted",
  another: "went on in another incident",
};
