import { describe, expect, it } from "vitest";
import { opened, run, step, submission } from "./engine-fixture.ts";

describe("trying again", () => {
  it("routes an order without a body once more: it is never done by itself", async () => {
    const { engine } = opened();
    await run(engine, "WO-M", { routes: ["mary"] });
    engine.complete("WO-M", { kind: "agent", name: "mary" }, { ok: false, summary: "could not" });
    engine.retry("WO-M", { kind: "human", name: "me" });
    await engine.drained();
    expect(await engine.finished("WO-M")).toMatchObject({ status: "pending", stage: "routed", attempt: 2 });
  });

  it("does not let an agent past a person's word", async () => {
    const { engine } = opened();
    const dropped = { ...submission("WO-H", { steps: [step("true")] }), via: "inbox" as const };
    await engine.submit([dropped]);
    engine.cancel("WO-H", { kind: "agent", name: "codex" }, "changed my mind");
    engine.retry("WO-H", { kind: "agent", name: "codex" });
    expect(await engine.finished("WO-H")).toMatchObject({ stage: "held" });
    engine.cancel("WO-H", { kind: "human", name: "me" }, "again");
    engine.retry("WO-H", { kind: "human", name: "me" });
    expect(await engine.finished("WO-H")).toMatchObject({ stage: "accepted" });
  });
});
