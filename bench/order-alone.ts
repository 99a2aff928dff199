/** One order at a time: from its submission until it is accepted, with the daemon up. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inBareNode } from "./harness/command.ts";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { type Daemon, Holdfast, oneFileOrder } from "./harness/holdfast.ts";
import type { Stage } from "./harness/stage.ts";

const VOLUME_MIB = 512;
const SUBMITS_PER_ROUND = 100;
const PROCESSES_PER_ROUND = 10;

export const orderAlone: Benchmark = {
  name: "order-alone",
  measures: "order submitted → accepted, one after another, daemon up, durable",
  unit: "ms",
  rounds: { usual: 10, quick: 3 },
  async prepare(stage) {
    const { dir } = stage.volume(VOLUME_MIB);
    const tree = join(dir, "tree");
    mkdirSync(tree);
    writeFileSync(join(tree, "README.md"), "A tree for orders.\n");
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", tree], tree);
    const daemon = await holdfast.startDaemon(tree, stage);
    return {
      contestants: [overSocket(daemon), asProcess(holdfast, tree, stage), barriersAlone(stage)],
      bounds: [{ kind: "gate", of: "over the socket", statistic: "p99", against: null, limit: 20 }],
      missing: [],
      notes: [
        "over the socket: the client's view, from before the request to after the answer; five barriers: what durability alone costs",
        ...stage.notes,
      ],
    };
  },
};

function overSocket(daemon: Daemon): Contestant {
  return {
    name: "over the socket",
    role: "ours",
    async measure(round) {
      const client = await daemon.connect();
      try {
        const samples: number[] = [];
        for (let index = 0; index < SUBMITS_PER_ROUND; index++) {
          const input = oneFileOrder(`WO-ALONE-${round}-${index}`, `alone/${round}/file-${index}.txt`);
          const startedMs = performance.now();
          const view = await client.call<{ stage: string }>("submit", {
            input,
            actor: { kind: "human", name: "bench" },
          });
          samples.push(performance.now() - startedMs);
          if (view.stage !== "accepted") throw new Error(`an order ended ${view.stage}: ${JSON.stringify(view)}`);
        }
        return samples;
      } finally {
        client.close();
      }
    },
  };
}

function asProcess(holdfast: Holdfast, tree: string, stage: Stage): Contestant {
  const folder = stage.folder("orders");
  return {
    name: "submit --wait, whole process",
    role: "ours",
    measure(round) {
      return Array.from({ length: PROCESSES_PER_ROUND }, (_, index) => {
        const { filename, files } = oneFileOrder(`WO-PROCESS-${round}-${index}`, `process/${round}/file-${index}.txt`);
        const file = join(folder, filename as string);
        writeFileSync(file, Buffer.from((files as Record<string, string>)[""]!, "base64"));
        return holdfast.timed(["submit", file, "--wait"], tree);
      });
    },
  };
}

function barriersAlone(stage: Stage): Contestant {
  const { dir } = stage.volume(VOLUME_MIB);
  return {
    name: "five barriers in a bare loop",
    role: "floor",
    measure: (round) => inBareNode(barriers, [dir, round, SUBMITS_PER_ROUND], dir).result,
  };
}

/**
 * The least that an order needs: it is received (log), its bytes are kept (pack), it is planned (log), its file and the file's
 * name are in the tree, it is accepted (log). In ms each.
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
    append(log);
    append(pack);
    append(log);
    const file = fs.openSync(`${folder}/${index}`, "wx");
    fs.writeSync(file, page);
    fs.fsyncSync(file);
    fs.closeSync(file);
    append(log);
    samples.push(performance.now() - startedMs);
  }
  return samples;
}
