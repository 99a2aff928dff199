import { expect, it } from "vitest";
import { type LineChange, readLog } from "./git-lines.ts";

it("reads git's log, names with spaces and newlines and all", () => {
  const zero = "0".repeat(40);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((letter) => letter.repeat(40)) as [string, string, string, string];
  const text = `\u0001${c} 20\0\n:100644 100644 ${a} ${b} M\0a b\0:100644 000000 ${a} ${zero} D\0x\ny\0\u0001${d} 10\0\n:000000 100644 ${zero} ${a} A\0a b\0`;
  const lines = new Map<string, LineChange[]>();
  readLog(text, lines);
  expect(lines.get("a b")).toEqual([
    { commit: c, atMs: 20_000, blob: b },
    { commit: d, atMs: 10_000, blob: a },
  ]);
  expect(lines.get("x\ny")).toEqual([{ commit: c, atMs: 20_000, blob: null }]);
});
