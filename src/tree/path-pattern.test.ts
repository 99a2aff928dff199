import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { isGlob, literalPath, mayOverlap, patternMatcher, patternOf, patternProblem } from "./path-pattern.ts";

const matches = (pattern: string, path: string) => patternMatcher(pattern)(path as TreePath);

describe("a component's pattern", () => {
  it("takes what it names and everything below", () => {
    expect(matches("agents/x", "agents/x")).toBe(true);
    expect(matches("agents/x", "agents/x/deep/.hidden")).toBe(true);
    expect(matches("agents/x", "agents/xy")).toBe(false);
    expect(matches("tools/*.zsh", "tools/a.zsh")).toBe(true);
    expect(matches("tools/*.zsh", "tools/deep/a.zsh")).toBe(false);
    expect(matches("tools/**/*.zsh", "tools/deep/er/.a.zsh")).toBe(true);
    expect(matches("agents/*", "agents/x/deep/file")).toBe(true);
    expect(matches("{a,b}/c", "b/c")).toBe(true);
  });

  it("names a file whose name looks like a glob when that is escaped", () => {
    expect(patternOf("app/[id]/page.tsx" as TreePath)).toBe("app/\\[id\\]/page.tsx");
    expect(matches("app/\\[id\\]/page.tsx", "app/[id]/page.tsx")).toBe(true);
    expect(literalPath("app/\\[id\\]")).toBe("app/[id]");
    expect(literalPath("app/[id]")).toBeNull();
  });

  it("for any path is a pattern that names that path and no other", () => {
    const path = fc.string({ unit: "binary", minLength: 1 }).map((text) => text.replace(/[/\0]/g, "x") as TreePath);
    fc.assert(
      fc.property(path, path, (one, other) => {
        const pattern = patternOf(one);
        expect(isGlob(pattern)).toBe(false);
        expect(literalPath(pattern)).toBe(one);
        expect(patternMatcher(pattern)(one)).toBe(true);
        expect(patternMatcher(pattern)(other)).toBe(one === other);
      }),
    );
  });

  it("does not take the whole tree, and costs no more than it should", () => {
    for (const pattern of ["*", "**", "**/*", "?*"]) expect(patternProblem(pattern)).toMatch(/whole tree/);
    expect(patternProblem("!a")).toMatch(/negation/);
    expect(patternProblem("*a".repeat(40))).toMatch(/wildcards/);
    expect(patternProblem("a/*/b")).toBeNull();
    expect(patternProblem("\\.git/config")).toMatch(/belongs to git/);
    expect(patternProblem("a/\\../x")).toMatch(/segment/);
    expect(mayOverlap("**/a/".repeat(14), "**/b/".repeat(14))).toBe(true);
  });
});

describe("two patterns", () => {
  it.each([
    ["a", "a"],
    ["a", "a/b"],
    ["a/*", "a/b"],
    ["a/*", "a/b/c"],
    ["**/*.zsh", "tools/x.zsh"],
    ["**/*.zsh", "tools"],
    ["a/**", "a/*.ts"],
    ["a/*.ts", "a/main.*"],
    ["{a/b,c}/d", "a/b"],
  ])("%s and %s may meet", (a, b) => {
    expect(mayOverlap(a, b)).toBe(true);
    expect(mayOverlap(b, a)).toBe(true);
  });

  it.each([
    ["a", "b"],
    ["a/b", "a/bc"],
    ["tools/*.zsh", "tools/lib"],
    ["tools/*.zsh", "tools/*.ts"],
    ["a/x*", "a/y*"],
    ["a/*/c", "a/b/d"],
    ["\\*", "\\?"],
  ])("%s and %s cannot meet", (a, b) => {
    expect(mayOverlap(a, b)).toBe(false);
    expect(mayOverlap(b, a)).toBe(false);
  });

  it("that both take a path are always said to overlap", () => {
    const piece = fc.constantFrom("a", "b", "ab", "*", "a*", "*b", "**", "?", "[ab]", "{a,b}", "{a/b,b}");
    const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("/"));
    const path = fc
      .array(fc.constantFrom("a", "b", "ab", "ba"), { minLength: 1, maxLength: 5 })
      .map((names) => names.join("/"));
    fc.assert(
      fc.property(pattern, pattern, path, (one, other, place) => {
        fc.pre(matches(one, place) && matches(other, place));
        expect(mayOverlap(one, other)).toBe(true);
      }),
      { numRuns: 800 },
    );
  });
});
