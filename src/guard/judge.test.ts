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

describe("who did it decides", () => {
  const goBack = async () => {
    world.write("tools/data.txt", "two\n");
    await world.settle();
    await world.accept("tools");
    world.write("tools/data.txt", "one\n");
  };

  it("raises an editor's undo, and leaves it", async () => {
    await goBack();
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.cases()).toMatchObject([{ state: "open", response: "raise", kinds: ["reverted"] }]);
  });

  it("says nothing twice, and closes the case when the path is as it should be", async () => {
    await goBack();
    await world.settle();
    await world.settle({ by: "sweep" });
    await world.judge.judgeAll();
    expect(world.events("drift.detected")).toBe(1);
    world.write("tools/data.txt", "two\n");
    await world.settle();
    expect(world.cases()).toMatchObject([{ state: "resolved", resolvedBy: "itself" }]);
  });

  it("undoes an agent's reset --hard, and names it", async () => {
    await goBack();
    world.blame("agent", "git reset --hard");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("two\n");
    expect(world.cases()).toMatchObject([{ state: "resolved", cause: { what: "git reset --hard", actor: "agent" } }]);
  });

  it("raises a person's rm, and leaves it", async () => {
    world.blame("human", "rm tools/data.txt");
    world.remove("tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.cases()).toMatchObject([{ state: "open", response: "raise" }]);
  });

  it("accepts what a person recorded in git, losses too", async () => {
    world.git("add", ".");
    world.git("commit", "-qm", "1");
    world.git("rm", "-q", "tools/data.txt");
    world.git("commit", "-qm", "2");
    world.blame("human", "git commit -m 2");
    await world.settle();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.baselines.everywhere("tools/data.txt")).toEqual([]);
    expect(world.cases()).toEqual([]);
  });

  it("raises an agent's commit that takes something away, and repairs where the component is strict", async () => {
    world.git("add", ".");
    world.git("commit", "-qm", "1");
    const remove = async () => {
      world.git("rm", "-q", "tools/data.txt");
      world.git("commit", "-qm", "2");
      world.blame("agent", "git commit -m 2");
      await world.settle();
    };
    await remove();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.cases()).toMatchObject([{ state: "open", response: "raise", severity: "high" }]);
    world.git("reset", "-q", "--hard", "HEAD~1");
    await world.settle();
    expect(world.cases()).toMatchObject([{ state: "resolved" }]);
    world.configure("components: { tools: { paths: [tools], strict: true } }");
    await remove();
    expect(world.read("tools/data.txt")).toBe("one\n");
  });

  it("takes a script's copy of older content that was then committed for the commit that it is", async () => {
    await goBack();
    world.git("add", ".");
    world.git("commit", "-qm", "nightly");
    world.blame("automatic", "cp /backup/data.txt tools/data.txt", "git commit -m nightly");
    await world.settle();
    expect(world.cases()).toMatchObject([{ state: "open", response: "raise", severity: "high" }]);
  });

  it("knows what git had before, though it was never seen here: an agent's checkout is undone, and not accepted", async () => {
    world.configure("components: { tools: { paths: [tools] } }\naccept: { on: [commit@main] }");
    world.write("tools/data.txt", "older\n");
    world.git("add", ".");
    world.git("commit", "-qm", "1");
    world.write("tools/data.txt", "one\n");
    await world.settle();
    world.git("checkout", "-q", "--", "tools/data.txt");
    world.blame("agent", "git checkout -- tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.cases()).toMatchObject([{ state: "resolved", kinds: ["reverted"] }]);
  });

  it("judges without git, when `.git` is gone", async () => {
    world.git("add", ".");
    world.git("commit", "-qm", "1");
    world.remove(".git");
    world.remove("tools/data.txt");
    world.write("tools/run.sh", V1, 0o644);
    await world.settle();
    expect([world.read("tools/data.txt"), world.mode("tools/run.sh")]).toEqual(["one\n", 0o755]);
  });

  it("undoes new content that an agent copied from elsewhere", async () => {
    world.blame("agent", "rsync -a ../old/ ./");
    world.write("tools/data.txt", "something else\n");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
  });

  it("only raises in a component that is observed, and only remembers where nothing else is asked", async () => {
    world.configure("components: { tools: { paths: [tools], response: observe } }");
    world.remove("tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.cases()).toMatchObject([{ state: "open", response: "raise" }]);
    world.configure("components: { tools: { paths: [tools], response: remember } }");
    world.remove("tools/run.sh");
    await world.settle();
    expect(world.cases()).toHaveLength(1);
  });
});

describe("branches, stashes and what is announced", () => {
  const commit = (message: string) => {
    world.git("add", "-A");
    world.git("commit", "-qm", message);
  };

  it("finds nothing wrong in a switch to another branch and back", async () => {
    commit("1");
    await world.settle();
    world.git("switch", "-qc", "other");
    world.write("tools/data.txt", "other\n");
    world.git("rm", "-q", "tools/run.sh");
    commit("other");
    await world.settle();
    world.git("switch", "-q", "main");
    await world.settle();
    await world.judge.gitMoved();
    world.git("switch", "-q", "other");
    await world.settle();
    await world.judge.gitMoved();
    expect(world.read("tools/run.sh")).toBeNull();
    world.git("switch", "-q", "main");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    expect(world.cases()).toEqual([]);
  });

  it("puts back what must always hold, whatever is checked out, and says what git will refuse", async () => {
    world.configure("components: { tools: { paths: [tools], scope: always } }");
    commit("1");
    world.git("switch", "-qc", "other");
    world.git("rm", "-q", "tools/run.sh");
    commit("other");
    await world.settle();
    expect(world.read("tools/run.sh")).toBe(V1);
    expect(world.cases()).toMatchObject([{ state: "resolved", response: "repair" }]);
    const [noted] = [...world.ledger.read({ events: ["repair.noted"] })];
    expect(noted).toMatchObject({ incident: world.cases()[0]!.id, paths: ["tools/run.sh"] });
    expect(noted!.summary).toMatch(/git will refuse a switch.*tools\/run\.sh/);
  });

  it("guards what git does not track on every branch", async () => {
    world.write(".gitignore", "tools/data.txt\n");
    commit("1");
    world.git("switch", "-qc", "other");
    await world.settle();
    world.remove("tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
  });

  it("moves the baseline when new content is committed where that is accepted, and only there", async () => {
    world.configure("accept: { on: [commit@main] }\ncomponents: { tools: { paths: [tools] } }");
    world.write("tools/data.txt", "two\n");
    world.write("tools/new.txt", "new\n");
    await world.settle();
    expect(world.events("component.accepted")).toBe(1);
    commit("2");
    await world.judge.gitMoved();
    expect(world.baselines.at("tools/data.txt", "main")!.entry).toMatchObject({ sizeBytes: 4 });
    expect(world.baselines.at("tools/new.txt", "main")).not.toBeNull();
    world.git("rm", "-q", "tools/new.txt");
    world.blame("agent", "git commit -m 3");
    commit("3");
    await world.settle();
    await world.judge.gitMoved();
    expect(world.baselines.at("tools/new.txt", "main")).not.toBeNull();
    expect(world.cases()).toMatchObject([{ state: "open", kinds: ["deleted"] }]);
  });

  it("waits while a merge stands open, and judges when it has ended", async () => {
    commit("1");
    world.write("tools/data.txt", "mine\n");
    commit("mine");
    await world.settle();
    world.git("switch", "-qc", "other", "HEAD~1");
    world.write("tools/data.txt", "theirs\n");
    commit("theirs");
    world.git("switch", "-q", "main");
    await world.settle();
    expect(() => world.git("merge", "other")).toThrow();
    world.remove("tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBeNull();
    expect(world.cases()).toEqual([]);
    world.git("merge", "--quit");
    await world.judge.gitMoved();
    await world.judge.idle();
    expect(world.read("tools/data.txt")).not.toBeNull();
  });

  it("only notes what a stash holds, raises it after a while, and closes it when it is taken back", async () => {
    commit("1");
    world.write("tools/data.txt", "two\n");
    await world.settle();
    await world.accept("tools");
    world.blame("agent", "git stash");
    world.git("stash");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.cases()).toMatchObject([{ response: "note", severity: "low" }]);
    world.pass(11 * 60_000);
    await world.judge.tick();
    expect(world.cases()).toMatchObject([{ response: "raise", state: "open" }]);
    world.git("stash", "pop");
    await world.settle();
    expect(world.cases()).toMatchObject([{ state: "resolved", resolvedBy: "itself" }]);
  });

  it("defers in a maintenance window, and judges at its end", async () => {
    const actor = { kind: "human", name: "me" } as const;
    world.windows.begin({ kind: "maintenance", forMs: 60_000, reason: "moving things", actor });
    world.remove("tools/data.txt");
    await world.settle();
    await world.judge.tick();
    expect(world.read("tools/data.txt")).toBeNull();
    expect([world.cases().length, world.events("drift.deferred")]).toEqual([0, 1]);
    world.pass(61_000);
    await world.judge.tick();
    await world.judge.idle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.events("maintenance.ended")).toBe(1);
  });

  it("finds at a start what happened while nobody looked, window and all", async () => {
    world.windows.begin({ kind: "maintenance", forMs: 60_000, reason: "x", actor: { kind: "human", name: "me" } });
    world.remove("tools/data.txt");
    await world.vault.remember({});
    world = await world.restart();
    await world.settle({ by: "start", blind: { fromMs: 0, toMs: 1, why: "the daemon was not running" } });
    expect(world.read("tools/data.txt")).toBeNull();
    world.windows.end(null, { kind: "human", name: "me" }, "asked");
    await world.judge.tick();
    await world.judge.idle();
    expect(world.read("tools/data.txt")).toBe("one\n");
    expect(world.events("guard.blind")).toBe(1);
  });

  it("raises a changed configuration, and leaves it", async () => {
    world.write("holdfast.yaml", "v: 1\n");
    await world.accept("holdfast.yaml");
    world.write("holdfast.yaml", "v: 1\norders: { commands: allow }\n");
    world.blame("agent", "git pull");
    await world.settle();
    expect(world.read("holdfast.yaml")).toContain("allow");
    expect(world.cases()).toMatchObject([{ response: "raise", components: ["holdfast"] }]);
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

describe("one cause is one incident", () => {
  const lose = async (path: string, who: "agent" | "human" | null, command?: string) => {
    world.blame(who, command);
    world.remove(path);
    await world.settle();
  };
  const counts = () => world.cases().map(({ pathsTotal }) => pathsTotal);

  it("and two that follow one another are two", async () => {
    await lose("tools/run.sh", "agent", "rm tools/run.sh");
    await lose("tools/data.txt", "agent", "git clean -fd");
    expect(counts()).toEqual([1, 1]);
  });

  it("also when nobody was seen the second time: it began after the first was put back", async () => {
    await lose("tools/run.sh", "agent", "rm tools/run.sh");
    await lose("tools/data.txt", null);
    expect(counts()).toEqual([1, 1]);
  });

  it("comes again, seen or not, on the same path", async () => {
    await lose("tools/run.sh", "agent", "rm tools/run.sh");
    await lose("tools/run.sh", null);
    world.pass(50_000);
    await lose("tools/run.sh", "agent", "rm tools/run.sh");
    expect(counts()).toEqual([1]);
    world.pass(120_000);
    await lose("tools/run.sh", null);
    expect(counts()).toEqual([1, 1]);
  });

  it("ends when what stands at its paths is another's", async () => {
    await lose("tools/run.sh", "human", "rm tools/run.sh");
    world.write("tools/run.sh", "");
    world.blame("agent", "truncate -s0 tools/run.sh");
    await world.settle();
    expect(world.cases().map(({ state, resolvedBy }) => [state, resolvedBy])).toEqual([
      ["resolved", "repair"],
      ["resolved", "another"],
    ]);
  });
});
