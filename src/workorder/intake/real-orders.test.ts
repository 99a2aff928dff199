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
