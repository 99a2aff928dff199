import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { digestOf, isoTime, LIMITS, type TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { Engine } from "./engine.ts";
import { drop, letPass } from "./inbox-fixture.ts";
import { openInbox } from "./inbox.ts";
import { orderFromOperations } from "./order-from-operations.ts";
import type { Operation } from "./order.ts";
import type { OrderRow } from "./order-row.ts";
import { openProjector, type Projector } from "./projector.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";
import type { OrderWorld } from "./world.ts";

let tree: TestTree;
let world: OrderWorld;
let engine: Engine;
let projector: Projector;
let clock: FakeClock;

beforeEach(() => {
  tree = makeTestTree();
  start();
});
afterEach(() => tree.end());

function start(nowMs = Date.now()): void {
  clock = new FakeClock(nowMs);
  world = tree.open({ clock });
  projector = openProjector(world);
  engine = new Engine(world, (ids) => projector.changed(ids));
}

async function submit(id: string, more: Partial<OrderRow> & { operations?: Operation[] } = {}): Promise<OrderRow> {
  const operations = more.operations ?? [write(`${id}.txt`, id)];
  const order = orderFromOperations({ id: id as OrderRow["id"], title: `title of ${id}`, tags: [], operations });
  const raw = Buffer.from(JSON.stringify(order));
  await engine.submit([{ order, raw, filename: null, agent: more.agent ?? "CLC", via: more.via ?? "cli", inboxPath: null, actor: { kind: "human", name: "ann" } }]);
  await letPass(engine.drained(), clock);
  return world.book.mustRow(id);
}

const write = (path: string, content: string): Operation => ({ op: "write", path, content: Buffer.from(content).toString("base64"), mode: null, sha256: null });
const json = (path: string) => JSON.parse(tree.text(path));
const stateOf = (id: string) => json(`g/followup/state/${id}.json`);
const followup = () => json("apps/dashboard/data/followup.json");

describe("an order's views", () => {
  it("are there when it ends: state, acknowledgement, followup, telemetry, the daily ledger", async () => {
    const row = await submit("WO-1");
    expect(stateOf("WO-1")).toMatchObject({ id: "WO-1", status: "done", progress: 100, updated_at: row.updatedAt, meta: { stage: "accepted", snapshot: `V${row.point}`, paths: ["WO-1.txt"] } });
    expect(json("bridge/outbox/CLC/WO-1.ack.json")).toEqual({
      wo_id: "WO-1", status: "success", stage: "accepted", error: null, summary: "1/1 operations succeeded", completed_at: row.acceptedAt,
      result: {
        wo_id: "WO-1", status: "success", message: "1/1 operations succeeded", files_touched: ["WO-1.txt"],
        ops_results: [{ op: "write", file: "WO-1.txt", status: "success" }], tests: [], duration_ms: expect.any(Number),
      },
    });
    await projector.flush();
    expect(followup()).toMatchObject({ updated_at: row.updatedAt, items: [{ id: "WO-1", status: "done" }] });
    const events = tree.text("g/telemetry/unified.jsonl").trim().split("\n").map((line) => JSON.parse(line).event);
    expect(events).toEqual(expect.arrayContaining(["wo_received", "wo_started", "wo_completed"]));
    expect(tree.names("mls/ledger")).toHaveLength(1);
    expect(projector.trouble).toEqual([]);
  });

  it("tell of a failure what failed", async () => {
    await submit("WO-1", { operations: [{ op: "delete", path: "missing.txt" }] });
    expect(stateOf("WO-1")).toMatchObject({ status: "failed", progress: 0, last_error: expect.stringMatching(/^WO_/) });
    expect(json("bridge/outbox/CLC/WO-1.ack.json")).toMatchObject({ status: "failed", result: null, error: stateOf("WO-1").last_error });
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
    const before = ["g/followup/state/WO-1.json", "g/followup/state/WO-2.json", "bridge/outbox/CLC/WO-1.ack.json", "apps/dashboard/data/followup.json", "g/telemetry/unified.jsonl"]
      .map((path) => [path, tree.text(path)] as const);
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

describe("what somebody else wrote where a view belongs", () => {
  it("is in the vault before it is replaced", async () => {
    await submit("WO-1", { agent: "Mary" });
    await projector.flush();
    writeFileSync(tree.place("g/followup/state/WO-1.json"), "theirs");
    writeFileSync(tree.place("apps/dashboard/data/followup.json"), "theirs too");
    engine.complete("WO-1", { kind: "human", name: "ann" }, { ok: true, summary: "done by hand" });
    await projector.flush();
    expect(stateOf("WO-1")).toMatchObject({ status: "done" });
    expect(followup().items).toMatchObject([{ status: "done" }]);
    for (const text of ["theirs", "theirs too"]) expect(world.vault.read(digestOf(text)).toString()).toBe(text);
    expect(world.vault.versions("g/followup/state/WO-1.json" as TreePath)).toHaveLength(1);
  });

  it("stays where it is an acknowledgement in an agent's own words", async () => {
    await submit("WO-1", { agent: "Mary" });
    const own = '{"wo_id":"WO-1","status":"success","stage":"mary","summary":"all good","completed_at":"2026-01-01T00:00:00Z"}';
    drop(tree, "bridge/outbox/Mary/WO-1.ack.json", own);
    engine.complete("WO-1", { kind: "agent", name: "Mary" }, { ok: true, summary: "all good" });
    await projector.flush();
    expect(tree.text("bridge/outbox/Mary/WO-1.ack.json")).toBe(own);
  });
});

describe("a view that cannot be written", () => {
  it("stops no order, is said, and is written when it can be", async () => {
    mkdirSync(tree.place("g"));
    writeFileSync(tree.place("g/followup"), "a file in the way");
    const row = await submit("WO-1");
    expect(row.stage).toBe("accepted");
    expect(projector.trouble).toMatchObject([{ code: "PATH_INVALID" }]);
    rmSync(tree.place("g/followup"));
    await projector.sweepStale();
    expect(projector.trouble).toEqual([]);
    expect(stateOf("WO-1")).toMatchObject({ status: "done" });
  });

  it("is not written through a symbolic link, on the way or at its end", async () => {
    mkdirSync(`${tree.base}/elsewhere`);
    mkdirSync(tree.place("g"));
    symlinkSync(`${tree.base}/elsewhere`, tree.place("g/followup"));
    writeFileSync(`${tree.base}/target`, "theirs");
    mkdirSync(tree.place("apps/dashboard/data"), { recursive: true });
    symlinkSync(`${tree.base}/target`, tree.place("apps/dashboard/data/followup.json"));
    await submit("WO-1");
    await projector.flush();
    expect(projector.trouble.map(({ code }) => code)).toEqual(["PATH_THROUGH_LINK", "PATH_THROUGH_LINK"]);
    expect(world.ports.disk.list(`${tree.base}/elsewhere`).names).toEqual([]);
    expect(readFileSync(`${tree.base}/target`, "utf8")).toBe("theirs");
  });

  it("leaves no half file behind on a full disk", async () => {
    const real = realPorts().disk;
    let isFull = true;
    world = tree.open({
      clock,
      disk: {
        ...real,
        write(fd, bytes, position) {
          if (isFull && Buffer.from(bytes).includes('"source": "work_order"')) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
          real.write(fd, bytes, position);
        },
      },
    });
    projector = openProjector(world);
    engine = new Engine(world, (ids) => projector.changed(ids));
    await submit("WO-1");
    await projector.flush();
    expect(tree.names("g/followup/state")).toEqual([]);
    expect(projector.trouble.map(({ code }) => code)).toEqual(["WO_IO", "WO_IO"]);
    isFull = false;
    await projector.flush();
    expect(projector.trouble).toEqual([]);
    expect(stateOf("WO-1")).toMatchObject({ status: "done" });
  });

  it("is not made in a tree that is gone", async () => {
    await submit("WO-1", { agent: "Mary" });
    world.ports.disk.rename(tree.root, `${tree.base}/moved`);
    engine.complete("WO-1", { kind: "human", name: "ann" }, { ok: true, summary: "x" });
    await projector.flush();
    expect(new Set(projector.trouble.map(({ code }) => code))).toEqual(new Set(["TREE_NOT_FOUND"]));
    expect(world.ports.disk.lstat(tree.root)).toBeNull();
    chmodSync(`${tree.base}/moved`, 0o755);
    world.ports.disk.rename(`${tree.base}/moved`, tree.root);
  });
});

describe("as time goes by", () => {
  it("an order that nobody touches is marked stale, in its state and in followup, and its updated_at stays", async () => {
    const row = await submit("WO-1", { agent: "Mary" });
    await clock.advance(LIMITS.staleAfterMs);
    await projector.sweepStale();
    expect(stateOf("WO-1")).toMatchObject({ tags: ["Stale"], updated_at: row.updatedAt, meta: { is_stale: true, age_hours: 6 } });
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

describe("a manual agent's acknowledgement", () => {
  const ack = (status: string) => JSON.stringify({ wo_id: "WO-1", status, stage: "mary", result: null, error: null, summary: `it is ${status}`, completed_at: isoTime(Date.now()) });
  const scanUntilSettled = async () => {
    const inbox = openInbox(world, engine);
    for (let waiting = 1; waiting > 0; await clock.advance(inbox.settleMs())) ({ waiting } = await inbox.scan());
  };

  it.each([["success", "done"], ["partial", "failed"]])("of %s ends the order", async (status, end) => {
    await submit("WO-1", { agent: "Mary" });
    clock.jump(-10_000);
    drop(tree, "bridge/outbox/Mary/WO-1.ack.json", ack(status));
    await scanUntilSettled();
    expect(world.book.mustRow("WO-1")).toMatchObject({ status: end });
  });

  it("counts only from the agent that the order was routed to", async () => {
    await submit("WO-1", { agent: "Mary" });
    drop(tree, "bridge/outbox/CLC/WO-1.ack.json", ack("success"));
    await scanUntilSettled();
    expect(world.book.mustRow("WO-1").stage).toBe("routed");
  });
});
