import { describe, expect, test } from "vitest";
import { hasBody } from "../order.ts";
import { classify } from "./classify.ts";
import { parseDocuments } from "./parse.ts";

function kindsOf(text: string | Buffer, filename: string): string[] {
  return parseDocuments(Buffer.from(text), filename).map((document) => {
    const classified = classify(document);
    if (classified.kind === "not-an-order") return classified.what;
    return hasBody(classified.order) ? "body" : "routed";
  });
}

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
