import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipped, joined, type Span, totalMs, without } from "./spans.ts";

const span = fc.tuple(fc.nat(60), fc.nat(20)).map(([fromMs, lengthMs]): Span => ({ fromMs, toMs: fromMs + lengthMs }));
const spans = fc.array(span, { maxLength: 8 });
const covers = (all: readonly Span[], ms: number) => all.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
const moments = Array.from({ length: 90 }, (_, ms) => ms);

describe("stretches of time", () => {
  it("cover, joined, the same moments, in order and apart", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const result = joined(all);
        for (const ms of moments) expect(covers(result, ms)).toBe(covers(all, ms));
        for (const [index, { fromMs }] of result.entries())
          if (index > 0) expect(fromMs).toBeGreaterThan(result[index - 1]!.toMs);
      }),
    );
  });

  it("cover, one without the other, what is in the one only", () => {
    fc.assert(
      fc.property(spans, spans, (some, others) => {
        const result = without(some, others);
        for (const ms of moments) expect(covers(result, ms)).toBe(covers(some, ms) && !covers(others, ms));
      }),
    );
  });

  it("cover, clipped, nothing outside", () => {
    fc.assert(
      fc.property(spans, span, (all, window) => {
        const result = clipped(all, window);
        for (const ms of moments) expect(covers(result, ms)).toBe(covers(all, ms) && covers([window], ms));
        expect(totalMs(result)).toBe(moments.filter((ms) => covers(result, ms)).length);
      }),
    );
  });
});
