/** The next snapshot after 150 changes, by a daemon that watches the tree. */

import { join } from "node:path";
import type { Benchmark } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import { TreeChanges } from "./harness/tree-changes.ts";

const TREE_AND_STORE_MIB = 1_536;

export const snapshotWarm: Benchmark = {
  name: "snapshot-warm",
  measures: "snapshot after 150 changes (100 edited, 30 new, 20 deleted), daemon up, durable",
  unit: "ms",
  rounds: { usual: 9, quick: 3 },
  async prepare(stage) {
    const { dir } = stage.volume(TREE_AND_STORE_MIB);
    const tree = join(dir, "tree");
    copyTree(stage.tree.dir, tree);
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", tree], tree);
    const daemon = await holdfast.startDaemon(tree, stage);
    const changes = new TreeChanges(tree);
    return {
      contestants: [
        {
          name: "over the socket",
          role: "ours",
          before: (round) => changes.apply(round),
          async measure() {
            const client = await daemon.connect();
            try {
              const startedMs = performance.now();
              await client.call("snapshot", { input: { cwd: tree }, actor: { kind: "human", name: "bench" } });
              return performance.now() - startedMs;
            } finally {
              client.close();
            }
          },
        },
      ],
      bounds: [{ kind: "gate", of: "over the socket", statistic: "p50", against: null, limit: 15 }],
      missing: [],
      notes: ["the client's view, at once after the last change"],
    };
  },
};
