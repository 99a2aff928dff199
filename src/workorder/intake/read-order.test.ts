import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { HoldfastError } from "../../base/index.ts";
import type { WorkOrder } from "../order.ts";
import { parseDocuments } from "./parse.ts";
import { orderOf } from "./read-order.ts";

function read(document: unknown, filename = "WO-FILE.yaml"): WorkOrder {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return orderOf(parseDocuments(Buffer.from(text), filename)[0]!);
}

function refusal(document: unknown): Record<string, unknown> {
  try {
    read(document);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { code: error.code, message: error.message, ...error.data };
  }
  throw new Error("was not refused");
}

const b64 = (text: string) => Buffer.from(text).toString("base64");

describe("fields", () => {
  test("the first name that is there counts, at the top before one level down", () => {
    expect(read({ id: "b", wo_id: "a", task_spec: { task_id: "c" } })).toMatchObject({
      id: "a",
      extra: { id: "b", task_spec: { task_id: "c" } },
    });
    expect(read({ task_spec: { task_id: "c" }, metadata: { title: "t", requested_by: "CLS" } })).toMatchObject({
      id: "c",
      title: "t",
      owner: "CLS",
    });
    expect(read({ summary: "s", description: "first\nsecond" })).toMatchObject({
      title: "s",
      summary: "s",
      description: "first\nsecond",
    });
    expect(read({ body: "\n  first line\nsecond" })).toMatchObject({
      title: "first line",
      summary: "\n  first line\nsecond",
      id: "WO-FILE",
    });
    expect(read({ payload: { summary: "p" } })).toMatchObject({ title: "p", summary: "p" });
    expect(read({ route_hints: { preferred_executor: "LAC", fallback: "CLC" } })).toMatchObject({
      owner: "LAC",
      routes: ["LAC", "CLC"],
    });
    expect(read({ objectives: ["a", "b"], notes: ["n"], due: "2025-12-01", progress: "40%" })).toMatchObject({
      goal: "a\nb",
      notes: "n",
      dueDate: "2025-12-01",
      progress: 40,
    });
    expect(read({ agent: "CLS", assignee: "Mary", target: "lac", routing_hint: "dev" })).toMatchObject({
      owner: "Mary",
      routes: ["lac", "Mary", "CLS", "dev"],
    });
    expect(read({ phase: 14, classification: "SIP" })).toMatchObject({ category: "SIP", extra: { phase: 14 } });
  });

  test.each([
    ["P0", "High"],
    ["urgent", "High"],
    ["Critical", "High"],
    ["high", "High"],
    ["P1", "High"],
    ["p2", "Medium"],
    ["normal", "Medium"],
    ["medium", "Medium"],
    ["P3", "Low"],
    ["low", "Low"],
    [undefined, "Medium"],
  ])("priority %s is %s", (priority, expected) => {
    expect(read({ title: "t", priority }).priority).toBe(expected);
  });

  test("an unknown priority is Medium, said, and kept", () => {
    expect(read({ priority: "whenever" })).toMatchObject({
      priority: "Medium",
      warnings: [expect.stringContaining("priority")],
      extra: { priority: "whenever" },
    });
  });

  test("tags come as a list, with commas, as labels, and from metadata", () => {
    expect(read({ tags: "a, b,,c" }).tags).toEqual(["a", "b", "c"]);
    expect(read({ tags: ["a"], labels: ["b", "a"], metadata: { tags: ["c", 4] } }).tags).toEqual(["a", "b", "c", "4"]);
    expect(read({ tags: [{ a: 1 }] })).toMatchObject({ tags: [], extra: { tags: [{ a: 1 }] } });
  });

  test("times are ISO in UTC; one without zone is UTC; one that is none stays where it was", () => {
    expect(read({ created_at: "2025-11-13T16:00:00+0700" }).createdAt).toBe("2025-11-13T09:00:00.000Z");
    expect(read("created_at: 2025-11-13T16:00:00+07:00\n").createdAt).toBe("2025-11-13T09:00:00.000Z");
    expect(read({ metadata: { created: "2025-10-23 10:00" } }).createdAt).toBe("2025-10-23T10:00:00.000Z");
    expect(read({ created_at: "soon" })).toMatchObject({ createdAt: null, extra: { created_at: "soon" } });
  });

  test("the schedule is read, and what of it cannot be read is refused", () => {
    expect(
      read({
        not_before: "2026-01-01T00:00:00Z",
        timeout_sec: 90,
        retries: "2",
        depends_on: ["a b", "c"],
        supersedes: "d",
      }),
    ).toMatchObject({
      notBeforeMs: Date.UTC(2026, 0, 1),
      timeoutMs: 90_000,
      retries: 2,
      dependsOn: ["a-b", "c"],
      supersedes: "d",
    });
    expect(read({ timeout: "5m", depends_on: "a, b" })).toMatchObject({ timeoutMs: 300_000, dependsOn: ["a", "b"] });
    expect(refusal({ not_before: "tomorrow" })).toMatchObject({ code: "WO_INVALID", field: "not_before" });
    expect(refusal("title: t\nretries: many\n")).toMatchObject({
      code: "WO_INVALID",
      field: "retries",
      line: 2,
      column: 1,
    });
    expect(refusal({ timeout: "a while" })).toMatchObject({ code: "WO_INVALID", field: "timeout" });
    expect(refusal({ supersedes: ["a", "b"] })).toMatchObject({ code: "WO_INVALID", field: "supersedes" });
  });

  test.each([
    { dry_run: true },
    { dry_run: "true" },
    { metadata: { dry_run: "yes" } },
    { safety_mode: "dry-run" },
    { safety_mode: "dry_run" },
    { payload: { dry_run: true } },
    { dry_run: false, metadata: { dry_run: true } },
  ])("%j is a dry run", (document) => {
    expect(read(document).dryRun).toBe(true);
  });

  test("what is no dry run is none, and what cannot be read is not guessed", () => {
    expect(read({ dry_run: false, safety_mode: "normal" }).dryRun).toBe(false);
    expect(refusal({ dry_run: "perhaps" })).toMatchObject({ code: "WO_INVALID", field: "dry_run" });
  });

  test.each([
    ["../../etc/passwd", "etc-passwd"],
    ["/abs/path", "abs-path"],
    [".hidden", "hidden"],
    ["a\u0000b\u001b[2Jc", "a-b-2Jc"],
    ["wo $(date +%s)", "wo-date-s"],
    ["x".repeat(200), "x".repeat(128)],
    ["日本", "WO-FILE"],
    ["...", "WO-FILE"],
  ])("the id %j is made safe, and that is said", (written, id) => {
    const order = read({ wo_id: written });
    expect(order.id).toBe(id);
    expect(order.warnings).toHaveLength(1);
    expect(order.warnings[0]).not.toMatch(/[\u0000-\u001f]/);
  });

  test("a numeric id is text, zeros included", () => {
    expect(read("id: 002\ncmd: x\n").id).toBe("002");
    expect(read({ id: 7 }).id).toBe("7");
  });

  test("a title keeps its control characters, on one line of at most 512", () => {
    expect(read({ title: "a\u001b[31mb\u202e" }).title).toBe("a\u001b[31mb\u202e");
    expect(read({ objective: `${"x".repeat(600)}\nmore` }).title).toHaveLength(512);
  });
});

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

  test("a list entry without its content beside complete ones is refused with its place", () => {
    expect(refusal("files:\n  - path: a\n    content: x\n  - path: b\n")).toMatchObject({
      code: "WO_CUT_OFF",
      field: "files[1]",
      line: 4,
    });
    expect(refusal({ files: [{ path: "b" }, { path: "a", content: "x" }] })).toMatchObject({
      code: "WO_INVALID",
      field: "files[0]",
    });
    expect(refusal({ files: { b: null, a: "x" } })).toMatchObject({ code: "WO_INVALID", field: "files.b" });
    expect(refusal({ steps: [{ run: "x" }, { name: "forgot" }] })).toMatchObject({
      code: "WO_CUT_OFF",
      field: "steps[1]",
    });
    expect(
      refusal({
        operations: [
          { op: "write", path: "a", content: "x" },
          { op: "write", path: "b" },
        ],
      }),
    ).toMatchObject({ code: "WO_CUT_OFF" });
    expect(refusal({ post_verify: ["true", ""] })).toMatchObject({ code: "WO_CUT_OFF" });
  });

  test("a file that breaks off inside something to execute is refused, inside a description it is not", () => {
    expect(refusal("files:\n  - path: a\n    content: |\n      on")).toMatchObject({
      code: "WO_CUT_OFF",
      field: "files[0].content",
      line: 3,
    });
    expect(refusal("title: t\ncmd: |\n  rm -rf build")).toMatchObject({ code: "WO_CUT_OFF", field: "cmd" });
    expect(refusal("files:\n  a: |\n    x")).toMatchObject({ code: "WO_CUT_OFF" });
    expect(read("files: {a: x}\ndescription: |\n  on").operations).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ files: [{ content: "x" }] }, "files[0]"],
    [{ files: [{ path: "", content: "x" }] }, "files[0].path"],
    [{ files: [{ path: "a", content: { b: 1 } }] }, "files[0].content"],
    [{ files: [{ path: "a", content: true }] }, "files[0].content"],
    [{ files: [{ path: "a", content: "x", mode: "rwxr-xr-x" }] }, "files[0].mode"],
    [{ files: [{ path: "a", content: "x", mode: "09" }] }, "files[0].mode"],
    [{ files: [{ path: "a", content: "!!", encoding: "base64" }] }, "files[0].content"],
    [{ files: [{ path: "a", content: "x", encoding: "utf-16" }] }, "files[0].encoding"],
    [{ files: [{ path: "a", content: "x", sha256: "123" }] }, "files[0].sha256"],
    [{ files: [{ path: "a", content: "\ud800" }] }, "files[0].content"],
    [{ files: { path: "a", content: "x" } }, "files"],
    [
      {
        operations: [
          { op: "mkdir", path: "a" },
          { op: "teleport", path: "b" },
        ],
      },
      "operations[1]",
    ],
    [{ operations: [{ op: "chmod", path: "a" }] }, "operations[0]"],
    [{ operations: [{ op: "move", to: "b" }] }, "operations[0]"],
    [{ steps: [{ run: "x", skill: "python" }] }, "steps[0]"],
    [{ tests: [{ command: "x", exit: -1 }] }, "tests[0].exit"],
    [{ patch: "@@", fuzz: 9 }, "fuzz"],
  ])("%j is WO_INVALID at %s", (document, field) => {
    expect(refusal(document)).toMatchObject({ code: "WO_INVALID", field, line: 1, column: expect.any(Number) });
  });

  test("more effects than the limit are refused", () => {
    const files = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`f${index}`, ""]));
    expect(refusal({ files })).toMatchObject({ code: "WO_TOO_MANY" });
  });
});

describe("what is left", () => {
  test("unknown keys are kept verbatim, however deep", () => {
    const order = read({
      wo_id: "a",
      x: { y: [1, { z: null }] },
      metadata: { title: "t", other: 1 },
      files: [
        { path: "a", content: "b", why: "c" },
        { path: "d", content: "e" },
      ],
    });
    expect(order.extra).toEqual({ x: { y: [1, { z: null }] }, metadata: { other: 1 }, files: [{ why: "c" }, {}] });
  });

  test("`__proto__` is kept as a key, and does nothing", () => {
    const order = read('{"wo_id":"a","__proto__":{"cmd":"rm -rf /"},"constructor":{"x":1}}');
    expect(order.steps).toEqual([]);
    expect(Object.keys(order.extra)).toEqual(["__proto__", "constructor"]);
    expect(order.extra["cmd"]).toBeUndefined();
  });

  const document = fc.record(
    {
      wo_id: fc.string({ minLength: 1 }),
      title: fc.string(),
      tags: fc.array(fc.string()),
      files: fc.array(fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.string({ unit: "grapheme" }) })),
      metadata: fc.record({ author: fc.string({ minLength: 1 }) }),
      unknown: fc
        .jsonValue({ maxDepth: 3 })
        .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
        .filter((value) => !/\d[eE]/.test(JSON.stringify(value))),
    },
    { requiredKeys: ["unknown"] },
  );

  test("JSON and YAML of one order have one normal form, and unknown keys survive", () => {
    fc.assert(
      fc.property(document, (value) => {
        const json = read(value, "x.json");
        expect(read(stringify(value), "x.yaml")).toEqual(json);
        expect(json.extra["unknown"]).toEqual(value.unknown);
      }),
      { numRuns: 300 },
    );
  });

  test("whatever a mapping holds, there is an order or a HoldfastError", () => {
    const names = [
      "wo_id",
      "id",
      "title",
      "tags",
      "priority",
      "created_at",
      "not_before",
      "timeout",
      "retries",
      "dry_run",
      "depends_on",
      "supersedes",
      "touches",
      "files",
      "operations",
      "edits",
      "patch",
      "steps",
      "cmd",
      "code",
      "skill",
      "post_verify",
      "tests",
      "payload",
      "task_spec",
      "metadata",
      "routing",
      "path",
      "content",
      "op",
      "find",
      "run",
      "mode",
    ];
    const node = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 5 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), node), (value) => {
        try {
          expect(read(value).id).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/);
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
