import fc from "fast-check";
import { expect, it } from "vitest";
import { union } from "./append-only.ts";

const text = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));
const joined = (last: readonly string[], present: readonly string[]) =>
  union(text(last), text(present)).toString().split("\n").slice(0, -1);

it.each([
  ["cut to its last lines, then added to", ["a", "b", "c"], ["c", "d"], ["a", "b", "c", "d"]],
  ["cut to its first lines, then added to", ["a", "b", "c"], ["a", "d"], ["a", "b", "c", "d"]],
  ["emptied, then added to", ["a", "b"], ["d"], ["a", "b", "d"]],
  ["only cut", ["a", "b", "c"], ["b", "c"], ["a", "b", "c"]],
  ["emptied", ["a", "b"], [], ["a", "b"]],
  ["added to, with a line that was there before", ["ok", "ok"], ["ok", "ok", "ok"], ["ok", "ok", "ok"]],
  ["lines taken out of the middle", ["a", "b", "c", "d"], ["a", "d", "e"], ["a", "b", "c", "d", "d", "e"]],
  ["shuffled", ["a", "b", "c"], ["c", "b", "x"], ["a", "b", "c", "b", "x"]],
])("puts lost lines back and keeps new ones: %s", (_what, last, present, expected) => {
  expect(joined(last, present)).toEqual(expected);
});

it("ends an open last line before new lines follow", () => {
  expect(union(Buffer.from("a\nb"), Buffer.from("b\nc\n")).toString()).toBe("a\nb\nc\n");
});

it("loses no line of either, and begins with what was there", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (last, present) => {
      const result = joined(last, present);
      expect(result.slice(0, last.length)).toEqual(last);
      for (const line of new Set(present)) expect(count(result, line)).toBeGreaterThanOrEqual(count(present, line));
    }),
  );
});

it("keeps bytes that are no text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (last, present) => {
      expect(union(last, present).subarray(0, last.length).equals(Buffer.from(last))).toBe(true);
    }),
  );
});

it("adds nothing twice: what it made is a fixed point", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
  fc.assert(
    fc.property(lines, lines, (last, present) => {
      const once = union(text(last), text(present));
      expect(union(once, once)).toEqual(once);
    }),
  );
});

const count = (lines: readonly string[], line: string) => lines.filter((one) => one === line).length;
