/**
 * `node bench/run.ts [names…] [--runs N] [--quick]`: measures, prints a table for people, writes `bench/results/<name>.json`.
 *
 * `--quick`: a small tree and few rounds, to see that everything runs; its figures are not for judging. Exit code 1 when a gate does
 * not hold or ours failed, 2 for a wrong argument, 130 after Ctrl-C, which leaves nothing mounted and no process behind.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { api } from "./api.ts";
import { atRest } from "./at-rest.ts";
import { busyTree } from "./busy-tree.ts";
import { check } from "./check.ts";
import { diagnose } from "./diagnose.ts";
import { exec } from "./exec.ts";
import { type Benchmark, runContest } from "./harness/contest.ts";
import { type Machine, machineOf, machineText } from "./harness/machine.ts";
import { reportText } from "./harness/report.ts";
import { openStage } from "./harness/stage.ts";
import { judge, rowsOf } from "./harness/verdict.ts";
import { hook } from "./hook.ts";
import { massLoss } from "./mass-loss.ts";
import { orderAlone } from "./order-alone.ts";
import { orderBulk } from "./order-bulk.ts";
import { page } from "./page.ts";
import { restoreFull } from "./restore-full.ts";
import { snapshotFirst } from "./snapshot-first.ts";
import { snapshotIncremental } from "./snapshot-incremental.ts";
import { snapshotWarm } from "./snapshot-warm.ts";
import { startUp } from "./start-up.ts";
import { tamper } from "./tamper.ts";

const BENCHMARKS: readonly Benchmark[] = [
  exec,
  startUp,
  snapshotFirst,
  snapshotIncremental,
  snapshotWarm,
  restoreFull,
  check,
  orderAlone,
  orderBulk,
  tamper,
  massLoss,
  atRest,
  busyTree,
  hook,
  diagnose,
  api,
  page,
];
const JUDGED_RUNS_MIN = 5;
const ROOT = resolve(import.meta.dirname, "..");

class Interrupted extends Error {}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: "string" }, quick: { type: "boolean", default: false } },
  });
  const chosen = positionals.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => positionals.includes(name));
  const unknown = positionals.filter((name) => !BENCHMARKS.some((one) => one.name === name));
  const runs = values.runs === undefined ? null : Number(values.runs);
  if (unknown.length > 0 || (runs !== null && !(Number.isInteger(runs) && runs > 0))) {
    console.error(`usage: bench/run.ts [${BENCHMARKS.map(({ name }) => name).join(" | ")}]… [--runs N] [--quick]`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort(new Interrupted()));
  let allHold = true;
  for (const benchmark of chosen) {
    const options = { runs: runs ?? benchmark.rounds[values.quick ? "quick" : "usual"], quick: values.quick };
    allHold = (await runOne(benchmark, options, interrupted.signal)) && allHold;
  }
  return allHold ? 0 : 1;
}

/** True when every gate holds. Each benchmark has a stage of its own. */
async function runOne(
  benchmark: Benchmark,
  { runs, quick }: { runs: number; quick: boolean },
  signal: AbortSignal,
): Promise<boolean> {
  const stage = openStage({ root: ROOT, quick });
  // Also when something throws where nobody awaits it.
  process.once("exit", stage.end);
  const say = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${benchmark.name}: ${text}`);
  try {
    const machine = machineOf(stage.tree.dir);
    say("preparing");
    const contest = await benchmark.prepare(stage);
    const outcomes = await runContest(contest, { rounds: runs, signal, say });
    const rows = rowsOf(outcomes);
    const judged = contest.bounds.map((bound) => judge(bound, outcomes, benchmark.unit));
    say("");
    const { files, folders, bytes } = stage.tree;
    const tree = { files, folders, bytes };
    console.log(`\n${reportText(benchmark, contest, { rows, judged })}`);
    console.log(`  · ${machineText(machine)}`);
    console.log(
      `  · tree: ${files.toLocaleString("en")} files, ${folders.toLocaleString("en")} folders, ${Math.round(bytes / 1e6)} MB${quick || runs < JUDGED_RUNS_MIN ? "; QUICK: not for judging" : ""}`,
    );
    write(benchmark, { machine, tree, quick, runs, outcomes, judged });
    const isFailed = outcomes.some(({ role, failure }) => role === "ours" && failure !== null);
    return !isFailed && judged.every(({ bound, holds }) => bound.kind === "goal" || holds !== false);
  } finally {
    process.removeListener("exit", stage.end);
    stage.end();
  }
}

function write({ name, measures, unit }: Benchmark, found: { machine: Machine } & Record<string, unknown>): void {
  const folder = join(ROOT, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const result = { v: 1, name, measures, unit, at: new Date().toISOString(), loadAfter: loadavg()[0], ...found };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error);
  process.exitCode = error instanceof Interrupted ? 130 : 70;
}
