import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Contestant, runContest } from "./contest.ts";

const contest = (contestants: Contestant[]) => ({ contestants, bounds: [], missing: [], notes: [] });
const quiet = { signal: new AbortController().signal, say: () => undefined };

test("contestants take turns, and the first round is not counted", async () => {
  const turns: string[] = [];
  const contestant = (name: string): Contestant => ({
    name,
    role: "peer",
    before: (round) => void turns.push(`before ${name}${round}`),
    measure(round) {
      turns.push(`${name}${round}`);
      return round;
    },
  });
  const outcomes = await runContest(contest([contestant("A"), contestant("B")]), { rounds: 2, ...quiet });
  expect(turns).toEqual(
    [0, 1, 2].flatMap((round) => ["A", "B"].flatMap((name) => [`before ${name}${round}`, `${name}${round}`])),
  );
  expect(outcomes.map(({ samples }) => samples)).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a turn may bring many samples", async () => {
  const many: Contestant = { name: "many", role: "ours", measure: async (round) => [round, round * 10] };
  const [outcome] = await runContest(contest([many]), { rounds: 2, ...quiet });
  expect(outcome!.samples).toEqual([1, 10, 2, 20]);
});

test("whoever fails is named and takes no further part; the others go on", async () => {
  let turns = 0;
  const failing: Contestant = {
    name: "failing",
    role: "ours",
    measure(round) {
      turns += 1;
      if (round === 1) throw new Error("exit 70");
      return 1;
    },
  };
  const other: Contestant = { name: "other", role: "peer", measure: () => 2 };
  const [first, second] = await runContest(contest([failing, other]), { rounds: 3, ...quiet });
  expect(first).toMatchObject({ samples: [], failure: "exit 70" });
  expect(turns).toBe(2);
  expect(second!.samples).toEqual([2, 2, 2]);
});

test("an interruption ends the run before the next turn", async () => {
  const interrupted = new AbortController();
  const turns: string[] = [];
  const first: Contestant = {
    name: "first",
    role: "ours",
    measure() {
      turns.push("first");
      interrupted.abort(new Error("SIGINT"));
      return 1;
    },
  };
  const second: Contestant = { name: "second", role: "peer", measure: () => turns.push("second") };
  const run = runContest(contest([first, second]), { rounds: 1, ...quiet, signal: interrupted.signal });
  await expect(run).rejects.toThrow("SIGINT");
  expect(turns).toEqual(["first"]);
});

test("the processor time of child processes is counted apart, and the time that they only wait is not in it", async () => {
  const program = (text: string): Contestant => ({
    name: text,
    role: "peer",
    measure: () => spawnSync(process.execPath, ["-e", text]).status ?? 1,
  });
  const busy = program("const until = performance.now() + 300; while (performance.now() < until);");
  const idle = program("setTimeout(() => undefined, 300)");
  const [first, second] = await runContest(contest([busy, idle]), { rounds: 1, ...quiet });
  if (process.platform !== "linux") return;
  expect(first!.cpuMs[0]!).toBeGreaterThan(second!.cpuMs[0]!);
});
