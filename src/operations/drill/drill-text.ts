/** The drill's table, as a person reads it: a line a row, as it comes. */

import { printableLine } from "../../base/index.ts";
import type { Style } from "../operation.ts";
import type { RowOutcome } from "./row.ts";

/** What is said while it runs. */
export type DrillEvent = { drill: { head: string } | { row: RowOutcome } };

const NAME_WIDTH = 46;
const KIND_WIDTH = 24;

export function drillLine(event: DrillEvent, style: Style): string {
  return "row" in event.drill ? rowText(event.drill.row, style) : style.dim(event.drill.head);
}

export const HEAD = `      ${"what happens".padEnd(NAME_WIDTH)} ${"noticed".padStart(8)} ${"back".padStart(8)}  ${"as".padEnd(KIND_WIDTH)} answered  by`;

function rowText(row: RowOutcome, style: Style): string {
  const { n, name, noticedMs, repairedMs, kind, cause, response, skipped, ok, problems } = row;
  const number = String(n).padStart(3);
  if (skipped !== null)
    return `${style.warn("–")} ${number} ${name.padEnd(NAME_WIDTH)} ${style.warn(`skipped: ${skipped}`)}`;
  const mark = ok ? style.good("✓") : style.bad("✗");
  const by = cause === null ? "" : `${cause.what}${cause.actor === null ? "" : ` (${cause.actor})`}`;
  const cells = [
    name.padEnd(NAME_WIDTH),
    ms(noticedMs),
    ms(repairedMs),
    "",
    (kind ?? "").padEnd(KIND_WIDTH),
    response.padEnd(8),
    style.dim(printableLine(by).slice(0, 60)),
  ].join(" ");
  const lines = [`${mark} ${number} ${cells}`.trimEnd()];
  for (const problem of problems) lines.push(`        ${style.bad(printableLine(problem))}`);
  return lines.join("\n");
}

function ms(value: number | null): string {
  return (value === null ? "" : `${value} ms`).padStart(8);
}
