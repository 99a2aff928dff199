import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  it("does not undo what is accepted while it is judged", async () => {
    const actor = { kind: "human", name: "me" } as const;
    const window = world.windows.begin({ kind: "maintenance", forMs: 60_000, reason: "taken by force", actor });
    world.meanwhile(async () => {
      await world.accept("tools");
      world.windows.end(window.id, actor, "accepted");
    });
    world.remove("tools/data.txt");
    world.write("tools/run.sh", "");
    await world.settle();
    await world.judge.tick();
    await world.judge.idle();
    expect([world.read("tools/data.txt"), world.read("tools/run.sh"), world.cases()]).toEqual([null, "", []]);
  });

  it("puts back what goes while something else is accepted", async () => {
    world.meanwhile(() => world.accept("tools/run.sh"));
    world.write("tools/run.sh", "");
    world.remove("tools/data.txt");
    await world.settle();
    await world.judge.tick();
    await world.judge.idle();
    expect([world.read("tools/data.txt"), world.read("tools/run.sh")]).toEqual(["one\n", ""]);
  });

  async function acceptAsGoneOnOther(): Promise<void> {
    world.git("switch", "-qc", "other");
    await world.settle();
    world.remove("tools/data.txt");
    await world.accept("tools/data.txt");
    await world.settle({ by: "sweep" });
    expect(world.read("tools/data.txt")).toBeNull();
  }

  it("lets go, on every branch, of what git does not track and a person accepted as gone", async () => {
    world.write(".gitignore", "tools/data.txt\n");
    commit("1");
    await acceptAsGoneOnOther();
    world.git("switch", "-q", "main");
    await world.judge.gitMoved();
    await world.settle({ by: "sweep" });
    expect([world.read("tools/data.txt"), world.cases()]).toEqual([null, []]);
  });

  it("lets go, on one branch, of what was accepted as gone there before it is committed", async () => {
    commit("1");
    await acceptAsGoneOnOther();
    commit("2");
    world.git("switch", "-q", "main");
    await world.settle();
    await world.judge.gitMoved();
    world.remove("tools/data.txt");
    await world.settle();
    expect(world.read("tools/data.txt")).toBe("one\n");
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
