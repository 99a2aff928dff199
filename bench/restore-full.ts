/** A whole tree put back into an emptied root, durable when it ends. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { syncOf, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree, filesOf } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";
import { GIT_MISSING, Git } from "./peers/git.ts";
import { RESTIC_MISSING, Restic } from "./peers/restic.ts";

const VOLUME_MIB = 1_024;

export const restoreFull: Benchmark = {
  name: "restore-full",
  measures: "the whole tree restored into an emptied root, durable",
  unit: "ms",
  rounds: { usual: 5, quick: 3 },
  prepare(stage) {
    const contestants: Contestant[] = [ours(stage)];
    if (GIT_MISSING === null) {
      contestants.push(git("git checkout", stage, { packed: false }));
      contestants.push(git("git checkout, packed", stage, { packed: true }));
    }
    if (RESTIC_MISSING === null)
      contestants.push(
        restored("restic restore", "peer", stage, (tree, store) => {
          const restic = new Restic(store, tree);
          restic.backupTimed();
          return () => restic.restoreTimed(tree);
        }),
      );
    contestants.push(copied(stage));
    return {
      contestants,
      bounds: [
        { kind: "gate", of: "holdfast restore", statistic: "p50", against: "git checkout", limit: 1 },
        { kind: "goal", of: "holdfast restore", statistic: "p50", against: "git checkout", limit: 0.75 },
      ],
      missing: [GIT_MISSING, RESTIC_MISSING].filter((why) => why !== null),
      notes: ["the root is empty, on a file system of its own; peers: with sync -f", ...stage.notes],
    };
  },
};

function ours(stage: Stage): Contestant {
  return restored("holdfast restore", "ours", stage, (tree, store) => {
    const holdfast = new Holdfast(stage, store);
    holdfast.timed(["init", "--yes", tree], tree);
    const { id } = holdfast.json<{ id: string }>(["snapshot"], tree);
    return () => holdfast.timed(["restore", "--all", "--from", id], tree);
  });
}

function git(name: string, stage: Stage, { packed }: { packed: boolean }): Contestant {
  return restored(name, "peer", stage, (tree, store) => {
    const repository = new Git(store, tree);
    repository.commitTimed();
    if (packed) repository.pack();
    return () => repository.checkoutTimed();
  });
}

/** Puts a tree where `open` stores it, and then measures what brings it back to the same place, emptied. */
function restored(
  name: string,
  role: Contestant["role"],
  stage: Stage,
  open: (tree: string, store: string) => () => number,
): Contestant {
  const volume = stage.volume(VOLUME_MIB);
  const tree = join(volume.dir, "tree");
  const emptied = () => {
    volume.renew();
    mkdirSync(tree);
  };
  copyTree(stage.tree.dir, tree);
  const restore = open(tree, stage.volume(VOLUME_MIB).dir);
  return {
    name,
    role,
    before: emptied,
    measure() {
      const elapsedMs = restore();
      const found = filesOf(tree).filter((path) => !path.endsWith("holdfast.yaml")).length;
      if (found !== stage.tree.files) throw new Error(`${found} of ${stage.tree.files} files came back`);
      return elapsedMs;
    },
  };
}

function copied(stage: Stage): Contestant {
  return restored(
    "cp -R",
    "floor",
    stage,
    (tree) => () => timed({ command: ["sh", "-c", `cp -R "${stage.tree.dir}/." . && ${syncOf(tree)}`], cwd: tree }),
  );
}
