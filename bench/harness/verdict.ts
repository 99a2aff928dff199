/** From samples to statements: medians, ratios, and whether each bound holds. Pure. */

import type { Bound, Outcome, Unit } from "./contest.ts";

export interface Row {
  readonly name: string;
  readonly role: Outcome["role"];
  readonly p50: number | null;
  /** Only of a hundred samples or more. */
  readonly p99: number | null;
  readonly least: number | null;
  readonly most: number | null;
  readonly count: number;
  /** Mean. */
  readonly cpuMs: number | null;
  readonly failure: string | null;
  /** `ours.p50 ÷ this p50`, for each of ours that has samples. */
  readonly ratios: readonly { of: string; ratio: number }[];
}

export interface Judged {
  readonly bound: Bound;
  /** The ratio, or the absolute figure; `null`: it cannot be told. */
  readonly value: number | null;
  readonly holds: boolean | null;
  /** Why it cannot be told. */
  readonly why: string | null;
}

const P99_SAMPLES_MIN = 100;

export function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const ours = outcomes.filter(({ role, samples }) => role === "ours" && samples.length > 0);
  return outcomes.map(({ name, role, samples, cpuMs, failure }) => {
    const p50 = percentile(samples, 0.5);
    return {
      name,
      role,
      p50,
      p99: samples.length >= P99_SAMPLES_MIN ? percentile(samples, 0.99) : null,
      least: percentile(samples, 0),
      most: percentile(samples, 1),
      count: samples.length,
      cpuMs: cpuMs.every((one) => one === 0) ? null : cpuMs.reduce((sum, one) => sum + one, 0) / cpuMs.length,
      failure,
      ratios:
        p50 === null || role === "ours"
          ? []
          : ours.map((one) => ({ of: one.name, ratio: percentile(one.samples, 0.5)! / p50 })),
    };
  });
}

export function judge(bound: Bound, outcomes: readonly Outcome[], unit: Unit): Judged {
  const figure = (name: string, fraction: number): number | string => {
    const outcome = outcomes.find((one) => one.name === name);
    if (outcome === undefined) return `${name}: not installed`;
    if (outcome.failure !== null) return `${name}: failed`;
    return percentile(outcome.samples, fraction) ?? `${name}: not measured`;
  };
  const own = figure(bound.of, bound.statistic === "p99" ? 0.99 : 0.5);
  const other = bound.against === null ? 1 : figure(bound.against, 0.5);
  if (typeof own === "string") return { bound, value: null, holds: null, why: own };
  if (typeof other === "string") return { bound, value: null, holds: null, why: other };
  const value = own / other;
  return { bound, value, holds: unit === "per second" ? value >= bound.limit : value <= bound.limit, why: null };
}

/** Nearest rank, between neighbours for the median of an even count. `null` of nothing. */
export function percentile(samples: readonly number[], fraction: number): number | null {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (fraction === 0.5 && Number.isInteger(middle)) return (sorted[middle - 1]! + sorted[middle]!) / 2;
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!;
}
