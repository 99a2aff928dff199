/** The first snapshot of a whole tree, into an empty store, durable when it ends. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { inBareNode, output, timed } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { Holdfast } from "./harness/holdfast.ts";
import { copyTree } from "./harness/reference-tree.ts";
import type { Stage } from "./harness/stage.ts";
import { BORG_MISSING, Borg } from "./peers/borg.ts";
import { GIT_MISSING, Git } from "./peers/git.ts";
import { RESTIC_MISSING, Restic } from "./peers/restic.ts";

const STORE_MIB = 1_024;

export const snapshotFirst: Benchmark = {
  name: "snapshot-first",
  measures: "first snapshot of the whole tree into an empty store, durable",
  unit: "ms",
  rounds: { usual: 5, quick: 3 },
  prepare(stage) {
    const tree = join(stage.volume(STORE_MIB).dir, "tree");
    copyTree(stage.tree.dir, tree);
    const missing = [RESTIC_MISSING, GIT_MISSING, BORG_MISSING].filter((why) => why !== null);
    return {
      contestants: [...ours(tree, stage), ...peers(tree, stage), ...floors(tree)],
      bounds: ["init", "library"].map((of) => ({
        kind: "gate",
        of,
        statistic: "p50",
        against: "restic",
        limit: 0.4,
      })),
      missing,
      notes: [
        "init: the whole process, with its look at the tree beforehand; library: remembering alone; peers: with sync -f",
        ...stage.notes,
      ],
    };
  },
};

function ours(tree: string, stage: Stage): Contestant[] {
  const store = stage.volume(STORE_MIB);
  const holdfast = new Holdfast(stage, store.dir);
  const before = () => {
    store.renew();
    rmSync(join(tree, "holdfast.yaml"), { force: true });
  };
  const script = join(stage.root, "bench", "harness", "remember.ts");
  return [
    { name: "init", role: "ours", before, measure: () => holdfast.timed(["init", "--yes", tree], tree) },
    {
      name: "library",
      role: "ours",
      before,
      measure() {
        const command = [process.execPath, script, tree] as const;
        const printed = output({ command, cwd: tree, env: { HOLDFAST_HOME: store.dir } });
        return (JSON.parse(printed) as { elapsedMs: number }).elapsedMs;
      },
    },
  ];
}

function peers(tree: string, stage: Stage): Contestant[] {
  const found: Contestant[] = [];
  const add = (name: string, why: string | null, open: (store: string) => { measure: () => number }) => {
    if (why !== null) return;
    const store = stage.volume(STORE_MIB);
    let peer: ReturnType<typeof open>;
    found.push({
      name,
      role: "peer",
      before() {
        store.renew();
        rmSync(join(tree, "holdfast.yaml"), { force: true });
        peer = open(store.dir);
      },
      measure: () => peer.measure(),
    });
  };
  add("restic", RESTIC_MISSING, (store) => {
    const restic = new Restic(store, tree);
    return { measure: () => restic.backupTimed() };
  });
  add("git add + commit", GIT_MISSING, (store) => {
    const git = new Git(store, tree);
    return { measure: () => git.commitTimed() };
  });
  add("borg", BORG_MISSING, (store) => {
    const borg = new Borg(store, tree);
    return { measure: () => borg.createTimed() };
  });
  return found;
}

function floors(tree: string): Contestant[] {
  return [
    {
      name: "sha256sum of all",
      role: "floor",
      measure: () =>
        timed({ command: ["sh", "-c", "find . -type f -print0 | xargs -0 sha256sum > /dev/null"], cwd: tree }),
    },
    { name: "read + hash, bare Node", role: "floor", measure: () => inBareNode(readAndHash, [tree], tree).elapsedMs },
  ];
}

/** One thread, one buffer. */
function readAndHash(root: string): number {
  const fs = process.getBuiltinModule("node:fs");
  const { hash } = process.getBuiltinModule("node:crypto");
  const buffer = Buffer.alloc(8 << 20);
  let files = 0;
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      if (!entry.isFile()) continue;
      const fd = fs.openSync(path, "r");
      const { size } = fs.fstatSync(fd);
      hash("sha256", buffer.subarray(0, fs.readSync(fd, buffer, 0, size, 0)), "buffer");
      fs.closeSync(fd);
      files += 1;
    }
  }
  return files;
}
