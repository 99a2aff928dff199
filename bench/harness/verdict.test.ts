import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bound, Outcome } from "./contest.ts";
import { judge, percentile, rowsOf } from "./verdict.ts";

const outcome = (name: string, role: Outcome["role"], samples: number[], failure: string | null = null): Outcome => ({
  name,
  role,
  samples,
  cpuMs: [],
  failure,
});
const bound = (limit: number, more: Partial<Bound> = {}): Bound => ({
  kind: "gate",
  of: "ours",
  statistic: "p50",
  against: "peer",
  limit,
  ...more,
});

describe("percentile", () => {
  test("the median of an odd count is a sample, of an even count lies between two", () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
  });

  test("p99 of a hundred samples leaves exactly one above it", () => {
    const samples = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(samples, 0.99)).toBe(99);
    expect(percentile(samples, 1)).toBe(100);
  });

  test("nothing has no median", () => {
    expect(percentile([], 0.5)).toBeNull();
  });

  test("it lies among the samples, in whatever order they were measured", () => {
    const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, fraction) => {
        const found = percentile(values, fraction)!;
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
        expect(percentile(values.toReversed(), fraction)).toBe(found);
      }),
    );
  });
});

describe("judge", () => {
  const outcomes = [outcome("ours", "ours", [30, 40, 35]), outcome("peer", "peer", [100, 90, 110])];

  test("times hold at the limit and below it", () => {
    expect(judge(bound(0.35), outcomes, "ms")).toMatchObject({ value: 0.35, holds: true });
    expect(judge(bound(0.34), outcomes, "ms")).toMatchObject({ holds: false });
  });

  test("rates hold at the limit and above it", () => {
    const absolute = (limit: number) => judge(bound(limit, { against: null }), outcomes, "per second");
    expect(absolute(35)).toMatchObject({ value: 35, holds: true });
    expect(absolute(36)).toMatchObject({ holds: false });
  });

  test("a peer that is missing or failed is named, and nothing is guessed", () => {
    expect(judge(bound(1), [outcomes[0]!], "ms")).toMatchObject({ holds: null, why: "peer: not installed" });
    const failed = outcome("peer", "peer", [100], "exit 1");
    expect(judge(bound(1), [outcomes[0]!, failed], "ms")).toMatchObject({ holds: null, why: "peer: failed" });
  });

  test("what failed after some rounds is not judged by them", () => {
    const failed = outcome("ours", "ours", [1], "exit 70");
    expect(judge(bound(1), [failed, outcomes[1]!], "ms")).toMatchObject({
      value: null,
      holds: null,
      why: "ours: failed",
    });
  });
});

describe("rowsOf", () => {
  test("each peer is set against each of ours, and ours against nobody", () => {
    const rows = rowsOf([
      outcome("one", "ours", [10]),
      outcome("two", "ours", [30]),
      outcome("peer", "peer", [20]),
      outcome("gone", "peer", [], "exit 1"),
    ]);
    expect(rows[2]!.ratios).toEqual([
      { of: "one", ratio: 0.5 },
      { of: "two", ratio: 1.5 },
    ]);
    expect(rows[0]!.ratios).toEqual([]);
    expect(rows[3]).toMatchObject({ p50: null, ratios: [], failure: "exit 1" });
  });

  test("few samples have no p99", () => {
    expect(rowsOf([outcome("ours", "ours", new Array(99).fill(1))])[0]!.p99).toBeNull();
    expect(rowsOf([outcome("ours", "ours", new Array(100).fill(1))])[0]!.p99).toBe(1);
  });
});
