/** Many one-file orders at once, each accepted and durable: how many in a second. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT, inBareNode } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { type Daemon, Holdfast } from "./harness/holdfast.ts";
import type { Stage } from "./harness/stage.ts";
import { submitMany } from "./harness/submit-many.ts";

const VOLUME_MIB = 1_024;
const PROCESSES = 8;
/** Per connection; the daemon's own limit is `LIMITS.requestsPerConnectionMax`. */
const IN_FLIGHT = 64;

export const orderBulk: Benchmark = {
  name: "order-bulk",
  measures: "one-file orders in bulk, daemon up, each accepted and durable",
  unit: "per second",
  rounds: { usual: 5, quick: 3 },
  async prepare(stage) {
    const { dir } = stage.volume(VOLUME_MIB);
    const tree = join(dir, "tree");
    mkdirSync(tree);
    writeFileSync(join(tree, "README.md"), "A tree for orders.\n");
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", tree], tree);
    const daemon = await holdfast.startDaemon(tree, stage);
    const orders = stage.quick ? 400 : 2_000;
    return {
      contestants: [oneConnection(daemon, orders), manyProcesses(daemon, orders, stage), fsyncsAlone(stage)],
      bounds: ["one connection", `${PROCESSES} processes`].map((of) => ({
        kind: "gate",
        of,
        statistic: "p50",
        against: null,
        limit: 1_000,
      })),
      missing: [],
      notes: [
        `${orders.toLocaleString("en")} orders a round in YAML, ${IN_FLIGHT} under way a connection, all into the same tree; the floor is one writer that waits for each`,
        ...stage.notes,
      ],
    };
  },
};

function oneConnection(daemon: Daemon, count: number): Contestant {
  return {
    name: "one connection",
    role: "ours",
    async measure(round) {
      const client = await daemon.connect();
      try {
        const startedMs = performance.now();
        await submitMany(client, { prefix: `one-${round}`, count, inFlight: IN_FLIGHT });
        return perSecond(count, startedMs);
      } finally {
        client.close();
      }
    },
  };
}

function manyProcesses(daemon: Daemon, count: number, stage: Stage): Contestant {
  const script = join(stage.root, "bench", "harness", "submitter.ts");
  return {
    name: `${PROCESSES} processes`,
    role: "ours",
    async measure(round) {
      const each = Math.ceil(count / PROCESSES);
      const children = Array.from({ length: PROCESSES }, (_, index) => {
        const args = [script, daemon.socket, `many-${round}-${index}`, String(each), String(IN_FLIGHT)];
        return spawn(process.execPath, args, { env: ENVIRONMENT, stdio: ["pipe", "pipe", "inherit"] });
      });
      const ends = children.map((child) => once(child, "exit") as Promise<[number | null]>);
      try {
        await Promise.all(children.map((child) => once(child.stdout, "data")));
        const startedMs = performance.now();
        const done = children.map((child) => once(child.stdout, "data"));
        for (const child of children) child.stdin.write("go\n");
        await Promise.race([Promise.all(done), failureOf(ends)]);
        return perSecond(each * PROCESSES, startedMs);
      } finally {
        for (const child of children) child.kill("SIGTERM");
        await Promise.all(ends);
      }
    },
  };
}

/** Rejects when one ends badly; otherwise never settles. */
async function failureOf(ends: readonly Promise<[number | null]>[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const end of ends)
      void end.then(([code]) => {
        if (code !== null && code !== 0) reject(new Error(`a submitting process ended with exit code ${code}`));
      });
  });
}

function fsyncsAlone(stage: Stage): Contestant {
  const { dir } = stage.volume(256);
  const count = 400;
  return {
    name: "two fsyncs, one after the other",
    role: "floor",
    measure: (round) => (count * 1_000) / inBareNode(twoFsyncs, [dir, round, count], dir).result,
  };
}

/** In ms for all. */
function twoFsyncs(dir: string, round: number, count: number): number {
  const fs = process.getBuiltinModule("node:fs");
  const page = Buffer.alloc(1_024, "x");
  const log = fs.openSync(`${dir}/log-${round}`, "a");
  fs.mkdirSync(`${dir}/files-${round}`);
  const startedMs = performance.now();
  for (let index = 0; index < count; index++) {
    const file = fs.openSync(`${dir}/files-${round}/${index}`, "wx");
    fs.writeSync(file, page);
    fs.fsyncSync(file);
    fs.closeSync(file);
    fs.writeSync(log, page);
    fs.fsyncSync(log);
  }
  return performance.now() - startedMs;
}

function perSecond(count: number, startedMs: number): number {
  return (count * 1_000) / (performance.now() - startedMs);
}
