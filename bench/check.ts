/** One look at everything that must hold, when all of a tree is protected and nothing has changed. */

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { quoted, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";
import { GIT_MISSING, Git } from "./peers/git.ts";

const TREE_AND_STORE_MIB = 1_536;

export const check: Benchmark = {
  name: "check",
  measures: "check of a whole tree, everything protected and unchanged",
  unit: "ms",
  rounds: { usual: 7, quick: 3 },
  async prepare(stage) {
    const alone = protectedTree(stage);
    const watched = protectedTree(stage);
    const daemon = await watched.holdfast.startDaemon(watched.tree, stage);
    const contestants: Contestant[] = [
      { name: "cold", role: "ours", measure: () => alone.holdfast.timed(["check"], alone.tree) },
      { name: "daemon up", role: "ours", measure: () => watched.holdfast.timed(["check"], watched.tree) },
      {
        name: "over the socket",
        role: "ours",
        async measure() {
          const client = await daemon.connect();
          try {
            const startedMs = performance.now();
            await client.call("check", { input: {}, actor: { kind: "human", name: "bench" } });
            return performance.now() - startedMs;
          } finally {
            client.close();
          }
        },
      },
      { name: "--deep, cold", role: "ours", measure: () => alone.holdfast.timed(["check", "--deep"], alone.tree) },
      sums(alone.tree, alone.dir),
    ];
    if (GIT_MISSING === null) {
      const git = new Git(join(alone.dir, "store"), alone.tree);
      git.commitTimed();
      contestants.push({ name: "git status", role: "peer", measure: () => git.statusTimed() });
    }
    return {
      contestants,
      bounds: [
        { kind: "gate", of: "daemon up", statistic: "p50", against: "git status", limit: 1 },
        { kind: "gate", of: "cold", statistic: "p50", against: "git status", limit: 1.5 },
        { kind: "gate", of: "--deep, cold", statistic: "p50", against: "sha256sum -c", limit: 1 },
      ],
      missing: [...(GIT_MISSING === null ? [] : [GIT_MISSING]), "AIDE is not measured here"],
      notes: ["cold, daemon up: the whole process, with the record of the check durable; git status records nothing"],
    };
  },
};

function protectedTree(stage: Stage): { dir: string; tree: string; holdfast: Holdfast } {
  const { dir } = stage.volume(TREE_AND_STORE_MIB);
  const tree = join(dir, "tree");
  copyTree(stage.tree.dir, tree);
  const holdfast = new Holdfast(stage, join(dir, "home"));
  holdfast.timed(["init", "--yes", tree], tree);
  holdfast.timed(["protect", ...readdirSync(stage.tree.dir), "--name", "all"], tree);
  return { dir, tree, holdfast };
}

function sums(tree: string, dir: string): Contestant {
  const file = join(dir, "sums");
  const all = `find . -type f -print0 | xargs -0 sha256sum > ${quoted(file)}`;
  execFileSync("sh", ["-c", all], { cwd: tree });
  const command = ["sha256sum", "--quiet", "-c", file] as const;
  return { name: "sha256sum -c", role: "peer", measure: () => timed({ command, cwd: tree }) };
}
