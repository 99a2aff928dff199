import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HoldfastError, LIMITS, type WorkOrderId } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { defaultConfig } from "../tree/index.ts";
import { check, opened, submission, write } from "./engine-fixture.ts";
import type { TestWorld } from "./order-world-fixture.ts";

const events = (world: TestWorld) => [...world.ledger.read()].map(({ event, wo }) => `${wo} ${event.slice(3)}`);

/** How often the store was committed to, from now on. */
function commitsOf(world: TestWorld): () => number {
  const transaction = world.store.transaction.bind(world.store);
  let commits = 0;
  world.store.transaction = (work) => {
    if (!world.store.inTransaction) commits += 1;
    return transaction(work);
  };
  return () => commits;
}

describe("orders that come together", () => {
  it("are taken in and planned in one commit, and accepted in one", async () => {
    const { world, engine } = opened();
    const commits = commitsOf(world);
    const ids = Array.from({ length: 20 }, (_, index) => `WO-${index}`);
    await Promise.all(
      ids.map((id) => engine.submit([submission(id, { operations: [write(`files/${id}`, `${id}\n`)] })])),
    );
    const rows = await Promise.all(ids.map((id) => engine.finished(id)));
    expect(rows.map(({ stage }) => stage)).toEqual(ids.map(() => "accepted"));
    expect(commits()).toBe(2);
  });

  it("are more than one group when they are many", async () => {
    const { world, engine } = opened();
    const many = Array.from({ length: LIMITS.orderGroupMax + 10 }, (_, index) =>
      submission(`WO-${index}`, { operations: [write(`file-${index}`, "x")] }),
    );
    await engine.submit(many);
    await engine.drained();
    expect(world.book.counts()).toMatchObject({ done: many.length, pending: 0 });
  });

  it("run in turn where they overlap, and the same one twice runs once", async () => {
    const { world, engine } = opened();
    const first = submission("WO-1", { operations: [write("a", "one\n")] });
    const second = submission("WO-2", { operations: [write("a", "two\n")] });
    const [one, again, two] = await engine.submit([first, first, second]);
    expect([one, again, two]).toEqual([
      { taken: true, id: "WO-1" },
      { taken: false, id: "WO-1" },
      { taken: true, id: "WO-2" },
    ]);
    await engine.drained();
    expect(readFileSync(join(world.root, "a"), "utf8")).toBe("two\n");
    expect(events(world).filter((event) => event.endsWith("accepted"))).toEqual(["WO-1 accepted", "WO-2 accepted"]);
  });

  it("wait for what they depend on, in whatever order they came", async () => {
    const { world, engine } = opened();
    await engine.submit([
      submission("WO-2", { dependsOn: ["WO-1" as WorkOrderId], operations: [write("b", "b")] }),
      submission("WO-1", { operations: [write("a", "a")] }),
    ]);
    await engine.drained();
    expect(events(world).filter((event) => event.endsWith("started"))).toEqual(["WO-1 started", "WO-2 started"]);
  });

  it("each go their own way: one is held, one is routed, one is refused, one runs", async () => {
    const { world, engine } = opened({
      config: { ...defaultConfig(), agents: { Mary: { run: "manual" } } as never },
    });
    const held = {
      ...submission("WO-HELD", { checks: [check("true")], operations: [write("h", "h")] }),
      via: "inbox" as const,
    };
    const routed = { ...submission("WO-ROUTED", { operations: [write("r", "r")] }), agent: "Mary" };
    const refused = submission("WO-REFUSED", { operations: [write("../out", "x")] });
    const runs = submission("WO-RUNS", { operations: [write("w", "w")] });
    await engine.submit([held, routed, refused, runs]);
    await engine.drained();
    const stages = ["WO-HELD", "WO-ROUTED", "WO-REFUSED", "WO-RUNS"].map((id) => world.book.mustRow(id).stage);
    expect(stages).toEqual(["held", "routed", "refused", "accepted"]);
    expect(["h", "r", "w"].filter((name) => existsSync(join(world.root, name)))).toEqual(["w"]);
  });
});

describe("an order of a group", () => {
  it("that is cancelled before it is planned does not run", async () => {
    const { world, engine } = opened();
    world.vault.begin = between(world, () => {
      if (world.book.row("WO-2")?.stage === "received") engine.cancel("WO-2", { kind: "human", name: "ann" }, "no");
    });
    await engine.submit([
      submission("WO-1", { operations: [write("a", "one")] }),
      submission("WO-2", { operations: [write("a", "two")] }),
    ]);
    await engine.drained();
    expect(world.book.mustRow("WO-2").stage).toBe("cancelled");
    expect(readFileSync(join(world.root, "a"), "utf8")).toBe("one");
  });

  it("that is being applied can no longer be cancelled, and says so", async () => {
    const told: unknown[] = [];
    const real = realPorts();
    const ports = { ...real, disk: { ...real.disk } };
    const { engine } = opened({ ports });
    ports.disk.syncAll = async (paths) => {
      if (paths.files.length > 0) {
        try {
          engine.cancel("WO-1", { kind: "human", name: "ann" }, "no");
        } catch (error) {
          told.push(error);
        }
      }
      await real.disk.syncAll(paths);
    };
    await engine.submit([submission("WO-1", { operations: [write("a", "one")] })]);
    expect(await engine.finished("WO-1")).toMatchObject({ stage: "accepted" });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ code: "WO_STATE" });
    expect(told[0]).toBeInstanceOf(HoldfastError);
  });
});

/** `work` runs whenever a batch was begun, while its owner still gathers. */
function between(world: TestWorld, work: () => void): TestWorld["vault"]["begin"] {
  const begin = world.vault.begin.bind(world.vault);
  return () => {
    work();
    return begin();
  };
}
