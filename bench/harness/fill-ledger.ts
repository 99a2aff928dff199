/** A long past for a tree: records of orders, through the ledger itself; all of today, because time never goes back along the chain. */

import { openLedger } from "../../src/ledger/index.ts";
import type { Tree } from "../../src/tree/index.ts";
import type { Holdfast } from "./holdfast.ts";

const PER_TRANSACTION = 10_000;

/** Nobody else may hold the tree. */
export async function fillLedger(holdfast: Holdfast, tree: Tree, count: number): Promise<void> {
  const ports = holdfast.ports();
  const store = ports.stores.open(tree.state.db);
  try {
    store.exec("PRAGMA synchronous=OFF");
    const ledger = openLedger({ store, ports, tree: tree.id, segmentsDir: tree.state.segments });
    let made = 0;
    while (made < count) {
      store.transaction(() => {
        for (let index = 0; index < PER_TRANSACTION && made < count; index += 1, made += 1) {
          const id = `WO-PAST-${made}` as never;
          ledger.append({
            event: "wo.retried",
            actor: { kind: "agent", name: "codex", session: `session-${made % 50}` },
            wo: id,
            paths: [`past/${made % 97}/file-${made % 1_000}.txt`],
            data: { attempt: 1 },
            summary: `${id} is tried again: the disk was full while past/${made % 97} was written`,
          });
        }
      });
    }
  } finally {
    store.close();
  }
}
