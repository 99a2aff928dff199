import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../test/refusal.ts";
import { HoldfastError } from "../../base/index.ts";
import { parseDocuments } from "../intake/parse.ts";
import { orderOf } from "../intake/read-order.ts";
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
const FIVE_TO_FIFTY = "--- a/f\n+++ b/f\n@@ -4,3 +4,3 @@\n 4\n-5\n+50\n 6\n";

describe("a unified diff", () => {
  test("changes, creates and deletes files", () => {
    const text = `${FIVE_TO_FIFTY}--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+b\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`;
    expect(patched(text, { f: TEN, old: "x\n" })).toEqual({ f: TEN.replace("5", "50"), new: "a\nb\n" });
  });

  test("may name the file without prefixes, with times, with CRLF in its headers, or not at all", () => {
    const body = "@@ -4,3 +4,3 @@\n 4\n-5\n+50\n 6\n";
    for (const [header, request] of [
      ["--- f\t2025-01-01 00:00:00\n+++ f\t2025-01-02 00:00:00\n", {}],
      ["--- f.orig\n+++ f\n", {}],
      ["Index: f\n=====\n--- f\n+++ f\n", {}],
      ["From: somebody\nSubject: x\n\n--- a/f\r\n+++ b/f\r\n", {}],
      ["", { path: "f" }],
      ["--- a/f\n+++ b/f\n", { path: "/somewhere/else/f" }],
    ] as const) {
      expect(patched(header + body, { f: TEN }, request)["f"]).toBe(TEN.replace("5", "50"));
    }
    expect(patched(`--- a/f\n+++ b/f\n${body}`, { "d/f": TEN }, { path: "d/f" })["d/f"]).toBe(TEN.replace("5", "50"));
    expect(refusal(`--- a/f\n+++ b/f\n${body}`, { f: TEN, g: TEN }, { path: "g" })).toMatchObject({
      code: "WO_PATCH_FAILED",
    });
    expect(refusal(body, { f: TEN })).toMatchObject({
      code: "WO_PATCH_FAILED",
      message: expect.stringContaining("names no file"),
    });
  });

  test("fits elsewhere when lines were added above, and says so", () => {
    const { changes, warnings } = patch(FIVE_TO_FIFTY, { f: `new\nnew\n${TEN}` });
    expect(changes[0]!.bytes?.toString()).toBe(`new\nnew\n${TEN.replace("5", "50")}`);
    expect(warnings).toEqual(["f: hunk 1 fits 2 lines below where it said"]);
  });

  test("does not fit when its context differs: file, hunk and line are named", () => {
    const refused = refusal(FIVE_TO_FIFTY, { f: TEN.replace("6", "six") });
    expect(refused).toMatchObject({ code: "WO_PATCH_FAILED", path: "f", hunk: 1, line: 3, fileLine: 6 });
    expect(refused.message).toContain('line 6 is "six", not "6"');
  });

  test("leaves out context only when asked to", () => {
    const files = { f: TEN.replace("6", "six") };
    expect(patched(FIVE_TO_FIFTY, files, { fuzz: 1 })["f"]).toBe(files.f.replace("5", "50"));
    expect(patch(FIVE_TO_FIFTY, files, { fuzz: 1 }).warnings[0]).toContain("1 lines of context left out");
    expect(refusal(FIVE_TO_FIFTY, { f: TEN.replace("5", "five") }, { fuzz: 3 })).toMatchObject({
      code: "WO_PATCH_FAILED",
    });
  });

  test("with several hunks applies all or none, in order, with one shift", () => {
    const text = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n 1\n+1.5\n 2\n@@ -9,2 +10,1 @@\n-9\n 10\n";
    expect(patched(text, { f: TEN })["f"]).toBe("1\n1.5\n2\n3\n4\n5\n6\n7\n8\n10\n");
    expect(patch(text, { f: `0\n${TEN}` }).warnings).toHaveLength(1);
    expect(refusal(text, { f: TEN.replace("9", "nine") })).toMatchObject({ hunk: 2, line: 7 });
  });

  test.each([
    ["too few lines", "@@ -4,4 +4,4 @@\n 4\n-5\n+50\n 6\n", { old: 3, new: 3 }],
    ["too many lines", "@@ -4,2 +4,2 @@\n 4\n-5\n+50\n 6\n", { old: 3, new: 3 }],
    ["no new line where one was said", "@@ -1,3 +1,4 @@\n 1\n 2\n 3\n 4\n", { old: 4, new: 4 }],
  ])("whose header lies (%s) is refused with both counts", (_, body, real) => {
    expect(refusal(`--- a/f\n+++ b/f\n${body}`, { f: TEN })).toMatchObject({
      code: "WO_PATCH_FAILED",
      hunk: 1,
      line: 3,
      real,
    });
  });

  test("the real order whose hunk has no change is refused, naming hunk and line", () => {
    const file = join(import.meta.dirname, "../../../test/data/workorders/wo_example_02_apply_patch.yml");
    const order = orderOf(parseDocuments(readFileSync(file), "wo_example_02_apply_patch.yml")[0]!);
    const [operation] = order.operations;
    if (operation?.op !== "patch") throw new Error("is no patch");
    const source =
      'import os\n\n# This script is responsible for listening to agent-related events.\n\ndef main():\n    print("Listening for agent events...")\n';
    expect(refusal(operation.patch, { "agent_listener.py": source }, { path: operation.path! })).toMatchObject({
      code: "WO_PATCH_FAILED",
      hunk: 1,
      line: 3,
      said: { old: 3, new: 4 },
      real: { old: 6, new: 6 },
    });
  });

  test("the real order in a Markdown fence applies where it says", () => {
    const file = join(import.meta.dirname, "../../../test/data/workorders/wo_example_1_doc_update.json");
    const order = orderOf(parseDocuments(readFileSync(file), "wo_example_1_doc_update.json")[0]!);
    const [operation] = order.operations;
    if (operation?.op !== "patch") throw new Error("is no patch");
    const above = "x\n".repeat(9);
    const guide = `${above}\nThis document outlines the Continuous Integration (CI) guidelines.\n\nMore.\n`;
    const after = patched(operation.patch, { "docs/CI_GUIDE.md": guide }, { path: operation.path! })[
      "docs/CI_GUIDE.md"
    ];
    expect(after).toContain("guidelines.\n\n### Codex Sandbox Rules\nEnsure that no `rm -rf`");
    expect(after).toMatch(/for details\.\n\nMore\.\n$/);
  });

  test("goes through the file once: a hunk does not fit above the one before it", () => {
    const text = "--- a/f\n+++ b/f\n@@ -8,1 +8,1 @@\n-8\n+eight\n@@ -2,1 +2,1 @@\n-2\n+two\n";
    expect(refusal(text, { f: TEN })).toMatchObject({ code: "WO_PATCH_FAILED", hunk: 2 });
  });

  test("moves a hunk without context below it only to the file's end, as git does", () => {
    const text = "--- a/f\n+++ b/f\n@@ -9,2 +9,3 @@\n 9\n 10\n+11\n";
    expect(patched(text, { f: TEN })["f"]).toBe(`${TEN}11\n`);
    expect(patched(text, { f: `0\n${TEN}` })["f"]).toBe(`0\n${TEN}11\n`);
    expect(refusal(text, { f: `0\n${TEN}more\n` })).toMatchObject({ code: "WO_PATCH_FAILED" });
  });

  test("an empty context line may have lost its space", () => {
    expect(patched("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", { f: "a\n\nb\n" })["f"]).toBe("a\n\nc\n");
  });

  test("knows files without a last newline", () => {
    const text = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n";
    expect(patched(text, { f: "a" })["f"]).toBe("b");
    expect(refusal(text, { f: "a\n" })).toMatchObject({ code: "WO_PATCH_FAILED" });
    expect(refusal("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n", { f: "a" }).hint).toContain("no newline");
    expect(refusal("--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+b\n", { f: "a" })).toMatchObject({ code: "WO_PATCH_FAILED" });
  });

  test("does not mix line ends up, and says that they differ", () => {
    expect(refusal(FIVE_TO_FIFTY, { f: TEN.replaceAll("\n", "\r\n") }).hint).toContain("CRLF");
    expect(patched("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+b\r\n", { f: "a\r\n" })["f"]).toBe("b\r\n");
  });

  test.each([
    ["a file that is not there", FIVE_TO_FIFTY, {}],
    ["a new file that is there", "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", { f: "b\n" }],
    ["a deletion that leaves something", "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", { f: "x\ny\n" }],
    ["a deletion that does not show what", "diff --git a/f b/f\ndeleted file mode 100644\n", { f: "x\n" }],
    ["a binary file", "diff --git a/f b/f\nindex 1..2 100644\nGIT binary patch\nliteral 3\n", { f: "x" }],
    ["a binary file by name", "diff --git a/f b/f\nBinary files a/f and b/f differ\n", { f: "x" }],
    [
      "a symbolic link",
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n",
      {},
    ],
    ["a submodule", "diff --git a/l b/l\nnew file mode 160000\n", {}],
    [
      "a rename onto a file",
      "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n",
      { f: "a", g: "b" },
    ],
    ["hunks without line numbers", "--- a/f\n+++ b/f\n@@\n-5\n+50\n", { f: TEN }],
    ["headers without hunks", "--- a/f\n+++ b/f\n", { f: TEN }],
    ["no patch at all", "please change 5 to 50\n", { f: TEN }],
    ["nothing", "", {}],
  ])("is refused for %s", (_, text, files) => {
    expect(refusal(text, files as Files)).toMatchObject({ code: "WO_PATCH_FAILED" });
  });

  test("a file that is named twice is changed twice", () => {
    expect(patched(`${FIVE_TO_FIFTY}--- a/f\n+++ b/f\n@@ -5 +5 @@\n-50\n+500\n`, { f: TEN })["f"]).toBe(
      TEN.replace("5", "500"),
    );
  });

  const lines = fc.array(fc.constantFrom("a", "b", "", "c c", "-x", "--- y", "+++ z", "@@", "\\ no", "ü", " ", "\r"), {
    maxLength: 30,
  });
  const text = fc
    .tuple(lines, fc.boolean())
    .map(([list, hasEnd]) => list.join("\n") + (hasEnd && list.length > 0 ? "\n" : ""));

  test("made of any two texts leads from one to the other", () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 4 }), (before, after, context) => {
        fc.pre(before !== after);
        const made = createTwoFilesPatch("a/f", "b/f", before, after, undefined, undefined, { context });
        expect(patched(made, { f: before })["f"]).toBe(after);
      }),
      { numRuns: 1_000 },
    );
  });

  test("whatever the text is, there are changes or WO_PATCH_FAILED", () => {
    const piece = fc.constantFrom(
      "--- a/f\n",
      "+++ b/f\n",
      "@@ -1,2 +1,2 @@\n",
      "@@ -0,0 +1 @@\n",
      " a\n",
      "-a\n",
      "+b\n",
      "\n",
      "\\ No newline at end of file\n",
      "diff --git a/f b/g\n",
      "rename from f\n",
      "rename to g\n",
      "new file mode 100755\n",
      "deleted file mode 100644\n",
      "--- /dev/null\n",
      "+++ /dev/null\n",
      '--- "a/\\303\\244"\n',
      "*** Begin Patch\n",
      "*** Update File: f\n",
      "*** Add File: g\n",
      "*** Delete File: f\n",
      "*** Move to: h\n",
      "@@ a\n",
      "*** End of File\n",
      "*** End Patch\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom("a\na\n", "", "a"), (list, file) => {
        try {
          expect(patch(list.join(""), { f: file }, { path: "f", fuzz: 1 }).changes.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
          expect(error.code).toBe("WO_PATCH_FAILED");
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
