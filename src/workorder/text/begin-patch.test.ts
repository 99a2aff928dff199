import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import { applyPatch } from "./patch.ts";
import type { FileContent } from "./patched-files.ts";

type Files = Record<string, string>;

function patch(text: string, files: Files, request: { path?: string; fuzz?: number } = {}) {
  const read = (path: string): FileContent | null =>
    Object.hasOwn(files, path) ? { bytes: Buffer.from(files[path]!), mode: 0o644 } : null;
  return applyPatch({ patch: text, path: request.path ?? null, fuzz: request.fuzz ?? 0 }, read);
}

/** The files afterwards. */
function patched(text: string, files: Files, request: { path?: string; fuzz?: number } = {}): Files {
  const after = { ...files };
  for (const { path, bytes } of patch(text, files, request).changes) {
    if (bytes === null) delete after[path];
    else after[path] = bytes.toString();
  }
  return after;
}

function refusal(text: string, files: Files, request: { path?: string; fuzz?: number } = {}) {
  return refusalOf(() => patch(text, files, request));
}

const TEN = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

describe("the `*** Begin Patch` form", () => {
  const wrap = (body: string) => `*** Begin Patch\n${body}*** End Patch\n`;

  test("adds, updates, moves and deletes", () => {
    const text = wrap(
      "*** Add File: n\n+a\n+\n+b\n*** Update File: f\n@@\n 4\n-5\n+50\n 6\n*** Update File: m\n*** Move to: d/m\n@@\n-x\n+y\n*** Delete File: g\n",
    );
    expect(patched(text, { f: TEN, m: "x\nz\n", g: "1" })).toEqual({
      n: "a\n\nb\n",
      f: TEN.replace("5", "50"),
      "d/m": "y\nz\n",
    });
    expect(patched(wrap("*** Update File: m\n*** Move to: k\n"), { m: "x" })).toEqual({ k: "x" });
  });

  test("finds its place below its `@@` line, and hunks below one another", () => {
    const file = "class A:\n  def f():\n    return 1\nclass B:\n  def f():\n    return 1\n";
    expect(
      patched(wrap("*** Update File: f\n@@ class B:\n@@   def f():\n-    return 1\n+    return 2\n"), { f: file })["f"],
    ).toBe(file.replace(/1\n$/, "2\n"));
    expect(patched(wrap("*** Update File: f\n@@ class B: @@\n+  x = 1\n"), { f: file })["f"]).toBe(
      file.replace("class B:\n", "class B:\n  x = 1\n"),
    );
    const twice = wrap("*** Update File: f\n-a\n+b\n x\n@@\n-a\n c\n+d\n");
    expect(patched(twice, { f: "a\nx\na\nc\n" })["f"]).toBe("b\nx\nc\nd\n");
    expect(refusal(wrap("*** Update File: f\n@@\n-c\n@@\n-a\n"), { f: "a\nc\n" })).toMatchObject({ hunk: 2 });
  });

  test("does not guess between places", () => {
    expect(refusal(wrap("*** Update File: f\n@@\n-a\n+b\n"), { f: "a\nx\na\n" })).toMatchObject({
      code: "WO_PATCH_FAILED",
      hunk: 1,
      line: 3,
      message: expect.stringContaining("lines 1, 3"),
    });
    expect(patched(wrap("*** Update File: f\n@@\n-a\n+b\n*** End of File\n"), { f: "a\nx\na\n" })["f"]).toBe(
      "a\nx\nb\n",
    );
    expect(refusal(wrap("*** Update File: f\n@@\n-x\n+b\n*** End of File\n"), { f: "a\nx\na\n" })).toMatchObject({
      code: "WO_PATCH_FAILED",
    });
  });

  test("puts lines without context at the end, and keeps a missing last newline", () => {
    expect(patched(wrap("*** Update File: f\n@@\n+c\n"), { f: "a\nb\n" })["f"]).toBe("a\nb\nc\n");
    expect(patched(wrap("*** Update File: f\n@@\n-b\n+c\n"), { f: "a\nb" })["f"]).toBe("a\nc");
    expect(patched(wrap("*** Update File: f\n@@\n-a\n"), { f: "a\n" })["f"]).toBe("");
  });

  test.each([
    ["an absent file", wrap("*** Update File: x\n@@\n-a\n+b\n"), {}],
    ["a file that is to be added and is there", wrap("*** Add File: f\n+a\n"), { f: "" }],
    ["an absent file to delete", wrap("*** Delete File: f\n"), {}],
    ["a move onto a file", wrap("*** Update File: f\n*** Move to: g\n"), { f: "", g: "" }],
    ["a line that is not there", wrap("*** Update File: f\n@@\n-nothing\n+b\n"), { f: "a\n" }],
    ["an `@@` line that is not there", wrap("*** Update File: f\n@@ nothing\n-a\n+b\n"), { f: "a\n" }],
    ["lines that are not together", wrap("*** Update File: f\n@@\n a\n-c\n"), { f: "a\nb\nc\n" }],
    ["CRLF in the file only", wrap("*** Update File: f\n@@\n-a\n+b\n"), { f: "a\r\n" }],
    ["no end", "*** Begin Patch\n*** Add File: n\n+a\n", {}],
    ["a stray line", wrap("*** Update File: f\n@@\n=a\n"), { f: "a\n" }],
    ["an unknown header", wrap("*** Rename File: f\n"), { f: "a\n" }],
    ["an update of nothing", wrap("*** Update File: f\n"), { f: "a\n" }],
    ["no change at all", wrap(""), {}],
  ])("is refused for %s", (_, text, files) => {
    expect(refusal(text, files as Files)).toMatchObject({ code: "WO_PATCH_FAILED" });
  });

  test("an absent line is named, and the hint tells of line ends", () => {
    expect(refusal(wrap("*** Update File: f\n@@\n a\n-zz\n"), { f: "a\n" }).message).toContain(
      'hunk 1 (line 3 of the patch): the line "zz" is not in the file',
    );
    expect(refusal(wrap("*** Update File: f\n@@\n-a\n+b\n"), { f: "a\r\n" }).hint).toContain("CRLF");
  });
});
