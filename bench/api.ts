/** The web API of a busy daemon with a long past: what the page asks, while orders come in. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { fillLedger } from "./harness/fill-ledger.ts";
import { type Daemon, Holdfast } from "./harness/holdfast.ts";
import { LedgerEnd } from "./harness/ledger-end.ts";
import type { Stage } from "./harness/stage.ts";
import { type Web, webOf } from "./harness/web.ts";

const VOLUME_MIB = 4_096;
const ORDERS_PER_SECOND = 500;
const ASKED_PER_ROUND = 40;
const PAUSE_MS = 10;
const CATCH_UP_MS_MAX = 120_000;

/** What the page asks when somebody looks at it. */
const QUESTIONS = [
  "/api/status",
  "/api/incidents",
  "/api/components",
  "/api/wo/list?limit=100",
  "/api/slo",
  "/api/history?limit=50",
  "/api/history?limit=500&before=700001",
  "/api/history?subject=past/13/file-401.txt&limit=50",
  "/api/wo/show?id=WO-load-0&diff=true",
];

export const api: Benchmark = {
  name: "api",
  measures: `the web API with a long ledger, while ${ORDERS_PER_SECOND} orders a second are accepted`,
  unit: "ms",
  rounds: { usual: 5, quick: 2 },
  async prepare(stage) {
    const { dir } = stage.volume(VOLUME_MIB);
    const root = join(dir, "tree");
    mkdirSync(root);
    writeFileSync(join(root, "README.md"), "A tree for orders.\n");
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", root], root);
    holdfast.timed(["protect", "README.md", "--name", "readme"], root);
    const records = stage.quick ? 50_000 : 1_000_000;
    await fillLedger(holdfast, await holdfast.tree(root), records);
    const daemon = await holdfast.startDaemon(root, stage, { page: true });
    await hasCaughtUp(holdfast, root);
    const web = await webOf(holdfast, root);
    stage.atEnd(() => web.close());
    const rates: number[] = [];
    await load(daemon, stage, rates);
    return {
      contestants: [mixed(web), ...QUESTIONS.map((path) => question(web, path)), accepted(rates)],
      bounds: [{ kind: "gate", of: MIXED, statistic: "p99", against: null, limit: 20 }],
      missing: [],
      notes: [
        `${records.toLocaleString("en")} records in the ledger; ${MIXED} asks each of the others in turn, with ${PAUSE_MS} ms between two`,
        ...stage.notes,
      ],
    };
  },
};

const MIXED = "what the page asks";

function mixed(web: Web): Contestant {
  return { name: MIXED, role: "ours", measure: () => askAll(web, QUESTIONS, ASKED_PER_ROUND) };
}

function question(web: Web, path: string): Contestant {
  return { name: path.slice("/api/".length), role: "ours", measure: () => askAll(web, [path], ASKED_PER_ROUND) };
}

async function askAll(web: Web, paths: readonly string[], times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let time = 0; time < times; time += 1)
    for (const path of paths) {
      samples.push(await web.ask(path));
      await new Promise((over) => setTimeout(over, PAUSE_MS));
    }
  return samples;
}

/** So that a table shows whether the load was what it is said to be. */
function accepted(rates: number[]): Contestant {
  return { name: "orders accepted in a second (the load)", role: "floor", measure: () => rates.splice(0) };
}

async function load(daemon: Daemon, stage: Stage, rates: number[]): Promise<void> {
  const script = join(stage.root, "bench", "harness", "steady-submitter.ts");
  const child = spawn(process.execPath, [script, daemon.socket, "load", String(ORDERS_PER_SECOND)], {
    env: ENVIRONMENT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  stage.atEnd(() => child.kill("SIGKILL"));
  child.stdout.on("data", (bytes: Buffer) => {
    for (const line of bytes.toString().split("\n")) if (/^\d+$/.test(line)) rates.push(Number(line));
  });
  await once(child.stdout, "data");
}

/** Every view tells of every record. */
async function hasCaughtUp(holdfast: Holdfast, root: string): Promise<void> {
  const { state } = await holdfast.tree(root);
  const end = new LedgerEnd(state.db);
  try {
    const untilMs = performance.now() + CATCH_UP_MS_MAX;
    while (!end.isProjected) {
      if (performance.now() > untilMs) throw new Error("the views do not catch up");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    end.close();
  }
}
