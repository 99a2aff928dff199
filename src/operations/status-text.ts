/** `status` for people: one sentence first, then what it rests on, what waits for somebody, and the command for it. */

import { humanDuration, printableLine } from "../base/index.ts";
import type { EyesState } from "../guard/index.ts";
import type { IncidentView } from "./incident-view.ts";
import type { Style } from "./operation.ts";

export interface StatusShown {
  at: string;
  tree: { root: string; branch: string | null };
  daemon: {
    running: boolean;
    pid: number | null;
    since: string | null;
    trouble: { message: string; hint: string }[];
    eyes: EyesState | null;
    workspaces: { name: string }[];
  };
  orders: { pending: number; running: number; done: number; failed: number; held: number };
  components: { healthy: number; drifted: number };
  incidents: { open: number; latest: IncidentView[] };
  canary: { ok: boolean; at: string } | null;
  config: { accepted: string | null; differs: boolean };
}

type Level = "good" | "warn" | "bad";

export function statusText(state: StatusShown, style: Style): string {
  const { tree, daemon, config } = state;
  const sign = { good: style.good("●"), warn: style.warn("▲"), bad: style.bad("✗") };
  const lines = [
    `${style.bold(printableLine(tree.root))}  ${style.dim(printableLine(tree.branch ?? "no branch"))}`,
    sentence(state, style),
    "",
  ];
  const row = (level: Level, name: string, says: string, next?: string) =>
    lines.push(
      `${sign[level]} ${name.padEnd(11)} ${says}${next === undefined ? "" : `  ${style.accent(`→ ${next}`)}`}`,
    );
  if (daemon.running) row("good", "guarding", guardingText(state));
  else row("warn", "guarding", "nobody: orders wait, nothing is watched", "holdfast up");
  if (daemon.workspaces.length > 0)
    row("good", "workspaces", daemon.workspaces.map(({ name }) => printableLine(name)).join(", "));
  for (const { message, hint } of daemon.trouble) row("bad", "trouble", printableLine(message), printableLine(hint));
  if (config.differs) {
    row("warn", "holdfast.yaml", "was changed and does not run", "holdfast accept holdfast.yaml");
    lines.push(style.dim(`  ${" ".repeat(11)} or: holdfast restore holdfast.yaml --from ${config.accepted}`));
  }
  for (const incident of state.incidents.latest)
    row("warn", "raised", incidentText(incident, state.at), `holdfast incidents show ${incident.id}`);
  const more = state.incidents.open - state.incidents.latest.length;
  if (more > 0) row("warn", "raised", `${more} more`, "holdfast incidents --open");
  ordersRows(state.orders, row);
  if (state.canary !== null)
    row(
      state.canary.ok ? "good" : "bad",
      "canary",
      `${state.canary.ok ? "went the whole way" : "failed"} ${ago(state.canary.at, state.at)}`,
      ...(state.canary.ok ? [] : ["holdfast canary"]),
    );
  return lines.join("\n");
}

function sentence({ daemon, components, incidents, config }: StatusShown, style: Style): string {
  const all = components.healthy + components.drifted;
  const kept =
    all === 0
      ? "everything is remembered; nothing is protected yet"
      : `${components.healthy} of ${all} components as accepted`;
  const next =
    all === 0
      ? `  ${style.accent("→ holdfast protect <path>")}`
      : components.drifted > 0
        ? `  ${style.accent("→ holdfast check")}`
        : "";
  const worry =
    daemon.trouble.length > 0
      ? "In trouble."
      : components.drifted > 0
        ? "Not all is as accepted."
        : incidents.open > 0 || config.differs
          ? "Held, and something waits for you."
          : null;
  if (worry !== null) return `${style.warn("▲")} ${style.bold(worry)}  ${kept}${next}`;
  return `${style.good("●")} ${style.bold("Held.")}  ${kept}${next}`;
}

function guardingText({ daemon: { pid, since, eyes }, at }: StatusShown): string {
  const parts = [`pid ${pid}${since === null ? "" : `, for ${humanDuration(Date.parse(at) - Date.parse(since))}`}`];
  if (eyes !== null) {
    const without = eyes.unwatchedTotal > 0 ? `, ${eyes.unwatchedTotal} without events` : "";
    parts.push(`${eyes.watched.folders} folders${without}`);
    parts.push(eyes.swept === null ? "not swept yet" : `swept ${ago(new Date(eyes.swept.atMs).toISOString(), at)}`);
  }
  return parts.join("; ");
}

function incidentText({ kinds, paths, pathsTotal, cause, openedAt }: IncidentView, at: string): string {
  const what = `${printableLine(paths[0] ?? "")}${pathsTotal > 1 ? ` and ${pathsTotal - 1} more` : ""} ${kinds.join(", ")}`;
  const by = cause === null ? "by nobody who was seen" : `by ${printableLine(cause.what)}`;
  return `${what} ${by}, ${ago(openedAt, at)}`;
}

function ordersRows(
  { pending, running, done, failed, held }: StatusShown["orders"],
  row: (level: Level, name: string, says: string, next?: string) => void,
): void {
  row("good", "orders", `${done} done, ${running} running, ${pending} pending`);
  if (failed > 0) row("warn", "", `${failed} failed`, "holdfast wo list --status failed");
  if (held > 0)
    row("warn", "", `${held} ${held === 1 ? "waits" : "wait"} for a person`, "holdfast wo list --status pending");
}

function ago(then: string, now: string): string {
  const ms = Date.parse(now) - Date.parse(then);
  return ms < 2_000 ? "just now" : `${humanDuration(ms)} ago`;
}
