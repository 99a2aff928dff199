/** One protected file tampered with, again and again: how long after it settled until it is back, on record and durable. */

import { chmodSync, lstatSync, truncateSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../src/base/index.ts";
import { inBareNode } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { type GuardedTree, guardedTree } from "./harness/guarded-tree.ts";
import type { Stage } from "./harness/stage.ts";

const TAMPERS_PER_ROUND = 20;
const BACK_MS_MAX = 5_000;
/** Between two of them, never in step with the guard's own pace. */
const PAUSE_MS_MIN = 60;
const PAUSE_MS_SPREAD = 37;

interface Tampering {
  readonly name: string;
  readonly settleMs: number;
  tamper(path: string): void;
  isBack(path: string): boolean;
}

const TAMPERINGS: readonly Tampering[] = [
  {
    name: "deleted",
    settleMs: LIMITS.settleMissingMs,
    tamper: unlinkSync,
    isBack: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  },
  {
    name: "emptied",
    settleMs: LIMITS.settleContentMs,
    tamper: (path) => truncateSync(path),
    isBack: (path) => (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0,
  },
  {
    name: "exec bit lost",
    settleMs: 0,
    tamper: (path) => chmodSync(path, 0o644),
    isBack: (path) => (lstatSync(path).mode & 0o100) !== 0,
  },
];

export const tamper: Benchmark = {
  name: "tamper",
  measures:
    "one of 1,000 protected files in a tree of 50,000 tampered with → back, recorded, durable; its settle time taken off",
  unit: "ms",
  rounds: { usual: 6, quick: 5 },
  async prepare(stage) {
    const size = stage.quick ? { files: 5_000, protectedFiles: 1_000 } : { files: 50_000, protectedFiles: 1_000 };
    const guarded = await guardedTree(stage, size);
    // Executable ones only, and none twice: what goes again and again is not put back again.
    const victims = guarded.protectedPaths.filter((_, index) => index % 2 === 0);
    return {
      contestants: [...TAMPERINGS.map((one) => tampering(one, guarded, victims)), barriersAlone(stage)],
      bounds: TAMPERINGS.flatMap(({ name: of }) => [
        { kind: "gate", of, statistic: "p50", against: null, limit: 5 },
        { kind: "gate", of, statistic: "p99", against: null, limit: 15 },
      ]),
      missing: [],
      notes: [
        `back: the file is as it was, and the ledger says so to another process; settle time: ${TAMPERINGS.map(({ name, settleMs }) => `${name} ${settleMs} ms`).join(", ")}`,
        ...stage.notes,
      ],
    };
  },
};

function tampering({ name, settleMs, tamper, isBack }: Tampering, guarded: GuardedTree, victims: string[]): Contestant {
  const { root, ledger } = guarded;
  return {
    name,
    role: "ours",
    async measure() {
      const samples: number[] = [];
      for (let index = 0; index < TAMPERS_PER_ROUND; index++) {
        const path = victims.pop();
        if (path === undefined) throw new Error("no file is left that was not tampered with");
        await pause(PAUSE_MS_MIN + Math.random() * PAUSE_MS_SPREAD);
        const place = join(root, path);
        const { seq } = ledger;
        const startedMs = performance.now();
        tamper(place);
        await pause(settleMs);
        while (!isBack(place)) nap(startedMs);
        while (!ledger.after(seq, "repair.completed").some(({ paths }) => paths.includes(path))) nap(startedMs);
        samples.push(performance.now() - startedMs - settleMs);
      }
      return samples;
    },
  };
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** A fifth of a millisecond. */
function nap(sinceMs: number): void {
  if (performance.now() - sinceMs > BACK_MS_MAX) throw new Error(`not back after ${BACK_MS_MAX} ms`);
  Atomics.wait(NEVER, 0, 0, 0.2);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function barriersAlone(stage: Stage): Contestant {
  const { dir } = stage.volume(256);
  return {
    name: "eight barriers in a bare loop",
    role: "floor",
    measure: (round) => inBareNode(barriers, [dir, round, TAMPERS_PER_ROUND], dir).result,
  };
}

/**
 * The least that it takes: what was found is remembered (pack, log), it is planned (pack, log), the file and its name are in the tree,
 * it is accepted (pack, log). In ms each.
 */
function barriers(dir: string, round: number, count: number): number[] {
  const fs = process.getBuiltinModule("node:fs");
  const page = Buffer.alloc(4_096, "x");
  const log = fs.openSync(`${dir}/log-${round}`, "a");
  const pack = fs.openSync(`${dir}/pack-${round}`, "a");
  const folder = `${dir}/files-${round}`;
  fs.mkdirSync(folder);
  const append = (fd: number) => {
    fs.writeSync(fd, page);
    fs.fdatasyncSync(fd);
  };
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedMs = performance.now();
    for (const fd of [pack, log, pack, log]) append(fd);
    const file = fs.openSync(`${folder}/${index}`, "wx");
    fs.writeSync(file, page);
    fs.fsyncSync(file);
    fs.closeSync(file);
    const at = fs.openSync(folder, "r");
    fs.fsyncSync(at);
    fs.closeSync(at);
    for (const fd of [pack, log]) append(fd);
    samples.push(performance.now() - startedMs);
  }
  return samples;
}
