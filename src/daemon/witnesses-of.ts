/** The witnesses of a tree, heard regularly: what they wrote down is read and removed before there is too much of it. */

import type { Ports } from "../base/index.ts";
import { openWitnessStand, type WitnessStand } from "../cause/index.ts";
import type { House } from "../operations/index.ts";
import { listTrees, type Tree } from "../tree/index.ts";

export async function witnessesOf(tree: Tree, ports: Ports): Promise<WitnessStand> {
  const others = (await listTrees(ports)).filter(({ id }) => id !== tree.id).map(({ root }) => root);
  return openWitnessStand({ tree, otherRoots: () => others }, ports);
}

export interface Listener {
  /** To be called about every second. */
  listen(): Promise<void>;
  /** Whether a traced git command has not ended, as of the last time. */
  gitIsTraced(): boolean;
}

export function listenTo(stand: WitnessStand, { store, ledger }: House): Listener {
  let isTraced = false;
  return {
    gitIsTraced: () => isTraced,
    async listen() {
      const { running, lost } = await stand.gather();
      isTraced = running.some(({ reading }) => reading.tool === "git");
      if (lost.length === 0) return;
      const actor = { kind: "service", name: "guardrail" } as const;
      store.transaction(() => {
        for (const what of lost)
          ledger.append({ event: "guard.evidence-lost", actor, ok: false, data: { what }, summary: what });
      });
    },
  };
}
