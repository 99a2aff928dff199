import { readFileSync, rmSync, utimesSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../base/index.ts";
import { openShown, type ShownOrders } from "./projector-fixture.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";

let tree: TestTree;
let { world, projector, clock, submit } = {} as ShownOrders;

beforeEach(() => {
  tree = makeTestTree();
  start();
});
afterEach(() => tree.end());

function start(nowMs = Date.now()): void {
  ({ world, projector, clock, submit } = openShown(tree, { nowMs }));
}

const json = (path: string) => JSON.parse(tree.text(path));
const stateOf = (id: string) => json(`g/followup/state/${id}.json`);
const followup = () => json("apps/dashboard/data/followup.json");

describe("an order's views", () => {
  it("are there when it ends: state, acknowledgement, followup, telemetry, the daily ledger", async () => {
    const row = await submit("WO-1");
    expect(stateOf("WO-1")).toMatchObject({
      id: "WO-1",
      status: "done",
      progress: 100,
      updated_at: row.updatedAt,
      meta: { stage: "accepted", snapshot: `V${row.point}`, paths: ["WO-1.txt"] },
    });
    expect(json("bridge/outbox/CLC/WO-1.ack.json")).toEqual({
      wo_id: "WO-1",
      status: "success",
      stage: "accepted",
      error: null,
      summary: "1/1 operations succeeded",
      completed_at: row.acceptedAt,
      result: {
        wo_id: "WO-1",
        status: "success",
        message: "1/1 operations succeeded",
        files_touched: ["WO-1.txt"],
        ops_results: [{ op: "write", file: "WO-1.txt", status: "success" }],
        tests: [],
        duration_ms: expect.any(Number),
      },
    });
    await projector.flush();
    expect(followup()).toMatchObject({ updated_at: row.updatedAt, items: [{ id: "WO-1", status: "done" }] });
    const events = tree
      .text("g/telemetry/unified.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).event);
    expect(events).toEqual(expect.arrayContaining(["wo_received", "wo_started", "wo_completed"]));
    expect(tree.names("mls/ledger")).toHaveLength(1);
    expect(projector.trouble).toEqual([]);
  });

  it("tell of a failure what failed", async () => {
    await submit("WO-1", { operations: [{ op: "delete", path: "missing.txt" }] });
    expect(stateOf("WO-1")).toMatchObject({ status: "failed", progress: 0, last_error: expect.stringMatching(/^WO_/) });
    expect(json("bridge/outbox/CLC/WO-1.ack.json")).toMatchObject({
      status: "failed",
      result: null,
      error: stateOf("WO-1").last_error,
    });
  });

  it("hold no acknowledgement while the order is with its agent", async () => {
    await submit("WO-1", { agent: "Mary" });
    expect(stateOf("WO-1")).toMatchObject({ status: "pending", meta: { stage: "routed" } });
    expect(tree.names("bridge/outbox/Mary")).toEqual([]);
  });

  it("stay below their folders, whatever an agent is called", async () => {
    await submit("WO-1", { agent: "../../../escape" });
    expect(tree.names("bridge/outbox")).toEqual(["escape"]);
  });

  it("lie in the state folder when the tree has no layout", async () => {
    tree.config = { ...tree.config, layout: null, agents: {} };
    await submit("WO-1");
    await projector.flush();
    const { projections } = world.tree.state;
    expect(JSON.parse(readFileSync(`${projections}/state/WO-1.json`, "utf8"))).toMatchObject({ status: "done" });
    expect(JSON.parse(readFileSync(`${projections}/followup.json`, "utf8")).items).toHaveLength(1);
    expect(readFileSync(`${projections}/outbox/CLC/WO-1.ack.json`, "utf8")).toContain("success");
    expect(readFileSync(`${projections}/unified.jsonl`, "utf8")).toContain("wo_completed");
    expect(tree.names("bridge")).toEqual([]);
  });
});

describe("rebuild", () => {
  it("brings back everything that was deleted, folders for orders too", async () => {
    await submit("WO-1");
    await submit("WO-2", { agent: "Mary" });
    await projector.flush();
    const before = [
      "g/followup/state/WO-1.json",
      "g/followup/state/WO-2.json",
      "bridge/outbox/CLC/WO-1.ack.json",
      "apps/dashboard/data/followup.json",
      "g/telemetry/unified.jsonl",
    ].map((path) => [path, tree.text(path)] as const);
    for (const folder of ["g", "bridge", "apps", "mls"]) rmSync(tree.place(folder), { recursive: true, force: true });
    start(clock.now());
    await projector.rebuild();
    for (const [path, text] of before) expect([path, tree.text(path)]).toEqual([path, text]);
    expect(tree.names("bridge/inbox")).toEqual(["CLC", "Mary"]);
    expect(tree.names("bridge")).toEqual(["archive", "failed", "inbox", "outbox"]);
    expect(tree.names("mls/ledger")).toHaveLength(1);
  });

  it("leaves files that say the same untouched, although the orders grew older", async () => {
    await submit("WO-1");
    await projector.flush();
    const place = tree.place("g/followup/state/WO-1.json");
    utimesSync(place, 1_000, 1_000);
    start(clock.now());
    clock.jump(3 * 3_600_000);
    await projector.rebuild();
    expect(world.ports.disk.lstat(place)?.mtimeMs).toBe(1_000_000);
  });
});

describe("as time goes by", () => {
  it("an order that nobody touches is marked stale, in its state and in followup, and its updated_at stays", async () => {
    const row = await submit("WO-1", { agent: "Mary" });
    await clock.advance(LIMITS.staleAfterMs);
    await projector.sweepStale();
    expect(stateOf("WO-1")).toMatchObject({
      tags: ["Stale"],
      updated_at: row.updatedAt,
      meta: { is_stale: true, age_hours: 6 },
    });
    expect(followup()).toMatchObject({ updated_at: row.updatedAt, items: [{ tags: ["Stale"] }] });
  });

  it("a canary's files go when its time is over, and followup never shows one", async () => {
    await submit("WO-CANARY-20260101-000000-abcdef", { via: "canary" });
    await submit("WO-2");
    await projector.flush();
    expect(followup().items.map(({ id }: { id: string }) => id)).toEqual(["WO-2"]);
    clock.jump(tree.config.canary.keepMs - 600_000);
    await projector.sweepStale();
    expect(tree.names("g/followup/state")).toEqual(["WO-2.json", "WO-CANARY-20260101-000000-abcdef.json"]);
    clock.jump(1_200_000);
    await projector.sweepStale();
    expect(tree.names("g/followup/state")).toEqual(["WO-2.json"]);
    expect(tree.names("bridge/outbox/CLC")).toEqual(["WO-2.ack.json"]);
  });
});
