import fc from "fast-check";
import { expect, test } from "vitest";
import { PathSet } from "./protected-paths.ts";

const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));
const move = fc.record({ path, adds: fc.boolean() });

test("a set of paths is the same whatever way it came about", () => {
  fc.assert(
    fc.property(fc.array(move), fc.array(path), fc.nat(10), (moves, asked, askedFirst) => {
      const set = new PathSet();
      const plain = new Set<string>();
      for (const [index, { path, adds }] of moves.entries()) {
        if (index === askedFirst) set.leads("a");
        if (adds) set.add(path);
        else set.remove(path);
        if (adds) plain.add(path);
        else plain.delete(path);
      }
      expect(set.key).toBe(new PathSet([...plain].sort()).key);
      for (const one of asked) {
        expect(set.has(one)).toBe(plain.has(one));
        expect(set.leads(one)).toBe([...plain].some((other) => other.startsWith(`${one}/`)));
      }
    }),
  );
});

test("other paths have another key", () => {
  expect(new PathSet(["a/b"]).key).not.toBe(new PathSet(["a/c"]).key);
  expect(new PathSet().key).not.toBe(new PathSet(["a"]).key);
});
