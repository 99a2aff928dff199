import { expect, it } from "vitest";
import { FakeClock } from "./index.ts";

it("wakes sleepers in the order of their times, and those that they start", async () => {
  const clock = new FakeClock(1000);
  const seen: string[] = [];
  const nap = async (name: string, ms: number) => {
    await clock.sleep(ms);
    seen.push(`${name} ${clock.now()}`);
  };
  void nap("late", 30);
  void nap("early", 10).then(() => nap("again", 10));
  await clock.advance(19);
  expect(seen).toEqual(["early 1010"]);
  await clock.advance(11);
  expect(seen).toEqual(["early 1010", "again 1020", "late 1030"]);
  expect(clock.monotonicMs()).toBe(30);
  expect(clock.sleepers).toBe(0);
});

it("lets the wall clock jump without waking anybody, and an abort wake at once", async () => {
  const clock = new FakeClock(1000);
  const abort = new AbortController();
  const slept = clock.sleep(1000, abort.signal);
  clock.jump(-500);
  expect(clock.now()).toBe(500);
  expect(clock.monotonicMs()).toBe(0);
  abort.abort();
  await slept;
  expect(clock.sleepers).toBe(0);
});
