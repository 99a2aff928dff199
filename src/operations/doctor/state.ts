/** What Holdfast itself keeps: which tree, the state folder, the database, the packs, the ledger's clock. */

import { humanBytes, humanDuration } from "../../base/index.ts";
import { glanceAtPacks } from "../../vault/index.ts";
import { bad, type Check, ok, warn } from "./finding.ts";

export const standing: Check = {
  name: "tree",
  run({ located, ports }) {
    switch (located?.standing) {
      case "canonical":
      case "workspace": {
        const { root } = located.tree;
        if (ports.disk.lstat(root)?.kind !== "dir") return bad(`${root} is not there`);
        return ok(located.standing === "workspace" ? `${located.root} is a workspace of ${root}` : root);
      }
      case "copy":
        return warn(
          `${located.root} is a copy of ${located.of[0]!.root}: it is only read`,
          `holdfast doctor --tree ${located.of[0]!.root}`,
        );
      case "moved":
        return bad(`${located.from.root} seems to have moved to ${located.root}`, `holdfast init ${located.root}`);
      default:
        return bad(`${located?.nearest ?? "this folder"} is no tree that Holdfast knows`, "holdfast init");
    }
  },
};

export const stateFolder: Check = {
  name: "state folder",
  run({ tree, ports }) {
    if (tree === null) return [];
    const { dir } = tree.state;
    const stat = ports.disk.lstat(dir);
    if (stat?.kind !== "dir") return bad(`${dir} is not there`, "holdfast init");
    const mode = stat.mode & 0o777;
    return (mode & 0o077) === 0
      ? ok(dir)
      : bad(`others may look into ${dir} (mode ${mode.toString(8)})`, `chmod 700 ${dir}`);
  },
};

export const store: Check = {
  name: "store",
  run({ tree, house, ports }) {
    if (tree === null || house === null) return [];
    const sizeBytes = ports.disk.lstat(tree.state.db)?.sizeBytes ?? 0;
    if (sizeBytes > QUICK_CHECK_BYTES_MAX)
      return ok(`${humanBytes(sizeBytes)}, too large to be proven in a moment: holdfast ledger verify`);
    const { quick_check: answer } = house.store.get<{ quick_check: string }>("PRAGMA quick_check(1)")!;
    if (answer === "ok") return ok(`${humanBytes(sizeBytes)}, sound`);
    return bad(
      `${tree.state.db}: ${answer}`,
      `stop \`holdfast up\`, mv ${tree.state.db} ${tree.state.db}.damaged, holdfast up --once`,
    );
  },
};

/** What can be read through well within a second. */
const QUICK_CHECK_BYTES_MAX = 64 * 2 ** 20;

export const packs: Check = {
  name: "vault",
  run({ tree, house, ports }) {
    if (tree === null || house === null) return [];
    const { packs: count, bytes, broken } = glanceAtPacks(house.store, tree.state.packs, ports);
    return broken.length === 0
      ? ok(`${count} packs, ${humanBytes(bytes)}; to prove every byte: holdfast vault verify`)
      : bad(`${broken.join(", ")}: missing or cut off`, "holdfast vault verify");
  },
};

/** The ledger's times never go back: a clock that stands before its newest record was set back. */
export const clock: Check = {
  name: "clock",
  run({ house, ports }) {
    const [newest] = house?.ledger.read({ newestFirst: true, limit: 1 }) ?? [];
    if (newest === undefined) return [];
    const behindMs = Date.parse(newest.ts) - ports.clock.now();
    if (behindMs <= CLOCK_SLACK_MS) return ok("goes on from the ledger's newest record");
    return warn(`stands ${humanDuration(behindMs)} before the ledger's newest record`, "set the clock");
  },
};

const CLOCK_SLACK_MS = 1_000;
