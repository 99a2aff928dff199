/** What a command costs before it does anything: `--version` and `status`, against a Node that does nothing. */

import { join } from "node:path";
import { timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import { GIT_MISSING, Git } from "./peers/git.ts";

const TREE_AND_STORE_MIB = 1_536;

export const startUp: Benchmark = {
  name: "start-up",
  measures: "a whole process: `--version`, and `status` in an initialised tree without a daemon",
  unit: "ms",
  rounds: { usual: 40, quick: 10 },
  prepare(stage) {
    const { dir } = stage.volume(TREE_AND_STORE_MIB);
    const tree = join(dir, "tree");
    copyTree(stage.tree.dir, tree);
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", tree], tree);
    const contestants: Contestant[] = [
      { name: "--version", role: "ours", measure: () => holdfast.timed(["--version"], tree) },
      { name: "status", role: "ours", measure: () => holdfast.timed(["status"], tree) },
      { name: "node -e 0", role: "floor", measure: () => timed({ command: [process.execPath, "-e", "0"], cwd: tree }) },
      { name: "true", role: "floor", measure: () => timed({ command: ["true"], cwd: tree }) },
    ];
    if (GIT_MISSING === null) {
      const git = new Git(join(dir, "store"), tree);
      git.commitTimed();
      contestants.push({ name: "git status", role: "peer", measure: () => git.statusTimed() });
    }
    return {
      contestants,
      bounds: [
        { kind: "gate", of: "--version", statistic: "p50", against: "node -e 0", limit: 1.25 },
        { kind: "gate", of: "status", statistic: "p50", against: "node -e 0", limit: 1.75 },
      ],
      missing: GIT_MISSING === null ? [] : [GIT_MISSING],
      notes: ["node is the one that holdfast starts; true: what starting any process costs here"],
    };
  },
};
