/** `holdfast uninstall`: leaves the tree. The vault and the ledger stay, and it says where. */

import { unregister } from "../../tree/index.ts";
import { operation } from "../operation.ts";
import { refuseAgents } from "../refuse-agents.ts";

export const uninstall = operation({
  name: "uninstall",
  about: "Stop being responsible for this tree; its files, the vault and the ledger stay",
  effect: "write",
  input: (z) => z.strictObject({}),
  destructive: true,
  command: { examples: ["holdfast uninstall"] },
  async run({ house, tree, ports, actor }) {
    refuseAgents(actor, "uninstall Holdfast");
    house.store.transaction(() =>
      house.ledger.append({
        event: "tree.uninstalled",
        actor,
        data: {},
        summary: `${actor.name} uninstalled Holdfast from ${tree.root}`,
      }),
    );
    await unregister(tree.id, ports);
    return { root: tree.root, kept: tree.state.dir };
  },
  print: ({ root, kept }, style) =>
    `${style.good("✓")} ${root} is no longer a tree of Holdfast's\n  kept: ${kept} (vault and ledger)  → delete it when you do not need them\n  kept: holdfast.yaml in the tree`,
});
