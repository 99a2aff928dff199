import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import { applyEdit, type Edit } from "./edit.ts";

function edit(file: string | Uint8Array, change: Partial<Edit>): string {
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  return applyEdit(bytes, { path: "f", find: "x", replace: "y", count: null, ...change }).toString();
}

function refusal(file: string, change: Partial<Edit>) {
  return refusalOf(() => edit(file, change));
}

describe("counts", () => {
  test("without a count there must be exactly one match", () => {
    expect(edit("a x b", {})).toBe("a y b");
    expect(refusal("x\nb\nx x\n", {})).toMatchObject({ code: "WO_EDIT_MANY_MATCHES", lines: [1, 3, 3], matches: 3 });
    expect(refusal("a", {})).toMatchObject({ code: "WO_EDIT_NO_MATCH" });
  });

  test("a count must hold, `all` takes what is there", () => {
    expect(edit("x x", { count: 2 })).toBe("y y");
    expect(edit("x x x", { count: "all" })).toBe("y y y");
    expect(refusal("x", { count: 2 })).toMatchObject({ code: "WO_EDIT_NO_MATCH", matches: 1, expected: 2 });
    expect(refusal("x x x", { count: 2 })).toMatchObject({ code: "WO_EDIT_MANY_MATCHES" });
    expect(refusal("a", { count: "all" })).toMatchObject({ code: "WO_EDIT_NO_MATCH" });
  });

  test("matches do not overlap, and what is put in is not searched again", () => {
    expect(edit("aaaa", { find: "aa", replace: "a", count: 2 })).toBe("aa");
    expect(edit("x", { replace: "xx", count: "all" })).toBe("xx");
    expect(edit("a", { find: "a", replace: "$& $1 $$" })).toBe("$& $1 $$");
  });
});

describe("bytes", () => {
  test("a file of any encoding keeps the bytes around the match", () => {
    const file = Buffer.from([0xff, 0x00, 0x78, 0xfe, 0x0d, 0x0a, 0x80]);
    expect(applyEdit(file, { path: "f", find: "x", replace: "ü", count: null })).toEqual(
      Buffer.from([0xff, 0x00, 0xc3, 0xbc, 0xfe, 0x0d, 0x0a, 0x80]),
    );
  });

  test("text beyond ASCII is found as its UTF-8 bytes", () => {
    expect(edit("ä 🎉 b", { find: "🎉", replace: "日" })).toBe("ä 日 b");
  });
});

describe("beside the match", () => {
  test("whole lines go after or before the match's line", () => {
    expect(edit("a\nrun x 80 &\nb\n", { insert: "after", replace: "new\n" })).toBe("a\nrun x 80 &\nnew\nb\n");
    expect(edit("a\nrun x 80 &\nb\n", { insert: "before", replace: "new\n" })).toBe("a\nnew\nrun x 80 &\nb\n");
    expect(edit("x\nb\n", { insert: "before", replace: "new\n" })).toBe("new\nx\nb\n");
    expect(edit("\nx\n", { insert: "before", replace: "new\n" })).toBe("\nnew\nx\n");
    expect(edit("a\nx", { insert: "after", replace: "new\n" })).toBe("a\nx\nnew\n");
    expect(edit("x\nb\n", { find: "x\n", insert: "after", replace: "new\n" })).toBe("x\nnew\nb\n");
  });

  test("other text goes right at it", () => {
    expect(edit("a x b", { insert: "after", replace: "!" })).toBe("a x! b");
    expect(edit("a x b", { insert: "before", replace: "!" })).toBe("a !x b");
    expect(edit("a x\nb", { insert: "after", replace: "\nnew" })).toBe("a x\nnew\nb");
  });

  test("each match gets its own, two in one line too", () => {
    expect(edit("x x\nx\n", { insert: "after", replace: "n\n", count: "all" })).toBe("x x\nn\nn\nx\nn\n");
    expect(edit("x x\nx\n", { insert: "before", replace: "n\n", count: "all" })).toBe("n\nn\nx x\nn\nx\n");
  });
});

describe("why nothing was found", () => {
  test.each<[string, string, string, number | undefined]>([
    ["a\r\nb\r\n", "a\nb", "CRLF", 1],
    ["z\na\nb\n", "a\r\nb", "LF", 2],
    ["if (a)  {\n\tb\n}\n", "if (a) {\n  b", "white space", 1],
    ["z\nHello World\n", "hello world", "case", 2],
    ["caf\u0065\u0301\n", "caf\u00e9", "Unicode form", 1],
    ["one\nfunction add(a, b) {\n", "function add(a, c) {", "line 2", 2],
    ["nothing alike\n", "zebra", "holdfast diff", undefined],
  ])("%j has no %j", (file, find, hint, line) => {
    const refused = refusal(file, { find });
    expect(refused.code).toBe("WO_EDIT_NO_MATCH");
    expect(refused.hint).toContain(hint);
    expect(refused["nearestLine"]).toBe(line);
  });
});

test("an edit and its reverse are nothing", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 50 }),
      fc.uint8Array({ maxLength: 50 }),
      fc.string({ minLength: 1 }),
      (before, after, replace) => {
        const find = "\u{10ffff}\u{10fffe}";
        const file = Buffer.concat([before, Buffer.from(find), after]);
        fc.pre(file.indexOf(Buffer.from(replace)) === -1 && !replace.includes("\u{10ffff}") && replace.isWellFormed());
        const edited = applyEdit(file, { path: "f", find, replace, count: null });
        fc.pre(edited.indexOf(Buffer.from(replace)) === edited.lastIndexOf(Buffer.from(replace)));
        expect(applyEdit(edited, { path: "f", find: replace, replace: find, count: null })).toEqual(file);
      },
    ),
  );
});
