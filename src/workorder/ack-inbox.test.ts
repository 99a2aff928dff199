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
});
