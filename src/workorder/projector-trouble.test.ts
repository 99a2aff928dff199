import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Disk, digestOf, type TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { drop } from "./inbox-fixture.ts";
import { openShown, type ShownOrders } from "./projector-fixture.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";

let tree: TestTree;
let { world, engine, projector, submit } = {} as ShownOrders;

beforeEach(() => {
  tree = makeTestTree();
  start();
});
afterEach(() => tree.end());

function start(nowMs = Date.now()): void {
  ({ world, engine, projector, submit } = openShown(tree, { nowMs }));
}

const json = (path: string) => JSON.parse(tree.text(path));
const stateOf = (id: string) => json(`g/followup/state/${id}.json`);
const followup = () => json("apps/dashboard/data/followup.json");

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
    const own =
      '{"wo_id":"WO-1","status":"success","stage":"mary","summary":"all good","completed_at":"2026-01-01T00:00:00Z"}';
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
    const disk: Disk = {
      ...real,
      write(fd, bytes, position) {
        if (isFull && Buffer.from(bytes).includes('"source": "work_order"')) {
          throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        }
        real.write(fd, bytes, position);
      },
    };
    ({ projector, submit } = openShown(tree, { ports: { disk } }));
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
