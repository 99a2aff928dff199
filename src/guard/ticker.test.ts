import { expect, it } from "vitest";
import { LIMITS } from "../base/index.ts";
import { Ticker } from "./ticker.ts";

function ticking() {
  const now = { wallMs: 1_000_000, monotonicMs: 5_000, mounts: "" };
  const clock = { now: () => now.wallMs, monotonicMs: () => now.monotonicMs } as never;
  const watch = { mountTable: () => now.mounts } as never;
  const ticker = new Ticker("/tree", { clock, watch });
  return {
    now,
    after(wallMs: number, monotonicMs: number) {
      now.wallMs += wallMs;
      now.monotonicMs += monotonicMs;
      return ticker.tick();
    },
  };
}

const LONG_MS = LIMITS.guardTickMs + LIMITS.guardGapMs + 1;

it("a tick in time is nothing, a late one is a stretch in which nobody looked", () => {
  const { after } = ticking();
  expect(after(1_000, 1_000)).toEqual({ gap: null, clockJumpMs: 0, mountsChanged: false });
  expect(after(LONG_MS, LONG_MS)).toMatchObject({
    gap: { fromMs: 1_001_000, toMs: 1_001_000 + LONG_MS },
    clockJumpMs: 0,
  });
  expect(after(1_000, 1_000).gap).toBeNull();
});

it("a machine that slept is one, though its own clock stood still meanwhile", () => {
  expect(ticking().after(3_600_000, 1_000).gap).toMatchObject({ toMs: 1_000_000 + 3_600_000 });
});

it("a wall clock that was set back or on has jumped", () => {
  expect(ticking().after(-60_000, 1_000)).toMatchObject({ gap: null, clockJumpMs: -61_000 });
  expect(ticking().after(60_000, 1_000).clockJumpMs).toBe(59_000);
});

it("what is mounted in the tree or above it counts, what is mounted elsewhere does not", () => {
  const { now, after } = ticking();
  now.mounts = "1 2 0:1 / /elsewhere rw";
  expect(after(1_000, 1_000).mountsChanged).toBe(false);
  now.mounts += "\n3 2 0:2 / /tree/place rw";
  expect(after(1_000, 1_000).mountsChanged).toBe(true);
  expect(after(1_000, 1_000).mountsChanged).toBe(false);
});
