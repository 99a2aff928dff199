import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoldfastError } from "../base/index.ts";
import { foldedName, isAtOrBelow, parseTreePath } from "./path.ts";

function codeOf(text: string): string {
  try {
    parseTreePath(text);
    return "accepted";
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return error.code;
  }
}

/** Segments that are likely to break rules, and ordinary ones. */
const segment = fc.oneof(
  fc.constantFrom(
    "a",
    "..",
    ".",
    "",
    ".git",
    ".GIT",
    "git~1",
    "...",
    " ",
    "~",
    "a\nb",
    "ä",
    "a\u0308",
    ".gitignore",
    "\u200c",
    "\0",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const spelled = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(segment, { maxLength: 6 }).map((segments) => segments.join("/")),
);

describe("a tree path", () => {
  it("keeps ordinary and strange names byte for byte", () => {
    for (const text of [
      "a",
      "a/b.txt",
      ".env",
      ".gitignore",
      ".github/x",
      "a\nb",
      " a ",
      "a..b",
      "...",
      "ä",
      "a\u0308",
      "-rf",
      "~",
      "C:\\x",
      "a\\..\\b",
    ]) {
      expect(parseTreePath(text)).toBe(text);
    }
  });

  it("loses a leading ./ and a trailing slash", () => {
    expect(parseTreePath("./a/b/")).toBe("a/b");
    expect(parseTreePath(".//././a//")).toBe("a");
    expect(parseTreePath("./.env")).toBe(".env");
  });

  it.each([
    "",
    ".",
    "./",
    "a//b",
    "a/./b",
    "a/.",
    "a\0b",
    "\ud800",
    "a/\udc00x",
    "x".repeat(256),
    "ä".repeat(128),
    "a/".repeat(2_100),
  ])("is not spelled %j", (text) => {
    expect(codeOf(text)).toBe("PATH_INVALID");
  });

  it.each(["/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "./../x", "//x"])(
    "does not leave the tree by %j",
    (text) => {
      expect(codeOf(text)).toBe("PATH_ESCAPES");
    },
  );

  it.each([
    ".git",
    ".git/config",
    "sub/.git/hooks/post-checkout",
    ".GIT/config",
    ".Git",
    ".g\u200cit/config",
    ".gi\u200dt",
    "\ufeff.git",
    ".git\u200e",
    ".g\u202eit",
    ".g\u206fit",
    ".g\u00adit",
    "．ｇｉｔ/x",
    ".ｇｉｔ",
    ".𝐠𝐢𝐭",
    ".git.",
    ".git ",
    ".git. . ",
    ".git::$INDEX_ALLOCATION/x",
    ".git :x",
    "git~1",
    "GIT~1/config",
    "git~2",
    "./.git/",
  ])("never names git's own folder, as in %j", (text) => {
    expect(codeOf(text)).toBe("PATH_FORBIDDEN");
  });

  it.each([".gitignore", ".gitmodules", "git", "x.git", ".git-x", "git~x", ".git~1", "agit~1"])(
    "may be %j, which is not git's",
    (text) => {
      expect(codeOf(text)).toBe("accepted");
    },
  );

  it("says what is wrong in one line that obeys nothing", () => {
    expect(() => parseTreePath("a/../\u001b[2J\n")).toThrow(/^"a\/\.\.\/\\x1b\[2J\\n" has a "\.\." segment$/);
    expect(() => parseTreePath(`${"x".repeat(9_000)}/..`)).toThrow(/^.{1,260}$/);
  });

  it("is its own parse, stays below any root, and any refusal is a typed one", () => {
    fc.assert(
      fc.property(spelled, (text) => {
        if (codeOf(text) !== "accepted") return;
        const path = parseTreePath(text);
        expect(parseTreePath(path)).toBe(path);
        const place = resolve("/root/of/tree", path);
        expect(place).toBe(`/root/of/tree/${path}`);
        expect(path.split("/").map(foldedName)).not.toContain(".git");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("below", () => {
  it("is decided by segments, not by letters", () => {
    expect(isAtOrBelow("a/b", "a")).toBe(true);
    expect(isAtOrBelow("a", "a")).toBe(true);
    expect(isAtOrBelow("ab", "a")).toBe(false);
    expect(isAtOrBelow("/x", "/")).toBe(true);
  });
});
