import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isoTime } from "../base/index.ts";
import { openInbox } from "./inbox.ts";
import { drop } from "./inbox-fixture.ts";
import { openShown, type ShownOrders } from "./projector-fixture.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";

let tree: TestTree;
let { world, engine, clock, submit } = {} as ShownOrders;

beforeEach(() => {
  tree = makeTestTree();
  start();
});
afterEach(() => tree.end());

function start(nowMs = Date.now()): void {
  ({ world, engine, clock, submit } = openShown(tree, { nowMs }));
}

describe("a manual agent's acknowledgement", () => {
  const ack = (status: string) =>
    JSON.stringify({
      wo_id: "WO-1",
      status,
      stage: "mary",
      result: null,
      error: null,
      summary: `it is ${status}`,
      completed_at: isoTime(Date.now()),
    });
  const scanUntilSettled = async () => {
    const inbox = openInbox(world, engine);
    for (let waiting = 1; waiting > 0; await clock.advance(inbox.settleMs())) ({ waiting } = await inbox.scan());
    return inbox;
  };

  it.each([
    ["success", "done"],
    ["partial", "failed"],
  ])("of %s ends the order", async (status, end) => {
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

  it("of an earlier attempt does not count for the next, until it is rewritten, in place too", async () => {
    await submit("WO-1", { agent: "Mary" });
    clock.jump(-10_000);
    const place = drop(tree, "bridge/outbox/Mary/WO-1.ack.json", ack("failed"));
    await scanUntilSettled();
    expect(world.book.mustRow("WO-1").status).toBe("failed");
    clock.jump(20_000);
    await submit("WO-1", { agent: "Mary" });
    await scanUntilSettled();
    expect(world.book.mustRow("WO-1")).toMatchObject({ stage: "routed", attempt: 2 });
    // As if twenty seconds had passed on the disk's clock too.
    world.store.exec(
      "UPDATE work_order SET row = json_set(row, '$.updatedAt', '2020-01-01T00:00:00.000Z'), ledger_seq = ledger_seq + 1",
    );
    writeFileSync(place, ack("success"));
    await scanUntilSettled();
    expect(world.book.mustRow("WO-1").status).toBe("done");
  });

  it("that is not understood is said, after time for its rest, and the order stays open", async () => {
    await submit("WO-1", { agent: "Mary" });
    clock.jump(-10_000);
    drop(tree, "bridge/outbox/Mary/WO-1.ack.json", '{"wo_id": "WO-1", "sta');
    const inbox = await scanUntilSettled();
    expect(inbox.trouble).toMatchObject([
      { code: "WO_UNREADABLE", hint: expect.stringContaining("holdfast wo complete WO-1") },
    ]);
    expect(world.book.mustRow("WO-1").stage).toBe("routed");
  });
});
