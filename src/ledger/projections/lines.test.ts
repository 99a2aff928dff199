import { expect, test } from "vitest";
import type { Digest, WorkOrderId } from "../../base/index.ts";
import type { EventData, EventName, LedgerRecord } from "../events.ts";
import { mlsLine } from "./mls.ts";
import { telemetryLine } from "./telemetry.ts";

function record<E extends EventName>(event: E, data: EventData[E], more: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    v: 1,
    seq: 7,
    id: "0193a2f4-7c1e-7d3a-9f00-5b2c9d4e8a71",
    ts: "2026-11-22T10:28:19.042Z",
    tree: "T1",
    actor: { kind: "agent", name: "codex" },
    event,
    ok: true,
    wo: "WO-1" as WorkOrderId,
    summary: "s",
    data,
    prev: "",
    hash: "",
    ...more,
  };
}
const digest = `sha256:${"a".repeat(64)}` as Digest;
const received = (rawFilename: string | null) =>
  record("wo.received", {
    agent: null,
    via: "inbox",
    raw: digest,
    order: digest,
    rawFilename,
    inboxPath: null,
    attempt: 1,
    warnings: ["w", "x"],
    executor: "builtin",
  });
const undone = (retryAtMs: number | null) =>
  record("wo.undone", { code: "WO_VERIFY_FAILED", message: "m", hint: "h", tests: [], retryAtMs }, { ok: false });
const accepted = record("wo.accepted", { changes: 1, changeSet: digest, branch: "main" }, { paths: ["a", "b"] });

test.each([
  [received("order.json"), "wo_received", "json_wo_processor"],
  [received("order.yaml"), "wo_received", "apply_patch_processor"],
  [received(null), "wo_received", "apply_patch_processor"],
  [record("wo.started", {}), "wo_started", "wo_executor"],
  [accepted, "wo_completed", "wo_executor"],
  [record("wo.completed", { summary: "s" }), "wo_completed", "followup_tracker"],
  [undone(null), "wo_failed", "wo_executor"],
  [record("wo.failed", { message: "m" }), "wo_failed", "wo_executor"],
  [record("wo.refused", { code: "WO_INVALID", message: "m", hint: "h" }), "wo_failed", "wo_executor"],
  [record("wo.set-aside", { file: "f", to: "t", code: "c", message: "m", raw: null }), "wo_set_aside", "wo_executor"],
  [record("canary.ok", { ms: 12 }), "canary_ok", "guardrail"],
  [record("canary.failed", { step: "s", message: "m" }), "canary_failed", "guardrail"],
])("telemetry calls %o %s and lets %s speak", (given, event, agent) => {
  expect(telemetryLine(given)).toMatchObject({ event, agent, ts: given.ts, seq: 7, wo: "WO-1" });
});

test("a telemetry line carries what is short, and stays short", () => {
  expect(telemetryLine(received("x".repeat(5_000)))).toMatchObject({
    detail: { summary: "s", via: "inbox", attempt: 1, warnings: 2, agent: null, rawFilename: `${"x".repeat(511)}…` },
  });
});

test("a line in the daily ledger has the shape that other agents write", () => {
  expect(mlsLine(accepted)).toEqual({
    ts: "2026-11-22T10:28:19.042Z",
    type: "improvement",
    title: "WO-1 accepted",
    summary: "s",
    memo: "a, b",
    source: {
      producer: "holdfast",
      context: "local",
      repo: "",
      run_id: "0193a2f4-7c1e-7d3a-9f00-5b2c9d4e8a71",
      workflow: "wo.accepted",
      sha: "",
      artifact: "",
      artifact_path: "a",
    },
    links: { followup_id: "WO-1", wo_id: "WO-1" },
    tags: ["holdfast", "wo", "accepted"],
    author: "codex",
    confidence: 1,
    seq: 7,
  });
});

test("a failed order is told once it will not be tried again, with its code", () => {
  expect(mlsLine(undone(Date.UTC(2026, 0, 1)))).toBeNull();
  expect(mlsLine(undone(null))).toMatchObject({
    type: "failure",
    memo: "m – h",
    tags: ["holdfast", "wo", "undone", "WO_VERIFY_FAILED"],
  });
});

test("canaries and steps on the way are not told to other agents", () => {
  expect(mlsLine({ ...accepted, wo: "WO-CANARY-20261122" })).toBeNull();
  expect(mlsLine(record("wo.started", {}))).toBeNull();
});
