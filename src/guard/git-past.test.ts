import { expect, it } from "vitest";
import { type Change, olderCommit, readLog } from "./git-past.ts";

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

it("reads git's log, names with spaces and newlines and all", () => {
  const zero = "0".repeat(40);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((letter) => letter.repeat(40)) as [string, string, string, string];
  const text = `\u0001${c} 20\0\n:100644 100644 ${a} ${b} M\0a b\0:100644 000000 ${a} ${zero} D\0x\ny\0\u0001${d} 10\0\n:000000 100644 ${zero} ${a} A\0a b\0`;
  const lines = new Map<string, Change[]>();
  readLog(text, lines);
  expect(lines.get("a b")).toEqual([
    { commit: c, atMs: 20_000, blob: b },
    { commit: d, atMs: 10_000, blob: a },
  ]);
  expect(lines.get("x\ny")).toEqual([{ commit: c, atMs: 20_000, blob: null }]);
});
