/** A build that writes 20,000 files into a tree: how much longer it takes because the daemon is up and remembers them. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inBareNode } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { filesOf } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";

const VOLUME_MIB = 1_536;
const WITH = "with the daemon up";
const WITHOUT = "without";

export const busyTree: Benchmark = {
  name: "busy-tree",
  measures: "a build that reads sources, transforms them, and writes 20,000 files into the tree, none of them excluded",
  unit: "ms",
  rounds: { usual: 5, quick: 3 },
  prepare(stage) {
    const files = stage.quick ? 2_000 : 20_000;
    // By a file: a command line does not hold so many names.
    const sources = join(stage.folder("sources"), "names.json");
    writeFileSync(sources, JSON.stringify(filesOf(stage.tree.dir).slice(0, files)));
    return {
      contestants: [guarded(stage, sources), plain(stage, sources)],
      bounds: [{ kind: "gate", of: WITH, statistic: "p50", against: WITHOUT, limit: 1.1 }],
      missing: [],
      notes: [
        "each build on a file system made just now; what the daemon still has to remember when the build has ended is not in it",
        ...stage.notes,
      ],
    };
  },
};

function guarded(stage: Stage, sources: string): Contestant {
  const volume = stage.volume(VOLUME_MIB);
  let end: () => Promise<void> = async () => {};
  return {
    name: WITH,
    role: "ours",
    async before() {
      await end();
      volume.renew();
      const tree = newTree(volume.dir);
      const holdfast = new Holdfast(stage, join(volume.dir, "home"));
      holdfast.timed(["init", "--yes", tree], tree);
      const daemon = await holdfast.startDaemon(tree, stage);
      end = () => daemon.stop();
      await daemon.hasSwept();
    },
    async measure() {
      const elapsedMs = build(stage, sources, join(volume.dir, "tree"));
      await end();
      end = async () => {};
      return elapsedMs;
    },
  };
}

function plain(stage: Stage, sources: string): Contestant {
  const volume = stage.volume(VOLUME_MIB);
  return {
    name: WITHOUT,
    role: "floor",
    before() {
      volume.renew();
      newTree(volume.dir);
    },
    measure: () => build(stage, sources, join(volume.dir, "tree")),
  };
}

function newTree(dir: string): string {
  const tree = join(dir, "tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "README.md"), "A tree to build in.\n");
  return tree;
}

function build(stage: Stage, sources: string, tree: string): number {
  return inBareNode(transformAll, [stage.tree.dir, sources, tree], tree).result;
}

/** Reads, works on what it read as a compiler's lexer would, and writes. In ms. */
function transformAll(from: string, names: string, tree: string): number {
  const fs = process.getBuiltinModule("node:fs");
  const path = process.getBuiltinModule("node:path");
  const sources = JSON.parse(fs.readFileSync(names, "utf8")) as string[];
  const startedMs = performance.now();
  for (const source of sources) {
    const text = fs.readFileSync(`${from}/${source}`, "utf8");
    const words = text.match(/\w+|[^\w\s]/g) ?? [];
    const target = `${tree}/generated/${source}`;
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, `// ${words.length} words\n${text}`);
  }
  return performance.now() - startedMs;
}
