import { expect, it } from "vitest";
import type { LineChange as Change } from "../tree/index.ts";
import { olderCommit } from "./git-past.ts";

const line = (...blobs: (string | null)[]): Change[] =>
  blobs.map((blob, index) => ({ commit: `c${blobs.length - index}`, atMs: (blobs.length - index) * 1_000, blob }));
const ask = (changes: Change[], present: string, goal: string | null, goalSeenMs = 10_000, discarded = false) =>
  olderCommit(changes, { present, goal, goalSeenMs, discarded });

it.each<[string, string | null, () => string | null]>([
  ["content that git never had is not old", null, () => ask(line("b", "a"), "x", "b")],
  ["what was committed before is old", "c1", () => ask(line("b", "a"), "a", "b")],
  ["what a pull brought on top is not", null, () => ask(line("c", "b", "a"), "c", "b")],
  ["a commit that goes back brings what is old", "c1", () => ask(line("a", "b", "a"), "a", "b")],
  ["under uncommitted work, what was committed before it is old", "c2", () => ask(line("b", "a"), "b", "x")],
  ["what was committed after uncommitted work is not", null, () => ask(line("b", "a"), "b", "x", 1_500)],
  ["unless git is known to have thrown that work away", "c2", () => ask(line("b", "a"), "b", "x", 1_500, true)],
  ["a removal holds no content", null, () => ask(line(null, "a"), "b", "a")],
])("%s", (_what, expected, answer) => {
  expect(answer()).toBe(expected);
});
