/** The same report for people, as Markdown. Foreign text is shown as code, never obeyed. Pure. */

import { printableLine } from "../../base/index.ts";
import type { ForensicReport, GitEvent } from "./contract.ts";

const ROWS_MAX = 40;

export function reportMarkdown(report: ForensicReport): string {
  const { name, window, likely_cause: cause, findings, recommendation, gaps } = report;
  return [
    `# Forensics: ${code(name)}`,
    "",
    `${minute(window.since)} to ${minute(window.until)} (UTC). Written ${minute(report.generated_at)}.`,
    "",
    "## Likely cause",
    "",
    cause === null
      ? "Unknown: nothing that was found explains a loss."
      : `${code(cause.what)}${cause.actor === null ? "" : ` by ${code(cause.actor)}`}${cause.at === null ? "" : `, ${minute(cause.at)}`} – ${Math.round(cause.confidence * 100)} % sure: ${printableLine(cause.why)}.`,
    "",
    "## What became of it",
    "",
    ...listed(findings.map(({ says, confidence }) => `${code(says)} (${Math.round(confidence * 100)} % sure)`)),
    "",
    "## What to do",
    "",
    ...listed(
      recommendation.map(({ title, command, risk }) => `${printableLine(title)} (risk: ${risk}): ${code(command)}`),
    ),
    "",
    "## Git",
    "",
    ...listed(report.git_events.filter(isTelling).map(eventLine)),
    "",
    "## Rollback scripts",
    "",
    ...listed(
      report.rollback_scripts.map(
        ({ path, names, commands, runs }) =>
          `${code(path)}${names.length > 0 ? ` names ${names.map(code).join(", ")}` : ""}${commands.length > 0 ? `; it does ${commands.map(code).join(", ")}` : ""}${runs.length > 0 ? `; ran ${runs.map(({ at }) => (at === null ? "at no time known" : minute(at))).join(", ")}` : ""}`,
      ),
    ),
    "",
    "## Service failures",
    "",
    ...listed(
      report.service_failures.map(
        ({ at, file, says }) => `${at === null ? "no time" : minute(at)} ${code(file)}: ${code(says)}`,
      ),
    ),
    "",
    "## Ledger entries",
    "",
    ...listed(
      report.ledger_entries.map(
        ({ at, source, says, ref }) => `${at === null ? "no time" : minute(at)} ${source} ${code(says)} (${code(ref)})`,
      ),
    ),
    "",
    "## Gaps in the evidence",
    "",
    ...listed(
      gaps.map(
        ({ source, from, to, why }) =>
          `${source}${from === null ? "" : `, ${minute(from)} to ${to === null ? "now" : minute(to)}`}: ${printableLine(why)}`,
      ),
    ),
    "",
  ].join("\n");
}

/** What only adds and edits is counted, not listed, when there is much of it. */
function isTelling({ deleted_total, renamed, kind, components }: GitEvent): boolean {
  return deleted_total > 0 || renamed.length > 0 || kind !== "commit" || components.length > 0;
}

function eventLine({
  at,
  commit,
  author,
  subject,
  deleted,
  deleted_total,
  added,
  modified,
  renamed,
}: GitEvent): string {
  const counts = [
    [deleted_total, "deleted"],
    [renamed.length, "renamed"],
    [added, "added"],
    [modified, "modified"],
  ]
    .filter(([count]) => (count as number) > 0)
    .map(([count, what]) => `${count} ${what}`);
  const names =
    deleted.length === 0 ? "" : `: ${deleted.slice(0, 5).map(code).join(", ")}${deleted_total > 5 ? " …" : ""}`;
  return `${minute(at)} ${commit === null ? "" : `${commit.slice(0, 9)} `}${code(subject)}${author === null ? "" : ` (${code(author)})`}${counts.length === 0 ? "" : ` – ${counts.join(", ")}`}${names}`;
}

function listed(lines: readonly string[]): string[] {
  if (lines.length === 0) return ["None found."];
  const shown = lines.slice(0, ROWS_MAX).map((line) => `- ${line}`);
  return lines.length > ROWS_MAX ? [...shown, `- … and ${lines.length - ROWS_MAX} more`] : shown;
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")}`;
}

/** As Markdown's code: a longer fence than any inside. */
function code(text: string): string {
  const line = printableLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}
