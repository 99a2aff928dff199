import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

describe("the nearest known name", () => {
  const known = ["remember", "components", "orders", "maxFile", "v", "to"];

  it.each([
    ["remeber", "remember"],
    ["component", "components"],
    ["oredrs", "orders"],
    ["maxfile", "maxFile"],
    ["max_file", "maxFile"],
    ["ot", "to"],
  ])("of %s is %s", (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  it.each(["guardrails", "xyz", "", "q".repeat(100_000)])("of what is far from all is none", (name) => {
    expect(nearestName(name, ["remember", "components"])).toBeNull();
  });
});
