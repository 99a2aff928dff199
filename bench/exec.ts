/** What `holdfast exec` adds to a harmless command, and to `git reset --hard` in the reference tree with the daemon up. */

import { join } from "node:path";
import { timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";

const TREE_AND_STORE_MIB = 1_536;

export const exec: Benchmark = {
  name: "exec",
  measures: "`true` and `git reset --hard` by themselves and under `holdfast exec`, the daemon up",
  unit: "ms",
  rounds: { usual: 15, quick: 5 },
  async prepare(stage) {
    const { dir } = stage.volume(TREE_AND_STORE_MIB);
    const tree = join(dir, "tree");
    copyTree(stage.tree.dir, tree);
    const reset = ["git", "reset", "-q", "--hard"] as const;
    timed({
      command: ["sh", "-c", "git init -q && git add -A && git -c user.name=b -c user.email=b@b commit -qm b"],
      cwd: tree,
    });
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", tree], tree);
    await holdfast.startDaemon(tree, stage);
    const contestants: Contestant[] = [
      { name: "exec -- true", role: "ours", measure: () => holdfast.timed(["exec", "--", "true"], tree) },
      { name: "exec -- git reset --hard", role: "ours", measure: () => holdfast.timed(["exec", "--", ...reset], tree) },
      { name: "true", role: "floor", measure: () => timed({ command: ["true"], cwd: tree }) },
      { name: "git reset --hard", role: "floor", measure: () => timed({ command: [...reset], cwd: tree }) },
    ];
    return {
      contestants,
      bounds: [],
      missing: [],
      notes: ["to be at most 60 ms more than `true`, and 150 ms more than `git reset --hard`", ...stage.notes],
    };
  },
};
