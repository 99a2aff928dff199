/**
 * Uptime, detection and recovery times, false alarms: a fold over the ledger's records of a window. Pure.
 *
 * A moment in which nobody looked counts neither as up nor as down: it is not measured, and said so. A component is down from the
 * moment at which its drift can have begun (the first hint, or the last look before) until the incident is over; what was dismissed
 * as a false alarm never was down. The pipeline is down while any component is, while the brake is pulled, and from a failed canary
 * to the next one that went through.
 */

import type { EventName } from "../ledger/index.ts";
import { fold, type Gap, type Seen, type Story } from "./seen.ts";
import { clipped, joined, type Span, totalMs, without } from "./spans.ts";

/** What the fold reads; everything else in a window is passed over. */
export const MEASURED_EVENTS = [
  "guard.started",
  "guard.stopped",
  "guard.blind",
  "guard.brake",
  "guard.brake-released",
  "guard.checked",
  "guard.paused",
  "maintenance.begun",
  "maintenance.ended",
  "drift.detected",
  "repair.completed",
  "incident.opened",
  "incident.resolved",
  "incident.dismissed",
  "canary.ok",
  "canary.failed",
] as const satisfies readonly EventName[];

export interface Facts extends Story {
  /** Until when somebody certainly looked: now, where a daemon answers. */
  readonly lookedUntilMs: number;
  readonly components: readonly string[];
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

export interface Measured {
  /** 0 to 1; `null` where nothing was measured. */
  readonly uptime: number | null;
  readonly components: readonly { readonly name: string; readonly uptime: number | null; readonly downMs: number }[];
  readonly down: readonly Span[];
  /** Why nobody looked, or nothing was judged. */
  readonly gaps: readonly Gap[];
  readonly notMeasuredMs: number;
  /** From when a loss can have begun to its record. */
  readonly detectionMs: Percentiles;
  /** From the record of a loss to the record that it is back. */
  readonly recoveryMs: Percentiles;
  readonly incidents: number;
  readonly falsePositives: number;
  /** Looks at everything that is protected. */
  readonly checks: number;
  readonly canary: { readonly ok: number; readonly failed: number };
}

export function measure(facts: Facts): Measured {
  const { window, components } = facts;
  const seen = fold(facts);
  const gaps = gapsOf(seen, facts);
  const measured = without([window], gaps);
  const downOf = (spans: readonly Span[]) => without(clipped(spans, window), gaps);
  const downBy = new Map(components.map((name) => [name, downOf(seen.downBy.get(name) ?? [])]));
  const down = joined([...downBy.values(), downOf([...seen.braked, ...seen.canaryFailing])].flat());
  return {
    uptime: shareUp(down, measured),
    components: [...downBy].map(([name, spans]) => ({
      name,
      uptime: shareUp(spans, measured),
      downMs: totalMs(spans),
    })),
    down,
    gaps,
    notMeasuredMs: totalMs([window]) - totalMs(measured),
    detectionMs: percentiles(seen.detectionMs),
    recoveryMs: percentiles(seen.recoveryMs),
    incidents: seen.opened.size,
    falsePositives: seen.falseAlarms.size,
    checks: seen.checks,
    canary: seen.canary,
  };
}

function shareUp(down: readonly Span[], measured: readonly Span[]): number | null {
  const allMs = totalMs(measured);
  return allMs === 0 ? null : 1 - totalMs(down) / allMs;
}

/** Nearest rank. */
function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? null };
}

/** In the window, in order; what overlaps an earlier one is that one's. */
function gapsOf({ unwatched }: Seen, { window, lookedUntilMs }: Facts): Gap[] {
  const all = [...unwatched, { fromMs: lookedUntilMs, toMs: window.toMs, why: "no daemon runs" }];
  const gaps: Gap[] = [];
  for (const { why, ...gap } of all.sort((a, b) => a.fromMs - b.fromMs)) {
    for (const span of without(clipped([gap], window), gaps)) gaps.push({ ...span, why });
  }
  return gaps.sort((a, b) => a.fromMs - b.fromMs);
}
