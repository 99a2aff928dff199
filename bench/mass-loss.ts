/** Two thousand protected files deleted at once: how long until all are back, on record and durable, in one incident. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../src/base/index.ts";
import { quoted, syncOf, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { type GuardedTree, guardedTree, PROTECTED_FOLDER, writeSmallFiles } from "./harness/guarded-tree.ts";
import type { Stage } from "./harness/stage.ts";

const BACK_MS_MAX = 60_000;
const ONE_WAY = "deleted → all back";
const OTHER_WAY = "cp -a + sync -f";

export const massLoss: Benchmark = {
  name: "mass-loss",
  measures:
    "2,000 protected files in a tree of 50,000 deleted at once → all back, recorded, durable; the settle time taken off",
  unit: "ms",
  rounds: { usual: 4, quick: 3 },
  async prepare(stage) {
    const protectedFiles = stage.quick ? 500 : 2_000;
    const guarded = await guardedTree(stage, { files: stage.quick ? 5_000 : 50_000, protectedFiles });
    return {
      contestants: [ours(guarded), copied(stage, protectedFiles)],
      bounds: [{ kind: "gate", of: ONE_WAY, statistic: "p50", against: OTHER_WAY, limit: 1.25 }],
      missing: [],
      notes: [
        "both make the files where as many were deleted a moment ago: a file system that remembers them is slower then, for both alike",
        "one incident each time, or it counts as failed",
        ...stage.notes,
      ],
    };
  },
};

function ours({ root, ledger, protectedPaths }: GuardedTree): Contestant {
  return {
    name: ONE_WAY,
    role: "ours",
    async measure() {
      const { seq } = ledger;
      rmSync(join(root, PROTECTED_FOLDER), { recursive: true });
      const startedMs = performance.now();
      const missing = new Set(protectedPaths);
      for (let at = seq; missing.size > 0; ) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        for (const { seq: next, data } of ledger.after(at, "repair.completed")) {
          at = next;
          if ((data["paths"] as number) >= protectedPaths.length) missing.clear();
        }
        if (performance.now() - startedMs > BACK_MS_MAX) throw new Error(`not back after ${BACK_MS_MAX} ms`);
      }
      const elapsedMs = performance.now() - startedMs - LIMITS.settleMissingMs;
      // The same paths lost again go on with the incident that they were lost in before.
      const incidents = ["incident.opened", "incident.joined"].flatMap((event) => ledger.after(seq, event)).length;
      if (incidents !== 1) throw new Error(`${incidents} incidents instead of one`);
      await new Promise((resolve) => setTimeout(resolve, LIMITS.incidentJoinMs + 1_000));
      return elapsedMs;
    },
  };
}

function copied(stage: Stage, count: number): Contestant {
  const { dir } = stage.volume(512);
  writeSmallFiles(dir, join("from", PROTECTED_FOLDER), count);
  writeSmallFiles(dir, join("to", PROTECTED_FOLDER), count);
  const to = join(dir, "to", PROTECTED_FOLDER);
  return {
    name: OTHER_WAY,
    role: "floor",
    before: () => rmSync(to, { recursive: true }),
    measure: () =>
      timed({
        command: ["sh", "-c", `cp -a ${quoted(join(dir, "from", PROTECTED_FOLDER))} ${quoted(to)} && ${syncOf(to)}`],
        cwd: dir,
      }),
  };
}
