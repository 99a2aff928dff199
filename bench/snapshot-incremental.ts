/** The next snapshot after 150 changes in a tree that is known, by a process that has just been started. */

import { join } from "node:path";
import { inBareNode } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";
import { TreeChanges } from "./harness/tree-changes.ts";
import { GIT_MISSING, Git } from "./peers/git.ts";
import { RESTIC_MISSING, Restic } from "./peers/restic.ts";

const TREE_AND_STORE_MIB = 1_536;

export const snapshotIncremental: Benchmark = {
  name: "snapshot-incremental",
  measures: "snapshot after 150 changes (100 edited, 30 new, 20 deleted), cold process, no daemon, durable",
  unit: "ms",
  rounds: { usual: 9, quick: 3 },
  prepare(stage) {
    const contestants: Contestant[] = [ours(stage)];
    if (GIT_MISSING === null) {
      contestants.push(
        peer("git add + commit", stage, (store, tree) => {
          const git = new Git(store, tree);
          git.commitTimed();
          return () => git.commitTimed();
        }),
      );
      contestants.push(
        peer("git stash -u", stage, (store, tree) => {
          const git = new Git(store, tree);
          git.commitTimed();
          return () => git.stashTimed();
        }),
      );
    }
    if (RESTIC_MISSING === null)
      contestants.push(
        peer("restic", stage, (store, tree) => {
          const restic = new Restic(store, tree);
          restic.backupTimed();
          return () => restic.backupTimed();
        }),
      );
    contestants.push(floor(stage));
    return {
      contestants,
      bounds: [
        { kind: "gate", of: "holdfast snapshot", statistic: "p50", against: "git add + commit", limit: 0.7 },
        { kind: "goal", of: "holdfast snapshot", statistic: "p50", against: "git add + commit", limit: 0.6 },
      ],
      missing: [GIT_MISSING, RESTIC_MISSING].filter((why) => why !== null),
      notes: ["each has a tree of its own with the same changes; peers: with sync -f", ...stage.notes],
    };
  },
};

function ours(stage: Stage): Contestant {
  const { dir } = stage.volume(TREE_AND_STORE_MIB);
  const tree = join(dir, "tree");
  copyTree(stage.tree.dir, tree);
  const holdfast = new Holdfast(stage, join(dir, "home"));
  holdfast.timed(["init", "--yes", tree], tree);
  const changes = new TreeChanges(tree);
  return {
    name: "holdfast snapshot",
    role: "ours",
    before: (round) => changes.apply(round),
    measure: () => holdfast.timed(["snapshot"], tree),
  };
}

function peer(name: string, stage: Stage, open: (store: string, tree: string) => () => number): Contestant {
  const { dir } = stage.volume(TREE_AND_STORE_MIB);
  const tree = join(dir, "tree");
  copyTree(stage.tree.dir, tree);
  const changes = new TreeChanges(tree);
  const measure = open(join(dir, "store"), tree);
  return { name, role: "peer", before: (round) => changes.apply(round), measure };
}

function floor(stage: Stage): Contestant {
  const tree = stage.tree.dir;
  return { name: "lstat walk, bare Node", role: "floor", measure: () => inBareNode(walk, [tree], tree).elapsedMs };
}

/** Looks at everything, and at nothing else. */
function walk(root: string): number {
  const fs = process.getBuiltinModule("node:fs");
  let count = 0;
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      fs.lstatSync(path);
      count += 1;
      if (entry.isDirectory()) pending.push(path);
    }
  }
  return count;
}
