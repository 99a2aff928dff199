/** The table that a person reads: bounds and ratios first, then every figure. Pure. */

import type { Benchmark, Bound, Contest, Unit } from "./contest.ts";
import type { Judged, Row } from "./verdict.ts";

export function reportText(
  { name, measures, unit }: Pick<Benchmark, "name" | "measures" | "unit">,
  { missing, notes }: Pick<Contest, "missing" | "notes">,
  { rows, judged }: { rows: readonly Row[]; judged: readonly Judged[] },
): string {
  const lines = [`${name}: ${measures}`, ""];
  for (const one of judged) lines.push(`  ${boundLine(one, unit)}`);
  if (judged.length > 0) lines.push("");
  const table = rows.map((row) => cells(row));
  const head = ["", "who", `median (${unit})`, "p99", "least … most", "n", "cpu ms", "ours ÷ this"];
  const widths = head.map((title, column) => Math.max(title.length, ...table.map((line) => line[column]!.length)));
  for (const line of [head, ...table])
    lines.push(`  ${line.map((cell, column) => padded(cell, widths[column]!, column)).join("  ")}`.trimEnd());
  for (const { name: who, failure } of rows) if (failure !== null) lines.push(`  ✗ ${who} failed: ${failure}`);
  for (const one of missing) lines.push(`  – ${one}`);
  for (const note of notes) lines.push(`  · ${note}`);
  return lines.join("\n");
}

/** `✓ init ≤ 0.4 × restic: 0.36`. */
export function boundLine({ bound, value, holds, why }: Judged, unit: Unit): string {
  const mark = holds === null ? "?" : holds ? "✓" : "✗";
  const found = value === null ? `not judged (${why})` : bound.against === null ? figure(value) : value.toFixed(2);
  return `${mark} ${requirement(bound, unit)}: ${found}${bound.kind === "goal" ? "  (goal)" : ""}`;
}

function requirement({ of, statistic, against, limit }: Bound, unit: Unit): string {
  const sign = unit === "per second" ? "≥" : "≤";
  const subject = statistic === "p99" ? `${of}, p99` : of;
  if (against !== null) return `${subject} ${sign} ${limit} × ${against}`;
  const figures = `${subject} ${sign} ${limit.toLocaleString("en")}`;
  return unit === "as named" ? figures : `${figures} ${unit}`;
}

const MARKS = { ours: "»", peer: " ", floor: "_" } as const;

function cells(row: Row): string[] {
  const { name, role, p50, p99, least, most, count, cpuMs, ratios } = row;
  return [
    MARKS[role],
    name,
    p50 === null ? "–" : figure(p50),
    p99 === null ? "" : figure(p99),
    least === null || most === null ? "" : `${figure(least)} … ${figure(most)}`,
    String(count),
    cpuMs === null ? "" : figure(cpuMs),
    ratios.map(({ ratio }) => ratio.toFixed(2)).join("  "),
  ];
}

function padded(cell: string, width: number, column: number): string {
  return column <= 1 || column === 7 ? cell.padEnd(width) : cell.padStart(width);
}

/** Three digits that mean something. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
