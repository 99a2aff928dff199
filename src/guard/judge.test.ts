import { closeSync, openSync, renameSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { driftsOf } from "./incidents.ts";
import { type JudgeWorld, judgeWorld } from "./judge-fixture.ts";

let world: JudgeWorld;

beforeEach(async () => {
  world = await judgeWorld();
  world.write("tools/run.sh", "#!/bin/sh\necho 1\n", 0o755);
  world.write("tools/data.txt", "one\n");
  await world.accept("tools");
});
afterEach(() => world.close());

const V1 = "#!/bin/sh\necho 1\n";

describe("going back is undone, going on is not", () => {
  it("puts back what was deleted, and says so in one incident", async () => {
    world.remove("tools/run.sh");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    expect(world.mode("tools/run.sh")).toBe(0o755);
    expect(world.cases()).toMatchObject([
      {
        state: "resolved",
        resolvedBy: "repair",
        kinds: ["deleted"],
        paths: ["tools/run.sh"],
        response: "repair",
        cause: null,
      },
    ]);
    expect(world.events("repair.completed")).toBe(1);
  });

  it("returns the newest edit, not the older baseline", async () => {
    world.write("tools/run.sh", "#!/bin/sh\necho 2\n");
    await world.settle();
    world.remove("tools/run.sh");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe("#!/bin/sh\necho 2\n");
    world.remove("tools/run.sh");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe("#!/bin/sh\necho 2\n");
  });

  it("leaves new content alone, and gives a lost exec bit back", async () => {
    world.write("tools/run.sh", "#!/bin/sh\necho 2\n", 0o644);
    await world.settle();
    expect(world.read("tools/run.sh")).toBe("#!/bin/sh\necho 2\n");
    expect(world.mode("tools/run.sh")).toBe(0o755);
    expect(world.cases()).toMatchObject([{ kinds: ["mode-changed"], state: "resolved" }]);
  });

  it.each([
    ["emptied", () => world.write("tools/run.sh", "")],
    ["mode-changed", () => world.write("tools/run.sh", V1, 0o644)],
  ])("repairs what was %s", async (kind, damage) => {
    damage();
    await world.settle();
    expect([world.read("tools/run.sh"), world.mode("tools/run.sh")]).toEqual([V1, 0o755]);
    expect(world.cases()).toMatchObject([{ kinds: [kind], state: "resolved" }]);
  });

  it("puts a file back where a link was put, and a folder back where a file was", async () => {
    world.remove("tools/run.sh");
    const { symlinkSync } = await import("node:fs");
    symlinkSync("/etc/hostname", `${world.root}/tools/run.sh`);
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    world.pass(60_000);
    world.remove("tools");
    world.write("tools", "a file\n");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    expect(world.read("tools/data.txt")).toBe("one\n");
  });

  it("says where a folder went, though nobody saw it go", async () => {
    renameSync(`${world.root}/tools`, `${world.root}/tools.bak`);
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    const drifts = driftsOf(world.cases()[0]!, world);
    expect(drifts.map(({ path, note }) => [path, note])).toEqual([
      ["tools", "moved to tools.bak"],
      ["tools/data.txt", "moved to tools.bak/data.txt"],
      ["tools/run.sh", "moved to tools.bak/run.sh"],
    ]);
  });

  it("waits while somebody who emptied a file still writes to it", async () => {
    const fd = openSync(`${world.root}/tools/data.txt`, "w");
    await world.settle();
    expect([world.read("tools/data.txt"), world.cases()]).toEqual(["", []]);
    closeSync(fd);
    world.pass(2_000);
    await world.judge.tick();
    await world.judge.idle();
    expect(world.read("tools/data.txt")).toBe("one\n");
  });

  it("puts a whole folder back as one incident and one order", async () => {
    for (let index = 0; index < 50; index += 1) world.write(`tools/deep/${index}.txt`, `${index}\n`);
    await world.accept("tools");
    world.remove("tools");
    await world.settle();
    expect(world.read("tools/deep/49.txt")).toBe("49\n");
    expect(world.cases()).toHaveLength(1);
    expect(world.cases()[0]).toMatchObject({ pathsTotal: 54, state: "resolved" });
    expect(world.cases()[0]!.orders).toHaveLength(1);
  });

  it("does not accept what it gives back", async () => {
    world.write("tools/data.txt", "two\n");
    await world.settle();
    world.remove("tools/data.txt");
    await world.settle();
    const [baseline] = world.baselines.everywhere("tools/data.txt");
    world.write("tools/data.txt", "one\n");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(baseline!.entry).toMatchObject({ sizeBytes: 4 });
    expect(world.cases()).toHaveLength(1);
  });
});

describe("what never happens", () => {
  it("says nothing of a formatter over 500 files", async () => {
    for (let index = 0; index < 500; index += 1) world.write(`tools/src/${index}.js`, `const a=${index}\n`);
    await world.accept("tools");
    for (let index = 0; index < 500; index += 1) world.write(`tools/src/${index}.js`, `const a = ${index};\n`);
    world.blame("agent", "npx prettier --write tools");
    await world.settle();
    expect([world.cases().length, world.events("repair.started")]).toEqual([0, 0]);
  });

  it("never fights: after so many repairs it stops and calls a person", async () => {
    for (let time = 0; time < 8; time += 1) {
      world.remove("tools/data.txt");
      await world.settle();
      world.pass(1_000);
    }
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.events("repair.started")).toBe(5);
    expect(world.cases()).toHaveLength(1);
    expect(world.cases()[0]).toMatchObject({ state: "open", escalated: expect.any(String), severity: "high" });
  });

  it("counts on after a restart", async () => {
    for (let time = 0; time < 7; time += 1) {
      world.remove("tools/data.txt");
      await world.settle();
      world = await world.restart();
    }
    expect(world.events("repair.started")).toBe(5);
  });

  it("never overwrites what somebody wrote since it was judged", async () => {
    world.remove("tools/data.txt");
    const { submit } = world.engine!;
    const engine = world.engine as { submit: typeof submit };
    engine.submit = async (submissions) => {
      world.write("tools/data.txt", "written meanwhile\n");
      return submit.call(world.engine, submissions);
    };
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("written meanwhile\n");
  });

  it("repairs nothing while the tree is not there", async () => {
    await world.judge.rootTrouble({ kind: "gone", why: "unmounted", sinceMs: 0 });
    world.remove("tools");
    await world.settle();
    expect(world.events("repair.started")).toBe(0);
    expect(world.cases()).toMatchObject([{ state: "open", response: "brake", severity: "high" }]);
    await world.judge.rootTrouble(null);
    await world.settle({ by: "sweep" });
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.cases().map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  it("takes its own orders for nobody's doing", async () => {
    const { orderFromOperations } = await import("../workorder/index.ts");
    const operations = [{ op: "delete" as const, path: "tools/data.txt" }];
    const order = orderFromOperations({ id: "WO-1" as never, title: "t", tags: [], operations });
    const raw = Buffer.from(JSON.stringify(order));
    const from = {
      filename: null,
      agent: null,
      via: "cli",
      inboxPath: null,
      actor: { kind: "human", name: "me" },
    } as const;
    await world.engine!.submit([{ order, raw, ...from }]);
    await world.engine!.finished("WO-1");
    await world.settle();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.cases()).toEqual([]);
  });
});

describe("what only grows", () => {
  beforeEach(async () => {
    world.configure("components: { ledger: { paths: [ledger], appendOnly: true } }");
    world.write("ledger/a.jsonl", "1\n2\n3\n");
    await world.accept("ledger");
  });

  it("takes growth for growth, and joins what was lost with what is new", async () => {
    world.write("ledger/a.jsonl", "1\n2\n3\n4\n");
    await world.settle();
    expect(world.cases()).toEqual([]);
    world.write("ledger/a.jsonl", "4\n5\n");
    await world.settle();
    expect(world.read("ledger/a.jsonl")).toBe("1\n2\n3\n4\n5\n");
    expect(world.cases()).toMatchObject([{ kinds: ["truncated"], state: "resolved" }]);
  });

  it("is not fooled by what was accepted once: it had grown since", async () => {
    world.write("ledger/a.jsonl", "1\n2\n3\n4\n");
    await world.settle();
    world.blame("agent", "git checkout -- ledger");
    world.write("ledger/a.jsonl", "1\n2\n3\n");
    await world.settle();
    expect(world.read("ledger/a.jsonl")).toBe("1\n2\n3\n4\n");
  });

  it("guards files that nobody accepted, too", async () => {
    world.write("ledger/b.jsonl", "1\n2\n");
    await world.settle();
    world.write("ledger/b.jsonl", "");
    await world.settle();
    expect(world.read("ledger/b.jsonl")).toBe("1\n2\n");
    world.remove("ledger/b.jsonl");
    await world.settle();
    expect(world.read("ledger/b.jsonl")).toBe("1\n2\n");
  });
});

it("leaves alone what a sweep met while it was changing: that comes when it has settled", async () => {
  world.remove("tools/data.txt");
  await world.settle({ by: "sweep", stillSettling: ["tools/data.txt"] });
  expect(world.cases()).toEqual([]);
  await world.settle({ by: "sweep" });
  expect(world.cases()).toMatchObject([{ kinds: ["deleted"], state: "resolved" }]);
});

it("raises an interpreter that is gone, and repairs nothing", async () => {
  world.write("tools/run.sh", "#!/no/such/interpreter\n", 0o755);
  await world.accept("tools");
  await world.settle({ by: "sweep" });
  await world.settle({ by: "sweep" });
  expect(world.cases()).toMatchObject([{ kinds: ["service-failed"], response: "raise", state: "open" }]);
  expect(world.events("drift.detected")).toBe(1);
  world.write("tools/run.sh", "#!/bin/sh\n");
  await world.accept("tools");
  await world.settle({ by: "sweep" });
  expect(world.cases()).toMatchObject([{ state: "resolved" }]);
});
