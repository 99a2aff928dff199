/** How what a streaming verb says before it ends is printed. */

import { printableJson, printableLine } from "../../base/index.ts";
import {
  type DrillEvent,
  describeRecord,
  drillLine,
  type LedgerRecord,
  type Style,
  type SurveyEvent,
  surveyText,
  type UpEvent,
} from "../../operations/index.ts";
import type { Terminal } from "./terminal.ts";

export function eventPrinter({
  json,
  style,
  terminal,
}: {
  json: boolean;
  style: Style;
  terminal: Terminal;
}): (event: unknown) => void {
  return (event) => {
    if (isDrill(event)) terminal.out(json ? "" : `${drillLine(event, style)}\n`);
    else if (isSurvey(event)) terminal.err(json ? "" : `${surveyText(event, style)}\n`);
    else if (json) terminal.out(`${printableJson(event)}\n`);
    else if (isUpEvent(event)) terminal.out(`${upLine(event, style)}\n`);
    else terminal.out(`${describeRecord(event as LedgerRecord, style)}\n`);
  };
}

/** `init` shows it before it asks; its result holds it too. */
function isSurvey(event: unknown): event is SurveyEvent {
  return typeof event === "object" && event !== null && "survey" in event;
}

/** The table while it grows; its result holds the rows too. */
function isDrill(event: unknown): event is DrillEvent {
  return typeof event === "object" && event !== null && "drill" in event;
}

function isUpEvent(event: unknown): event is UpEvent {
  return typeof event === "object" && event !== null && ("started" in event || "record" in event);
}

function upLine(event: UpEvent, style: Style): string {
  if ("record" in event)
    return event.record.event === "drift.detected"
      ? driftLine(event.record as LedgerRecord<"drift.detected">, style)
      : describeRecord(event.record, style);
  const { tree, branch, page } = event.started;
  const at =
    page === null
      ? ""
      : `\n  ${printableLine(page)}  ${style.dim("the page; the link works once, the next: holdfast dashboard")}`;
  return `${style.good("●")} holding ${style.bold(printableLine(tree))}${branch === null ? "" : `, ${printableLine(branch)}`}  ${style.dim("Ctrl-C ends it")}${at}`;
}

/** `22:43:07 .env missing – git clean -fdx (codex, pid 4123)   nothing lost → holdfast restore .env`. */
function driftLine({ ts, paths = [], cause, data }: LedgerRecord<"drift.detected">, style: Style): string {
  const [path = ""] = paths;
  const more = data.total > 1 ? ` and ${data.total - 1} more` : "";
  const kinds = data.kinds.map((kind) => (kind === "deleted" ? "missing" : kind)).join(", ");
  const who = [cause?.actor, cause?.pid === undefined ? undefined : `pid ${cause.pid}`].filter(Boolean).join(", ");
  const by = cause === undefined ? "nobody was seen" : `${cause.what}${who === "" ? "" : ` (${who})`}`;
  const next = data.response === "repair" ? "it is put back" : `nothing lost → holdfast restore ${path}`;
  const at = new Date(ts).toTimeString().slice(0, 8);
  return `${at} ${style.bad(printableLine(`${path}${more} ${kinds}`))} – ${printableLine(by)}   ${style.dim(printableLine(next))}`;
}
