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
  const footer = liveFooter(terminal, { json, style });
  return (event) => {
    if (isLive(event)) {
      footer.draw(event.live);
      return;
    }
    footer.clear();
    if (isDrill(event)) terminal.out(json ? "" : `${drillLine(event, style)}\n`);
    else if (isSurvey(event)) terminal.err(json ? "" : `${surveyText(event, style)}\n`);
    else if (json) terminal.out(`${printableJson(event)}\n`);
    else if (isUpEvent(event)) terminal.out(`${upLine(event, style)}\n`);
    else terminal.out(`${describeRecord(event as LedgerRecord, style)}\n`);
    footer.again();
  };
}

type Live = Extract<UpEvent, { live: unknown }>["live"];

const FOOTER_LENGTH_MAX = 79;

/** The last line of a terminal, drawn anew below what is said; elsewhere nothing. */
function liveFooter(terminal: Terminal, { json, style }: { json: boolean; style: Style }) {
  const isShown = terminal.outIsTerminal && !terminal.plain && !json;
  let drawn: string | null = null;
  const clear = () => {
    if (drawn !== null) terminal.out("\r\x1b[2K");
  };
  const again = () => {
    if (drawn !== null) terminal.out(drawn);
  };
  return {
    clear,
    again,
    draw(live: Live) {
      if (!isShown) return;
      clear();
      drawn = live === null ? null : footerText(live, style);
      again();
    },
  };
}

function footerText({ pending, running, done, failed, open, lastAt }: NonNullable<Live>, style: Style): string {
  const orders = `orders ${running} running, ${pending} pending, ${done} done, ${failed} failed`;
  const last = lastAt === null ? "" : ` · last ${new Date(lastAt).toTimeString().slice(0, 8)}`;
  const text = `${orders} · ${open} open ${open === 1 ? "incident" : "incidents"}${last}`.slice(
    0,
    FOOTER_LENGTH_MAX - 2,
  );
  return `${open === 0 ? style.good("●") : style.warn("▲")} ${style.dim(text)}`;
}

function isLive(event: unknown): event is { live: Live } {
  return typeof event === "object" && event !== null && "live" in event;
}

/** `init` shows it before it asks; its result holds it too. */
function isSurvey(event: unknown): event is SurveyEvent {
  return typeof event === "object" && event !== null && "survey" in event;
}

/** The table while it grows; its result holds the rows too. */
function isDrill(event: unknown): event is DrillEvent {
  return typeof event === "object" && event !== null && "drill" in event;
}

function isUpEvent(event: unknown): event is Exclude<UpEvent, { live: unknown }> {
  return typeof event === "object" && event !== null && ("started" in event || "record" in event);
}

function upLine(event: Exclude<UpEvent, { live: unknown }>, style: Style): string {
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
