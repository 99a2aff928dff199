import { describe, expect, test } from "vitest";
import { refusalOf } from "../../../../test/refusal.ts";
import type { WorkOrder } from "../../order.ts";
import { parseDocuments } from "../parse.ts";
import { orderOf } from "../read-order.ts";

function read(document: unknown, filename = "WO-FILE.yaml"): WorkOrder {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return orderOf(parseDocuments(Buffer.from(text), filename)[0]!);
}

function refusal(document: unknown) {
  return refusalOf(() => read(document));
}

const b64 = (text: string) => Buffer.from(text).toString("base64");

describe("bodies", () => {
  test("files as a list and as a mapping; base64, append, modes, digests", () => {
    const sha = `sha256:${"a".repeat(64)}`;
    expect(
      read({
        files: [
          { path: "a", content: "x\n", mode: "0755" },
          { path: "b", content: b64("\0\xff"), encoding: "base64", sha256: "A".repeat(64) },
          { path: "c", content: "more", append: true },
          { path: "d", content: "more", mode: "append" },
          { path: "e", content: "" },
          { path: "f", content: 42, mode: 493 },
        ],
      }).operations,
    ).toEqual([
      { op: "write", path: "a", content: b64("x\n"), mode: 0o755, sha256: null },
      { op: "write", path: "b", content: b64("\0\xff"), mode: null, sha256: sha },
      { op: "append", path: "c", content: b64("more"), mode: null },
      { op: "append", path: "d", content: b64("more"), mode: null },
      { op: "write", path: "e", content: "", mode: null, sha256: null },
      { op: "write", path: "f", content: b64("42"), mode: 0o755, sha256: null },
    ]);
    expect(read({ files: { "a/b": "x", c: { content: "y", mode: 755 } } }).operations).toEqual([
      { op: "write", path: "a/b", content: b64("x"), mode: null, sha256: null },
      { op: "write", path: "c", content: b64("y"), mode: 0o755, sha256: null },
    ]);
  });

  test("content keeps every byte of the author's text", () => {
    const content = "tab\there\r\nünï 🎉 $(date) `id` {{x}}\n\n";
    expect(read({ files: [{ path: "a", content }] }).operations[0]).toMatchObject({ content: b64(content) });
  });

  test.each<[unknown, unknown]>([
    [
      { op: "write_file", file: "a", content: "x" },
      { op: "write", path: "a", content: b64("x"), mode: null, sha256: null },
    ],
    [
      { op: "create", path: "a", content: "x" },
      { op: "write", path: "a", content: b64("x"), mode: null, sha256: null },
    ],
    [
      { operation: "UPDATE-FILE", path: "a", content: "x" },
      { op: "write", path: "a", content: b64("x"), mode: null, sha256: null },
    ],
    [
      { op: "append", path: "a", content: "x" },
      { op: "append", path: "a", content: b64("x"), mode: null },
    ],
    [
      { op: "replace", path: "a", find: "x", replace: "y", count: 2 },
      { op: "replace", path: "a", find: "x", replace: "y", count: 2 },
    ],
    [
      { op: "edit", path: "a", old_str: "x", new_str: "" },
      { op: "replace", path: "a", find: "x", replace: "", count: null },
    ],
    [
      { op: "update", path: "a", find: "x", replace: "y", replace_all: true },
      { op: "replace", path: "a", find: "x", replace: "y", count: "all" },
    ],
    [
      { op: "rm", path: "a" },
      { op: "delete", path: "a" },
    ],
    [
      { op: "delete_file", file: "a" },
      { op: "delete", path: "a" },
    ],
    [
      { op: "mv", from: "a", to: "b" },
      { op: "move", path: "a", to: "b" },
    ],
    [
      { op: "rename", path: "a", new_path: "b" },
      { op: "move", path: "a", to: "b" },
    ],
    [
      { op: "create_dir", file: "a" },
      { op: "mkdir", path: "a", mode: null },
    ],
    [
      { op: "mkdir", path: "a", mode: "0700" },
      { op: "mkdir", path: "a", mode: 0o700 },
    ],
    [
      { op: "chmod", path: "a", mode: 755 },
      { op: "chmod", path: "a", mode: 0o755 },
    ],
    [
      { op: "symlink", path: "a", target: "../b" },
      { op: "symlink", path: "a", target: "../b" },
    ],
    [
      { op: "restore", path: "a" },
      { op: "restore", path: "a", from: null },
    ],
    [
      { op: "patch", path: "a", patch: "@@" },
      { op: "patch", path: "a", patch: "@@", fuzz: 0 },
    ],
  ])("the operation %j", (entry, expected) => {
    expect(read({ operations: [entry] }).operations).toEqual([expected]);
    expect(read({ task_spec: { operations: [entry] } }).operations).toEqual([expected]);
    expect(read({ ops: [entry] }).extra).toEqual({});
  });

  test("edits: in place, beside the match, and the old text by the name `before`", () => {
    expect(
      read({
        edits: [
          { path: "a", find: "x", replace: "y" },
          { path: "a", mode: "patch", find: "x", after: "y\n" },
          { path: "a", find: "x", before: "y" },
          { path: "a", before: "x", after: "y" },
        ],
      }).operations,
    ).toEqual([
      { op: "replace", path: "a", find: "x", replace: "y", count: null },
      { op: "replace", path: "a", find: "x", replace: "y\n", count: null, insert: "after" },
      { op: "replace", path: "a", find: "x", replace: "y", count: null, insert: "before" },
      { op: "replace", path: "a", find: "x", replace: "y", count: null },
    ]);
    expect(refusal({ edits: [{ path: "a", find: "x", replace: "y", after: "z" }] })).toMatchObject({
      code: "WO_INVALID",
      field: "edits[0]",
    });
    expect(refusal({ edits: [{ path: "a", find: "", replace: "y" }] })).toMatchObject({ code: "WO_INVALID" });
    expect(refusal({ edits: [{ path: "a", find: "x", replace: "y", regex: true }] })).toMatchObject({
      code: "WO_INVALID",
    });
  });

  test("patches from everywhere, with the path that stands beside them", () => {
    expect(read({ payload: { file_path: "a", patch_content: "@@ x" } }).operations).toEqual([
      { op: "patch", patch: "@@ x", path: "a", fuzz: 0 },
    ]);
    expect(read({ diff: "```diff\n@@ x\n+`y`\n```\n", fuzz: 1 }).operations).toEqual([
      { op: "patch", patch: "@@ x\n+`y`\n", path: null, fuzz: 1 },
    ]);
    expect(read({ patches: [{ path: "a", diff: "@@ 1" }, "@@ 2"] }).operations).toMatchObject([
      { patch: "@@ 1" },
      { patch: "@@ 2" },
    ]);
    expect(read({ patch: "  \n" }).operations).toEqual([]);
  });

  test("steps, cmd and code", () => {
    const order = read({
      steps: [
        { name: "n", run: "a", timeout: "60s", retry_on_failure: true },
        { cmd: "b", timeout: 5, max_retries: 3, retry_delay: "10s", always_run: true },
      ],
      cmd: "c",
      touches: ["x"],
      idempotent: true,
    });
    expect(order.steps).toEqual([
      { name: "n", run: { shell: "a" }, timeoutMs: 60_000, retries: 1, retryDelayMs: 1_000, alwaysRun: false },
      { name: "step 2", run: { shell: "b" }, timeoutMs: 5_000, retries: 3, retryDelayMs: 10_000, alwaysRun: true },
      { name: "cmd", run: { shell: "c" }, timeoutMs: null, retries: 0, retryDelayMs: 1_000, alwaysRun: false },
    ]);
    expect(order).toMatchObject({ touches: ["x"], idempotent: true });
    expect(read({ skill: "node", code: "1" }).steps).toMatchObject([{ run: { node: "1" } }]);
    expect(read({ skill: "python", code: "1" })).toMatchObject({
      steps: [],
      warnings: [expect.stringContaining("python")],
    });
    expect(read({ code: "1" })).toMatchObject({ steps: [], extra: { code: "1" } });
    expect(read({ touches: [] }).touches).toEqual([]);
  });

  test("checks: texts are commands in post_verify, descriptions in tests", () => {
    expect(
      read({
        post_verify: ["a", { command: "b" }],
        tests: [{ name: "t", command: "c", expected: 3, exit: 1, timeout: "2s" }],
      }).checks,
    ).toEqual([
      { name: "a", command: "a", expected: null, exitCode: 0, timeoutMs: null },
      { name: "b", command: "b", expected: null, exitCode: 0, timeoutMs: null },
      { name: "t", command: "c", expected: "3", exitCode: 1, timeoutMs: 2_000 },
    ]);
    expect(read({ post_verify: "one" }).checks).toMatchObject([{ command: "one" }]);
    expect(read({ tests: ["it works"] })).toMatchObject({
      checks: [],
      warnings: [expect.stringContaining("tests")],
      extra: { tests: ["it works"] },
    });
  });

  test("all bodies of one document run in the documented order, commands last", () => {
    const order = read({
      steps: [{ run: "s" }],
      patch: "@@",
      edits: [{ path: "e", find: "x", replace: "y" }],
      operations: [{ op: "mkdir", path: "o" }],
      files: { f: "" },
    });
    expect(order.operations.map(({ op }) => op)).toEqual(["write", "mkdir", "replace", "patch"]);
    expect(
      read({
        operations: [
          { op: "mkdir", path: "o" },
          { op: "run", command: "r" },
        ],
      }).steps,
    ).toMatchObject([{ run: { shell: "r" } }]);
    expect(
      refusal({
        operations: [
          { op: "run", command: "r" },
          { op: "mkdir", path: "o" },
        ],
      }),
    ).toMatchObject({ code: "WO_INVALID", field: "operations[1]" });
    expect(refusal({ operations: [{ op: "run", command: "r" }], patch: "@@" })).toMatchObject({ code: "WO_INVALID" });
  });
});
