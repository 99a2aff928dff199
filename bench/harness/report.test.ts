import { expect, test } from "vitest";
import type { Bound, Outcome } from "./contest.ts";
import { boundLine, reportText } from "./report.ts";
import { judge, rowsOf } from "./verdict.ts";

const OUTCOMES: Outcome[] = [
  { name: "holdfast snapshot", role: "ours", samples: [160, 150, 170], cpuMs: [120, 140], failure: null },
  { name: "git add + commit", role: "peer", samples: [250, 240, 260], cpuMs: [], failure: null },
  { name: "restic", role: "peer", samples: [], cpuMs: [], failure: "restic init: exit 1" },
  { name: "lstat walk", role: "floor", samples: [98.44, 99, 97], cpuMs: [], failure: null },
];
const GATE: Bound = {
  kind: "gate",
  of: "holdfast snapshot",
  statistic: "p50",
  against: "git add + commit",
  limit: 0.7,
};

test("bounds come first, then every figure, then who is missing and why", () => {
  const bounds: Bound[] = [GATE, { ...GATE, kind: "goal", limit: 0.6 }, { ...GATE, against: "borg" }];
  const text = reportText(
    { name: "snapshot", measures: "a snapshot", unit: "ms" },
    { missing: ["borg is not installed"], notes: ["durable"] },
    { rows: rowsOf(OUTCOMES), judged: bounds.map((bound) => judge(bound, OUTCOMES, "ms")) },
  );
  expect(text).toMatchInlineSnapshot(`
    "snapshot: a snapshot

      ✓ holdfast snapshot ≤ 0.7 × git add + commit: 0.64
      ✗ holdfast snapshot ≤ 0.6 × git add + commit: 0.64  (goal)
      ? holdfast snapshot ≤ 0.7 × borg: not judged (borg: not installed)

         who                median (ms)  p99  least … most  n  cpu ms  ours ÷ this
      »  holdfast snapshot          160          150 … 170  3     130
         git add + commit           250          240 … 260  3          0.64
         restic                       –                     0
      _  lstat walk                98.4        97.0 … 99.0  3          1.63
      ✗ restic failed: restic init: exit 1
      – borg is not installed
      · durable"
  `);
});

test("absolute bounds carry their unit", () => {
  const [times, rates] = [
    { of: "orders", statistic: "p99", limit: 20 },
    { of: "orders", statistic: "p50", limit: 1_000 },
  ].map((bound) => ({ kind: "gate", against: null, ...bound }) as Bound);
  const orders: Outcome[] = [{ name: "orders", role: "ours", samples: [12, 1_200], cpuMs: [], failure: null }];
  expect(boundLine(judge(times!, orders, "ms"), "ms")).toBe("✗ orders, p99 ≤ 20 ms: 1,200");
  expect(boundLine(judge(rates!, orders, "per second"), "per second")).toBe("✗ orders ≥ 1,000 per second: 606");
});
