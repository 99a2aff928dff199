/** What a daemon costs that has nothing to do: its memory, and its share of a processor with one sweep in five minutes. */

import { readFileSync } from "node:fs";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { guardedTree } from "./harness/guarded-tree.ts";
import type { Daemon } from "./harness/holdfast.ts";

const TICK_MS = 10;
const IDLE_MS = 10_000;
const SWEEP_EVERY_MS = 5 * 60_000;
const SETTLE_MS = 3_000;

const MEMORY = "resident memory, MB";
const PROCESSOR = "processor, % of a core";

export const atRest: Benchmark = {
  name: "at-rest",
  measures: "daemon at rest over a tree of 50,000 files, 1,000 of them protected",
  unit: "as named",
  rounds: { usual: 5, quick: 3 },
  async prepare(stage) {
    const { daemon } = await guardedTree(stage, { files: stage.quick ? 5_000 : 50_000, protectedFiles: 1_000 });
    await pause(SETTLE_MS);
    const measured = process.platform === "linux";
    return {
      contestants: measured ? [memory(daemon), processor(daemon)] : [],
      bounds: [
        { kind: "gate", of: MEMORY, statistic: "p50", against: null, limit: 110 },
        { kind: "gate", of: PROCESSOR, statistic: "p50", against: null, limit: 0.5 },
      ],
      missing: measured ? [] : ["only Linux tells here what a process costs"],
      notes: [
        `processor: ${IDLE_MS / 1_000} s without an event, and one sweep's time spread over the five minutes between two`,
      ],
    };
  },
};

function memory({ pid }: Daemon): Contestant {
  return {
    name: MEMORY,
    role: "ours",
    measure: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1_024,
  };
}

function processor(daemon: Daemon): Contestant {
  return {
    name: PROCESSOR,
    role: "ours",
    async measure() {
      const idle = await costOf(daemon.pid, () => pause(IDLE_MS));
      const sweep = await costOf(daemon.pid, () => checkOnce(daemon));
      return 100 * (idle.cpuMs / idle.elapsedMs + sweep.cpuMs / SWEEP_EVERY_MS);
    },
  };
}

/** A check is one sweep by hand. */
async function checkOnce(daemon: Daemon): Promise<void> {
  const client = await daemon.connect();
  try {
    await client.call("check", { input: { components: [], deep: false }, actor: { kind: "human", name: "bench" } });
  } finally {
    client.close();
  }
}

async function costOf(pid: number, work: () => Promise<void>): Promise<{ cpuMs: number; elapsedMs: number }> {
  const startedMs = performance.now();
  const before = cpuMs(pid);
  await work();
  return { cpuMs: cpuMs(pid) - before, elapsedMs: performance.now() - startedMs };
}

/** User and system time so far, of all threads: 14 and 15 of proc(5). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
