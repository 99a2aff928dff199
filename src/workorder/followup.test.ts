import { expect, it } from "vitest";
import { followupOf } from "./followup.ts";
import type { StateFile } from "./state-file.ts";

const state = (id: string, status: StateFile["status"], priority: StateFile["priority"], seq: number) =>
  ({
    id,
    title: id,
    status,
    priority,
    updated_at: `2026-01-0${seq}T00:00:00.000Z`,
    tags: [],
    source: "work_order",
    meta: { ledger_seq: seq },
  }) as unknown as StateFile;

it("lists what is open first, the urgent and then the old before the rest, and then what ended last", () => {
  const states = [
    state("done1", "done", "High", 1),
    state("low", "pending", "Low", 2),
    state("failed", "failed", "Low", 3),
    state("high", "running", "High", 4),
    state("low2", "pending", "Low", 5),
  ];
  const followup = followupOf(states, "ann");
  expect(followup.items.map(({ id }) => id)).toEqual(["high", "low", "low2", "failed", "done1"]);
  expect([followup.updated_at, followup.owner]).toEqual(["2026-01-05T00:00:00.000Z", "ann"]);
});

it("tells of no time when there is nothing", () => {
  expect(followupOf([], "ann")).toEqual({ updated_at: null, owner: "ann", items: [] });
});

it("gives of each order what the contract names, and no more", () => {
  expect(Object.keys(followupOf([state("a", "done", "Low", 1)], "ann").items[0]!).join(" ")).toBe(
    "id title description goal progress status priority due_date owner source tags notes",
  );
});
