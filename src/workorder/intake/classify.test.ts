import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasBody } from "../order.ts";
import { classify } from "./classify.ts";
import { parseDocuments } from "./parse.ts";

const FIXTURES = join(import.meta.dirname, "../../../test/data/workorders");

/** Made by reading each file. `body`: has something to execute; `routed`: an order without; else what it is. */
const REAL_FILES: Record<string, string> = {
  "002_node.json": "body",
  "6cc4a4-manifest.json": "manifest",
  "OCR_APPROVED_WO-DOC-API-001_20251031_013643.json": "approval",
  "TEST_CLC.ack.json": "acknowledgement",
  "TEST_CLC_result.yaml": "result",
  "WO-20251030-W0YIAXXXXX.yaml": "routed",
  "WO-20251108_204850-PHASE22-TEL-DASH.json": "body",
  "WO-20251113-CLS-WO-CLEANUP-BOT.yaml": "routed",
  "WO-20251113-MLS-PROMPT-CAPTURE.ack.json": "acknowledgement",
  "WO-20251113-SYSTEM-TRUTH-SYNC.ack.json": "acknowledgement",
  "WO-20251113-SYSTEM-TRUTH-SYNC.yaml": "routed",
  "WO-20251115-SAVE-SH-MLS-INTEGRATION.yaml": "routed",
  "WO-251107-PHASE-14-RAG-UNIFICATION.yaml": "routed",
  "WO-251130-SMOKE_TEST.ack.json": "acknowledgement",
  "WO-CLEANUP-INBOX-0001.ack.json": "acknowledgement",
  "WO-DEPLOY-LIGHTRAG.yml": "body",
  "WO-GV3P0-LOCAL.yaml": "routed",
  "WO-HEALTH-CHECK-0001.ack.json": "acknowledgement",
  "WO-HEALTH-CHECK-V2-0001.ack.json": "acknowledgement",
  "WO-LAC-REPORTS-INIT-001.json": "routed",
  "WO-MANUAL-TEST_result.yaml": "result",
  "WO-PATCH-CLC-ORCH-V2.ack.json": "acknowledgement",
  "WO-PATCH-HEALTH-V2-FIX.ack.json": "acknowledgement",
  "WO-PATCH-OPAL-HEALTHV2-AGENT.ack.json": "acknowledgement",
  "WO-TEST-CLC-001.ack.json": "acknowledgement",
  "WO-TEST-EXECUTOR_result.yaml": "result",
  "WO-TEST-LAC-HEALTH-20260114-025021-11799.yaml": "routed",
  "WO-TEST-LAC-ROUTE-2.yaml": "routed",
  "WO-UNIFY-ROOT-02LUKA.ack.json": "acknowledgement",
  "WO_TEMPLATE.yaml": "template",
  "archive-reports-hd2.json": "body",
  "bidirectional_test_payload.yaml": "routed",
  "copy-report-1.json": "body",
  "disk-usage-lukadata.json": "body",
  "folder/WO-20251030-QQID8XXXXX/WO-20251030-QQID8XXXXX.yaml": "routed",
  "folder/WO-20251030-QQID8XXXXX/evidence/checksums.sha256": "text",
  "folder/WO-20251030-QQID8XXXXX/evidence/manifest.json": "manifest",
  "folder/WO-20251030-QQID8XXXXX/wo_test.yaml": "routed",
  "gemini_task_template.yaml": "template",
  "gmx_liam_mls_logging.json": "routed",
  "gmx_liam_selftest.json": "routed",
  "manifest.json": "manifest",
  "test_safe.result.json": "result",
  "wo_cls_selftest.yaml": "routed",
  "wo_example_02_apply_patch.yml": "body",
  "wo_example_1_doc_update.json": "body",
  "wo_test_antigravity.json": "body",
  "wo_test_lac_integration.json": "body",
};

function kindsOf(text: string | Buffer, filename: string): string[] {
  return parseDocuments(Buffer.from(text), filename).map((document) => {
    const classified = classify(document);
    if (classified.kind === "not-an-order") return classified.what;
    return hasBody(classified.order) ? "body" : "routed";
  });
}

function orderIn(name: string) {
  const classified = classify(parseDocuments(readFileSync(join(FIXTURES, name)), name.replace(/^.*\//, ""))[0]!);
  if (classified.kind !== "order") throw new Error(`${name} is ${classified.what}`);
  return classified.order;
}

describe("real files", () => {
  const names = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(FIXTURES.length + 1));

  test("the table names every file there is", () => {
    expect(names.sort()).toEqual(Object.keys(REAL_FILES).sort());
  });

  test.each(Object.entries(REAL_FILES))("%s is: %s", (name, expected) => {
    expect(kindsOf(readFileSync(join(FIXTURES, name)), name.replace(/^.*\//, ""))).toEqual([expected]);
  });

  test("a real deployment keeps its steps, their timeouts and retries, and all that no field took", () => {
    const order = orderIn("WO-DEPLOY-LIGHTRAG.yml");
    expect(
      order.steps.map(({ name, timeoutMs, retries, retryDelayMs, alwaysRun }) => [
        name,
        timeoutMs,
        retries,
        retryDelayMs,
        alwaysRun,
      ]),
    ).toEqual([
      ["Preflight", 60_000, 0, 1_000, false],
      ["Prepare workspace", 30_000, 0, 1_000, false],
      ["Deploy LightRAG", 600_000, 1, 1_000, false],
      ["Verify LightRAG health", 60_000, 3, 10_000, false],
      ["Publish deployment report", 30_000, 0, 1_000, true],
    ]);
    expect(order).toMatchObject({
      priority: "High",
      category: "deploy",
      owner: "CLC",
      tags: ["lightrag", "rag", "deployment"],
      routes: ["lightrag", "CLC"],
    });
    expect(order.extra).toMatchObject({
      rollback_on_failure: true,
      metadata: { author: "ops", project: "02luka" },
      rollback: { steps: expect.any(Array) },
    });
  });

  test("a real patch order in a Markdown fence is a dry run with the fence taken off", () => {
    const order = orderIn("wo_example_1_doc_update.json");
    expect(order.dryRun).toBe(true);
    expect(order.operations).toEqual([
      {
        op: "patch",
        patch: expect.stringMatching(/^--- a\/docs\/CI_GUIDE\.md\n[^`]*`rm -rf`[\s\S]*\n\+\n$/),
        path: "docs/CI_GUIDE.md",
        fuzz: 0,
      },
    ]);
  });

  test("a real edit with `find` and `after` inserts, and its post_verify commands are checks", () => {
    const order = orderIn("WO-20251108_204850-PHASE22-TEL-DASH.json");
    expect(order.operations.map(({ op }) => op)).toEqual(["write", "write", "write", "write", "write", "replace"]);
    expect(order.operations[5]).toMatchObject({
      path: "tools/hub_http.zsh",
      find: "python3 -m http.server",
      insert: "after",
    });
    expect(order.checks.map(({ command }) => command)).toEqual([
      "chmod +x tools/telemetry_fixture.zsh",
      "./tools/telemetry_fixture.zsh || true",
    ]);
    expect(order.extra).toEqual({});
  });

  test("`$(date)` in a time is a warning, and stays as it was written", () => {
    const order = orderIn("WO-20251113-CLS-WO-CLEANUP-BOT.yaml");
    expect(order.createdAt).toBeNull();
    expect(order.warnings).toEqual([expect.stringContaining("created_at holds a placeholder")]);
    expect(order.extra["created_at"]).toBe("$(date -u +%Y-%m-%dT%H:%M:%SZ)");
  });

  test("a `body_file` that came without its folder is said", () => {
    expect(orderIn("WO-20251030-W0YIAXXXXX.yaml").warnings).toEqual([expect.stringContaining("body_file")]);
  });
});

describe("the class of such files", () => {
  const cases: [string, string, string, unknown][] = [
    [
      "a failed acknowledgement",
      "a.ack.json",
      "acknowledgement",
      { wo_id: "W", status: "failed", stage: "worker", error: "x", completed_at: "2025-11-27T09:13:50Z" },
    ],
    [
      "Holdfast's own acknowledgement",
      "W.ack.json",
      "acknowledgement",
      {
        wo_id: "W",
        status: "done",
        stage: "accepted",
        result: null,
        error: null,
        summary: "",
        completed_at: "2025-11-27T09:13:50Z",
      },
    ],
    [
      "an acknowledgement that repeats its operations",
      "x.json",
      "acknowledgement",
      {
        wo_id: "W",
        status: "success",
        completed_at: "2025-01-01T00:00:00Z",
        operations: [{ op: "write_file", file: "a", content: "b" }],
      },
    ],
    [
      "a state file",
      "W.json",
      "state",
      { id: "W", title: "t", status: "done", source: "work_order", progress: 100, meta: { stage: "accepted" } },
    ],
    ["a dashboard", "followup.json", "state", { updated_at: "2025-01-01T00:00:00Z", owner: "x", items: [] }],
    [
      "a report of an error",
      "W.yaml.error.json",
      "error",
      { code: "WO_SYNTAX", message: "m", hint: "h", line: 1, column: 1 },
    ],
    [
      "a finished result",
      "W_result.yaml",
      "result",
      { wo_id: "W", status: "success", results: [], timestamp: "2025-01-01T00:00:00Z" },
    ],
    [
      "a run's exit code",
      "x.result.json",
      "result",
      { ts_start: "2025-12-19T21:56:43Z", ts_end: "2025-12-19T21:56:44Z", exit_code: 1, log: "/x" },
    ],
    [
      "an approval with sums only",
      "x.json",
      "approval",
      {
        wo_id: "W",
        approved_by: "admin",
        approved_at: "2025-10-31T01:35:00+0700",
        files: [{ path: "a", sha256: "0".repeat(64) }],
      },
    ],
    ["an approved order", "x.json", "body", { wo_id: "W", approved_by: "admin", files: [{ path: "a", content: "b" }] }],
    [
      "a list of files",
      "manifest.json",
      "manifest",
      { version: 1, files: [{ path: "a", sha256: "0".repeat(64), size: 3 }] },
    ],
    ["a line of telemetry", "x.jsonl", "ledger entry", { ts: "2025-01-01T00:00:00Z", event: "router.start", ok: true }],
    [
      "a queue's entry",
      "x.json",
      "queue entry",
      { wo_id: "W", queued_at: "2025-01-01T00:00:00Z", path: "bridge/inbox/CLC/W.yaml" },
    ],
    [
      "telemetry about an order",
      "x.jsonl",
      "ledger entry",
      { ts: "2025-01-01T00:00:00Z", event: "wo_started", wo_id: "W", agent: "CLC" },
    ],
    [
      "a lesson of a ledger",
      "x.jsonl",
      "ledger entry",
      { ts: "2025-01-01T00:00:00Z", type: "lesson", title: "t", summary: "s", source: { producer: "p" }, author: "a" },
    ],
    [
      "a line of an order's status",
      "wo_status.jsonl",
      "status entry",
      { wo_id: "W", status: "pending", updated_at: "2025-01-01T00:00:00Z" },
    ],
    [
      "an approval with a title",
      "x.json",
      "approval",
      { wo_id: "W", title: "t", status: "approved", approved_by: "admin" },
    ],
    [
      "an order that names who approved it",
      "x.json",
      "routed",
      { wo_id: "W", title: "t", approved_by: "admin", priority: "P1" },
    ],
    ["an order that asks for an acknowledgement", "x.json", "routed", { wo_id: "W", title: "t", ack: true }],
    ["an order with a schema", "x.json", "body", { $schema: "https://example.com/wo.json", wo_id: "W", cmd: "true" }],
    [
      "a package's manifest",
      "package.json",
      "configuration",
      { name: "x", version: "1.0.0", description: "d", scripts: { test: "true" }, files: ["dist"] },
    ],
    ["a mapping that asks for nothing", "x.json", "unknown", { colour: "blue" }],
    [
      "a form with a body",
      "x.json",
      "template",
      { wo_id: "W", title: "REPLACE WITH TITLE", files: [{ path: "a", content: "b" }] },
    ],
    ["a form by its priority", "x.yaml", "template", { title: "Something", priority: "Px" }],
    [
      "a date pattern in an id, with a body",
      "x.json",
      "body",
      { wo_id: "WO-YYYYMMDD-x", files: [{ path: "a", content: "b" }] },
    ],
    ["a date pattern in an id, without", "x.json", "template", { wo_id: "WO-YYYYMMDD-x", title: "Something" }],
    [
      "a date pattern in an id, in a template",
      "wo_template.json",
      "template",
      { wo_id: "WO-YYYYMMDD-x", files: [{ path: "a", content: "b" }] },
    ],
    [
      "mktemp's XXXXX, which is no placeholder",
      "x.json",
      "routed",
      { wo_id: "WO-20251030-W0YIAXXXXX", title: "CLS Test" },
    ],
    [
      "an order that a person marked pending",
      "x.json",
      "routed",
      { wo_id: "W", status: "pending", title: "t", timestamp: "2025-01-01" },
    ],
    [
      "a planned order with a timestamp",
      "x.json",
      "routed",
      { wo_id: "W", status: "PLANNED", timestamp: "2025-01-01T00:00:00Z", objectives: ["a"] },
    ],
    [
      "a placeholder in content only",
      "x.json",
      "body",
      { wo_id: "W", title: "t", files: [{ path: "a", content: "REPLACE_ME {{x}} YYYY" }] },
    ],
    [
      "an empty body",
      "x.json",
      "routed",
      { wo_id: "W", objective: "o", files: [], operations: [], steps: [], post_verify: [] },
    ],
    [
      "entries without content",
      "x.json",
      "routed",
      {
        wo_id: "W",
        title: "t",
        files: [{ path: "a" }],
        operations: [{ op: "write_file", file: "x" }],
        steps: [{ name: "n", description: "d" }],
      },
    ],
    [
      "operations that only another agent knows",
      "x.json",
      "routed",
      { wo_id: "W", title: "t", operations: [{ op: "write_ledger_entry", path: "x", content: "y" }] },
    ],
    ["checks alone", "x.json", "routed", { wo_id: "W", title: "t", post_verify: ["true"] }],
  ];

  test.each(cases)("%s (%s) is: %s", (_, filename, expected, document) => {
    expect(kindsOf(JSON.stringify(document), filename)).toEqual([expected]);
  });

  test.each([
    ["nothing", "", "empty"],
    ["comments only", "# a\n# b\n", "empty"],
    ["an empty document", "---\n...\n", "empty"],
    ["a word", "hello\n", "text"],
    ["a number", "42\n", "text"],
    ["a list of words", "- a\n- b\n", "list"],
    ["an empty list", "[]", "list"],
    ["a list that is not all mappings", '[{"wo_id":"a","cmd":"x"}, 3]', "list"],
  ])("%s is no order", (_, text, expected) => {
    expect(kindsOf(text, "x.yaml")).toEqual([expected]);
  });

  test("a list of orders is several orders, each with its own id", () => {
    const documents = parseDocuments(
      Buffer.from('[{"title":"a","cmd":"true"},{"title":"b","cmd":"true"}]'),
      "batch.json",
    );
    const ids = documents
      .map((document) => classify(document))
      .map((found) => (found.kind === "order" ? found.order.id : null));
    expect(ids).toEqual(["batch", "batch-2"]);
  });
});
