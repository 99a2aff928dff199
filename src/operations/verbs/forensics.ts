/** `holdfast forensics`: what happened between two moments, to what, by whose hand, and where evidence is missing. */

import { HoldfastError, LIMITS, parseMoment, printableLine } from "../../base/index.ts";
import { type ForensicReport, investigate, reportMarkdown } from "../../diagnose/index.ts";
import { diagnosedPlace } from "../diagnosed-place.ts";
import { forensicsKeep, type Kept } from "../forensics-keep.ts";
import { openHouseToRead } from "../open-house.ts";
import { type OperationContext, operation, type Style } from "../operation.ts";
import { perform } from "../perform.ts";

const ROWS_MAX = 12;

export const forensics = operation({
  name: "forensics",
  about: "What happened in a window of time: git, ledgers, logs, rollback scripts, the likely cause, and the gaps",
  effect: "none",
  commandLineOnly: true,
  input: (z) =>
    z.strictObject({
      components: z.array(z.string()).default([]),
      since: z.string(),
      until: z.string().default("now"),
      name: z.string().optional(),
      report: z.boolean().default(true),
      cwd: z.string().optional(),
    }),
  command: {
    arguments: [
      {
        name: "components",
        about: "components, paths or globs (default: all that was hit)",
        variadic: true,
        optional: true,
      },
    ],
    options: [
      { flags: "--since <time>", about: 'ISO, "yesterday 01:50", 10:28, "24h ago"' },
      { flags: "--until <time>", about: "the same (default: now)" },
      { flags: "--name <name>", about: "what the report is called (default: the first component)" },
      { flags: "--no-report", about: "write nothing, not even the report" },
    ],
    examples: [
      'holdfast forensics --since "yesterday 01:50" --until "yesterday 22:43" agents/apply_patch_processor',
      "holdfast forensics --since 24h --json --no-report",
    ],
  },
  namesPaths: true,
  async run(context, input) {
    const window = windowOf(input, context.ports.clock.now());
    const house = await openHouseToRead(context);
    let report: ForensicReport;
    try {
      report = await investigate(
        {
          name: input.name ?? input.components[0] ?? "tree",
          window,
          subjects: input.components,
          ...diagnosedPlace(context, house, input.cwd),
        },
        context.ports,
      );
    } finally {
      house.found?.close();
    }
    const kept = input.report && house.found !== null ? await keep(report, context) : NOT_KEPT;
    return { ...report, ...kept };
  },
  print: forensicsText,
  exitCode: ({ likely_cause: cause, service_failures: failures }) => (cause === null && failures.length === 0 ? 0 : 1),
});

const NOT_KEPT = { report: null, markdown: null, not_kept: null as string | null };

function windowOf(
  { since, until }: { since: string; until: string },
  nowMs: number,
): { sinceMs: number; untilMs: number } {
  const window = { sinceMs: parseMoment(since, nowMs), untilMs: parseMoment(until, nowMs) };
  const lengthMs = window.untilMs - window.sinceMs;
  if (lengthMs <= 0)
    throw new HoldfastError("USAGE", "the window ends before it begins", {
      hint: "holdfast forensics --since <time> --until <later>",
    });
  if (lengthMs > LIMITS.forensicWindowMsMax) throw new HoldfastError("USAGE", "the window is longer than a year");
  return window;
}

/** What was found is worth more than its file: where it cannot be kept, that is said. */
async function keep(
  report: ForensicReport,
  { ports, actor, located, signal, progress, emit, version }: OperationContext,
): Promise<Kept | typeof NOT_KEPT> {
  const cause = report.likely_cause;
  const raw = {
    name: report.name,
    since: report.window.since,
    until: report.window.until,
    summary: `forensics ${report.name}: ${cause === null ? "no cause found" : `${cause.what} (${Math.round(cause.confidence * 100)} % sure)`}`,
    ...(cause === null ? {} : { cause: cause.what }),
    json: `${JSON.stringify(report, null, 2)}\n`,
    markdown: reportMarkdown(report),
  };
  try {
    const caller = { ports, actor, located, signal, progress, emit, version };
    return { ...((await perform({ operation: forensicsKeep, raw, caller })) as Kept), not_kept: null } as Kept;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { ...NOT_KEPT, not_kept: error.message };
  }
}

function forensicsText(report: ForensicReport & typeof NOT_KEPT, style: Style): string {
  const { likely_cause: cause, findings, git_events: events, gaps, recommendation } = report;
  const minute = (at: string | null) => style.dim((at ?? "no time").slice(0, 16).replace("T", " ").padEnd(16));
  const told = events.filter(
    ({ deleted_total, kind, components }) => deleted_total > 0 || kind !== "commit" || components.length > 0,
  );
  const lines = [
    cause === null
      ? `${style.good("●")} no cause of a loss found in this window`
      : `${style.bad("▲")} ${style.bold(printableLine(cause.what))}${cause.actor === null ? "" : ` (${printableLine(cause.actor)})`}  ${style.dim(`${Math.round(cause.confidence * 100)} % sure: ${printableLine(cause.why)}`)}`,
    ...findings.map(({ says }) => `  ${printableLine(says)}`),
    ...told
      .slice(-ROWS_MAX)
      .map(
        ({ at, subject, author, deleted_total }) =>
          `  ${minute(at)}  git      ${printableLine(`${author ?? ""}${author === null ? "" : ": "}${subject}`)}${deleted_total > 0 ? style.bad(`  −${deleted_total}`) : ""}`,
      ),
    ...report.service_failures
      .slice(-ROWS_MAX)
      .map(({ at, says }) => `  ${minute(at)}  service  ${printableLine(says)}`),
    ...report.ledger_entries.slice(-ROWS_MAX).map(({ at, says }) => `  ${minute(at)}  ledger   ${printableLine(says)}`),
    ...report.rollback_scripts
      .filter(({ names, runs }) => names.length + runs.length > 0)
      .map(
        ({ path, names }) =>
          `  rollback script ${printableLine(path)}${names.length > 0 ? ` names ${printableLine(names.join(", "))}` : ""}`,
      ),
    ...gaps.map(({ source, from, to, why }) =>
      style.warn(
        `  gap: ${source}${from === null ? "" : ` ${from.slice(0, 16)} to ${(to ?? "now").slice(0, 16)}`} – ${printableLine(why)}`,
      ),
    ),
    ...recommendation.slice(0, 5).map(({ command }) => `  → ${printableLine(command)}`),
  ];
  if (report.report !== null) lines.push(style.dim(`  kept as ${printableLine(String(report.report))}`));
  if (report.not_kept !== null) lines.push(style.warn(`  the report was not kept: ${printableLine(report.not_kept)}`));
  return lines.join("\n");
}
