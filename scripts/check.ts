/**
 * `npm run check`: everything that must hold of the repository. Every step runs, even when an earlier one failed; each is shown with
 * its time. The last line is the test runner's own numbers, `N passed, N failed`; the exit code is 1 when any step failed.
 *
 * `npm run check -- types layers` runs only the steps named.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly timeLimitMs: number;
  /** Shows its output as it comes, not only when it failed. */
  readonly live?: boolean;
}

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly elapsedMs: number;
}

const ROOT = resolve(import.meta.dirname, "..");
const MINUTE = 60_000;
const scratch = mkdtempSync(join(tmpdir(), "holdfast-check-"));
const testReport = join(scratch, "tests.json");

/** Two lanes for two cores; a lane's steps run one after another. The tests start the built program, so the build comes before them. */
const LANES: readonly (readonly Step[])[] = [
  [
    { name: "build", command: ["node", "scripts/build.ts"], timeLimitMs: MINUTE },
    {
      name: "tests",
      command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${testReport}`],
      timeLimitMs: 15 * MINUTE,
      live: true,
    },
  ],
  [
    {
      name: "format, lint",
      command: ["biome", "check", "--error-on-warnings", "--max-diagnostics=50", "."],
      timeLimitMs: MINUTE,
    },
    { name: "types", command: ["tsc", "--noEmit"], timeLimitMs: 3 * MINUTE },
    { name: "types of the page", command: ["tsc", "--noEmit", "-p", "web"], timeLimitMs: 3 * MINUTE },
    { name: "layers", command: ["depcruise", "--config", ".dependency-cruiser.cjs", "src"], timeLimitMs: MINUTE },
    { name: "unused", command: ["knip"], timeLimitMs: MINUTE },
    { name: "docs", command: ["node", "scripts/generate-docs.ts", "--check"], timeLimitMs: MINUTE },
  ],
];

async function check(wanted: readonly string[]): Promise<boolean> {
  const startedMs = performance.now();
  const outcomes: Outcome[] = [];
  const isWanted = ({ name }: Step) => wanted.length === 0 || wanted.some((word) => name.includes(word));
  const runLane = async (lane: readonly Step[]) => {
    for (const step of lane.filter(isWanted)) outcomes.push(await run(step));
  };
  await Promise.all(LANES.map(runLane));
  if (outcomes.length === 0) throw new Error(`No step is called ${wanted.join(" or ")}`);

  console.log(`\n${"─".repeat(60)}`);
  for (const outcome of outcomes) console.log(line(outcome));
  const ok = outcomes.every((outcome) => outcome.ok);
  console.log(line({ name: ok ? "all good" : "NOT GOOD", ok, elapsedMs: performance.now() - startedMs }));
  const tests = outcomes.find(({ name }) => name === "tests");
  if (tests) console.log(testNumbers(tests.ok));
  return ok;
}

/** Runs a step in a process group of its own, which ends with the time limit. */
function run(step: Step): Promise<Outcome> {
  const startedMs = performance.now();
  const [program, ...args] = step.command;
  const child = spawn(program, args, {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", step.live ? "inherit" : "pipe", step.live ? "inherit" : "pipe"],
    env: { ...process.env, PATH: `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}` },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => output.push(piece));
  const timer = setTimeout(() => {
    output.push(Buffer.from(`\nended after its time limit of ${step.timeLimitMs / 1_000} s\n`));
    process.kill(-child.pid!, "SIGKILL");
  }, step.timeLimitMs);
  const endGroup = () => process.kill(-child.pid!, "SIGTERM");
  process.once("SIGINT", endGroup).once("SIGTERM", endGroup);
  return new Promise((done) => {
    const finish = (ok: boolean) => {
      clearTimeout(timer);
      process.off("SIGINT", endGroup).off("SIGTERM", endGroup);
      const outcome = { name: step.name, ok, elapsedMs: performance.now() - startedMs };
      console.log(line(outcome));
      if (!ok) process.stdout.write(Buffer.concat(output));
      done(outcome);
    };
    child.once("error", (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      finish(false);
    });
    child.once("close", (exitCode) => finish(exitCode === 0));
  });
}

function line({ name, ok, elapsedMs }: Outcome): string {
  return `${ok ? "✓" : "✗"} ${name.padEnd(14)} ${(elapsedMs / 1_000).toFixed(1).padStart(6)} s`;
}

/** `N passed, N failed`. A test file that could not be loaded, and a run that failed outside any test, count as one failed test each. */
function testNumbers(ok: boolean): string {
  let passed = 0;
  let failed = 0;
  try {
    const report = JSON.parse(readFileSync(testReport, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      testResults: { status: string; assertionResults: { status: string }[] }[];
    };
    const unloaded = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" && assertionResults.every((test) => test.status !== "failed"),
    );
    passed = report.numPassedTests;
    failed = report.numFailedTests + unloaded.length;
  } catch (error) {
    console.log(`The test runner left no report: ${(error as Error).message}`);
  }
  return `${passed} passed, ${ok ? failed : Math.max(failed, 1)} failed`;
}

try {
  process.exitCode = (await check(process.argv.slice(2))) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}
