/** `holdfast slo`: uptime, detection and recovery times, false alarms, as the ledger shows them. */

import { HoldfastError, humanDuration, isoTime, LIMITS, parseDuration, printableLine } from "../../base/index.ts";
import { ACCEPTED } from "../../component/index.ts";
import { lastLookMs, openIncidents } from "../../guard/index.ts";
import { clipped, MEASURED_EVENTS, type Measured, measure, type Percentiles, type Span } from "../../health/index.ts";
import type { AnyLedgerRecord } from "../../ledger/index.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { type OperationContext, operation, type Style } from "../operation.ts";

/** The spec's, for the pipeline's uptime. */
const UPTIME_GOAL = 0.99;

export const slo = operation({
  name: "slo",
  about: "Uptime, detection and recovery times, false alarms: measured, with the stretches in which nobody looked",
  effect: "read",
  input: (z) => z.strictObject({ window: z.string().default("24h") }),
  command: {
    options: [{ flags: "--window <duration>", about: "24h (default), 7d, 30d, or any other" }],
    examples: ["holdfast slo", "holdfast slo --window 7d", "holdfast slo --json"],
  },
  async run(context, { window: text }) {
    const windowMs = parseDuration(text);
    if (windowMs === null || windowMs <= 0)
      throw new HoldfastError("USAGE", `"${text}" is not a duration`, { hint: "holdfast slo --window 24h" });
    const nowMs = context.ports.clock.now();
    const window = { fromMs: nowMs - windowMs, toMs: nowMs };
    const { down, gaps, ...measured } = measure(await factsOf(context, window));
    return {
      window: text,
      from: isoTime(window.fromMs),
      to: isoTime(window.toMs),
      ...measured,
      down: down.map(spanText),
      gaps: gaps.map((gap) => ({ ...spanText(gap), why: gap.why })),
    };
  },
  print(state, style) {
    const { uptime, components, detectionMs, recoveryMs, incidents, falsePositives, checks, canary } = state;
    const isKept = uptime === null || uptime >= UPTIME_GOAL;
    return [
      `${isKept ? style.good("●") : style.bad("▲")} uptime      ${percent(uptime)}  ${strip(state, style)}  ${style.dim(`the last ${state.window}`)}`,
      ...components.map(
        ({ name, uptime: own, downMs }) =>
          `  ${printableLine(name).padEnd(24)} ${percent(own)}${downMs > 0 ? style.dim(`  down ${humanDuration(downMs)}`) : ""}`,
      ),
      `  noticed     ${times(detectionMs)}`,
      `  back        ${times(recoveryMs)}`,
      `  incidents   ${incidents}, ${falsePositives} of them false alarms`,
      `  checks      ${checks}; canaries ${canary.ok} ok, ${canary.failed} failed`,
      `  not measured ${humanDuration(state.notMeasuredMs)}`,
      ...state.gaps
        .slice(-GAPS_SHOWN)
        .map(({ from, to, why }) => style.dim(`    ${from} – ${to}  ${printableLine(why)}`)),
    ].join("\n");
  },
  exitCode: ({ uptime }) => (uptime === null || uptime >= UPTIME_GOAL ? 0 : 1),
});

const GAPS_SHOWN = 5;

async function factsOf(context: OperationContext, window: Span): Promise<Parameters<typeof measure>[0]> {
  const { house } = context;
  const { ledger } = house;
  const beginsMs = beginOf(window, house);
  const before = { untilMs: beginsMs - 1, newestFirst: true, limit: 1 } as const;
  const [watching] = ledger.read({ ...before, events: ["guard.started", "guard.stopped"] });
  const accepted = house.baselines.of(ACCEPTED).length > 0 ? [ACCEPTED] : [];
  return {
    window,
    records: ledger.read({ events: MEASURED_EVENTS, sinceMs: beginsMs }) as IterableIterator<AnyLedgerRecord>,
    watchedBefore: watching?.event === "guard.started",
    lookedUntilMs: (await isGuarding(context)) ? window.toMs : (lastLookMs(house.store) ?? window.fromMs),
    components: [...Object.keys(house.config().components), ...accepted],
  };
}

/** Early enough to have seen every incident begin that was open as the window began. */
function beginOf({ fromMs }: Span, house: OperationContext["house"]): number {
  const rows = openIncidents(house).rows({ limit: LIMITS.incidentsMeasured });
  const open = rows.filter(({ resolvedAt }) => resolvedAt === null || Date.parse(resolvedAt) >= fromMs);
  return open.reduce((first, { openedAt }) => Math.min(first, Date.parse(openedAt)), fromMs);
}

/** A daemon that hangs guards nothing. */
async function isGuarding({ tree, ports, writer }: OperationContext): Promise<boolean> {
  if (writer?.watching) return true;
  try {
    const client = await connectToDaemon(tree, ports);
    client?.close();
    return client !== null;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "DAEMON_WEDGED") return false;
    throw error;
  }
}

function spanText({ fromMs, toMs }: Span): { from: string; to: string } {
  return { from: isoTime(fromMs), to: isoTime(toMs) };
}

function percent(share: number | null): string {
  if (share === null) return "not measured";
  // Never rounded up to a promise that was not kept.
  const floored = Math.floor(share * 1e5) / 1e3;
  return `${share < 1 ? floored.toFixed(3) : "100"} %`;
}

function times({ p50, p95, max }: Percentiles): string {
  if (p50 === null || p95 === null || max === null) return "nothing yet";
  return `p50 ${humanDuration(p50)}, p95 ${humanDuration(p95)}, at most ${humanDuration(max)}`;
}

const CELLS = 48;

interface Shown extends Pick<Measured, "uptime"> {
  from: string;
  to: string;
  down: readonly { from: string; to: string }[];
  gaps: readonly { from: string; to: string }[];
}

/** The window in cells: `█` something was down in it, `░` nobody looked in any of it, `▁` all held. */
function strip({ from, to, down, gaps }: Shown, style: Style): string {
  const fromMs = Date.parse(from);
  const cellMs = (Date.parse(to) - fromMs) / CELLS;
  const spansOf = (all: Shown["gaps"]) =>
    all.map((one) => ({ fromMs: Date.parse(one.from), toMs: Date.parse(one.to) }));
  const [downSpans, gapSpans] = [spansOf(down), spansOf(gaps)];
  let text = "";
  for (let cell = 0; cell < CELLS; cell += 1) {
    const span = { fromMs: fromMs + cell * cellMs, toMs: fromMs + (cell + 1) * cellMs };
    const unseenMs = clipped(gapSpans, span).reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
    if (clipped(downSpans, span).length > 0) text += style.bad("█");
    else text += unseenMs > cellMs / 2 ? style.dim("░") : style.good("▁");
  }
  return text;
}
