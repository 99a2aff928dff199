import { describe, expect, it } from "vitest";
import { isoTime, LIMITS } from "../base/index.ts";
import { orderFromOperations } from "./order-from-operations.ts";
import type { OrderRow } from "./order-row.ts";
import { saysTheSame, stateFileOf, stateText } from "./state-file.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const order = {
  ...orderFromOperations({ id: "WO-1" as OrderRow["id"], title: "T", tags: ["a"], operations: [] }),
  progress: 40,
};

function row(more: Partial<OrderRow> = {}): OrderRow {
  return {
    id: order.id,
    attempt: 1,
    status: "pending",
    stage: "received",
    title: "T",
    priority: "Medium",
    agent: "CLC",
    executor: "CLC",
    via: "inbox",
    raw: "sha256:0" as OrderRow["raw"],
    order: "sha256:0" as OrderRow["order"],
    rawFilename: "x.yaml",
    inboxPath: "bridge/inbox/CLC/x.yaml",
    dryRun: false,
    dependsOn: [],
    notBeforeMs: null,
    retryAtMs: null,
    retriesLeft: null,
    paths: [],
    changeSet: null,
    point: null,
    stepsPoint: null,
    tests: [],
    warnings: [],
    error: null,
    heldBecause: null,
    summary: null,
    createdAt: isoTime(START),
    updatedAt: isoTime(START),
    acceptedAt: null,
    ledgerSeq: 7,
    ...more,
  };
}

describe("a state file", () => {
  it("has the keys of the contract, in its order", () => {
    const state = stateFileOf(row(), order, START);
    expect(Object.keys(state).join(" ")).toBe(
      "id title summary description owner category priority status created_at updated_at due_date goal progress tags notes last_error source meta",
    );
    expect(Object.keys(state.meta)).toEqual(
      expect.arrayContaining(
        "state_schema_version stage inbox_path raw_filename executor age_hours age_days is_stale attempts snapshot ledger_seq paths extra".split(
          " ",
        ),
      ),
    );
  });

  it.each([
    [row(), 0],
    [row({ stage: "routed" }), 40],
    [row({ status: "running", stage: "planned" }), 25],
    [row({ status: "running", stage: "applied" }), 50],
    [row({ status: "running", stage: "verified" }), 75],
    [row({ status: "done", stage: "accepted" }), 100],
    [row({ status: "done", stage: "planned", dryRun: true }), 100],
    [row({ status: "failed", stage: "undone" }), 0],
  ])("tells how far the way is ($stage)", (at, progress) => {
    expect(stateFileOf(at, order, START).progress).toBe(progress);
  });

  it("calls an order stale after six hours in which nothing happened, and not before; updated_at stays", () => {
    const almost = stateFileOf(row(), order, START + LIMITS.staleAfterMs - 1);
    const stale = stateFileOf(row(), order, START + LIMITS.staleAfterMs);
    expect([almost.tags, almost.meta.is_stale]).toEqual([["a"], false]);
    expect([stale.tags, stale.meta.is_stale, stale.meta.age_hours, stale.meta.age_days]).toEqual([
      ["a", "Stale"],
      true,
      6,
      0.3,
    ]);
    expect(stale.updated_at).toBe(isoTime(START));
  });

  it("calls nothing stale that is over, or whose time has not come", () => {
    const later = START + 10 * LIMITS.staleAfterMs;
    expect(stateFileOf(row({ status: "done", stage: "accepted" }), order, later).meta.is_stale).toBe(false);
    expect(stateFileOf(row({ notBeforeMs: later - 1 }), order, later).meta.is_stale).toBe(false);
  });

  it("says the same when it only grew older, and something else after any change", () => {
    const written = stateText(stateFileOf(row(), order, START));
    expect(saysTheSame(written, stateFileOf(row(), order, START + 3_600_000))).toBe(true);
    expect(saysTheSame(written, stateFileOf(row({ ledgerSeq: 8 }), order, START))).toBe(false);
    expect(saysTheSame(written, stateFileOf(row(), order, START + LIMITS.staleAfterMs))).toBe(false);
    for (const foreign of ["", "null", "[]", '{"meta":null}', written.replace('"T"', '"U"'), `${written} `]) {
      expect(saysTheSame(foreign, stateFileOf(row(), order, START))).toBe(false);
    }
  });
});
