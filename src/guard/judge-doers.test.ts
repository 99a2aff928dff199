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
