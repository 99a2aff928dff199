import { expect, test } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { HoldfastError } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { DueViews } from "./due-views.ts";

function opened(): { views: DueViews; clock: FakeClock; written: string[] } {
  const clock = new FakeClock();
  const written: string[] = [];
  const views = new DueViews({ clock, log: realPorts().log }, async (view) => {
    written.push(`${view} at ${clock.monotonicMs()}`);
  });
  return { views, clock, written };
}

test("views are written when they are due, the earlier time counting", async () => {
  const { views, clock, written } = opened();
  views.plan("a", 100);
  views.plan("b", 30);
  views.plan("a", 50);
  views.plan("a", 500);
  await clock.advance(1_000);
  expect(written).toEqual(["b at 30", "a at 50"]);
});

test("a view with a spacing is written soon at first, and then no more often than that", async () => {
  const { views, clock, written } = opened();
  for (let round = 0; round < 60; round += 1) {
    views.plan("list", 50, 300);
    await clock.advance(10);
  }
  await clock.advance(1_000);
  expect(written).toEqual(["list at 50", "list at 350", "list at 650"]);
});

test("what is written at once is not written again for what was planned before", async () => {
  const { views, clock, written } = opened();
  views.plan("a", 50);
  views.now("a", () => void written.push("a now"));
  await clock.advance(100);
  expect(written).toEqual(["a now"]);
});

test("what is planned while it is written at once stays planned, and flush waits for nothing", async () => {
  const { views, clock, written } = opened();
  views.now("a", () => views.plan("a", 10));
  await clock.advance(20);
  views.plan("list", 50, 300);
  await views.flush();
  views.plan("list", 50, 300);
  await views.flush();
  expect(written).toEqual(["a at 10", "list at 20", "list at 20"]);
});

test("what is refused is trouble until it is tried again", () => {
  const { views } = opened();
  views.now("a", () => {
    throw new HoldfastError("STORE_FULL", "no room");
  });
  expect(views.trouble).toMatchObject([{ code: "STORE_FULL" }]);
  views.now("a", () => undefined);
  expect(views.trouble).toEqual([]);
});
