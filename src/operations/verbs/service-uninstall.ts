/** `holdfast service uninstall`: the units that were written for this tree are stopped and removed; what they replaced comes back. */

import { printableLine } from "../../base/index.ts";
import { uninstallUnits } from "../../services/index.ts";
import { operation } from "../operation.ts";
import { canonicalTree } from "../perform.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { recordServices } from "../service-record.ts";

export const serviceUninstall = operation({
  name: "service uninstall",
  commandLineOnly: true,
  about: "Stop and remove the services that were installed for this tree",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast service uninstall"] },
  async run(context) {
    refuseAgents(context.actor, "remove services");
    const tree = canonicalTree(context.located, { name: "service uninstall", effect: "write" });
    const { removed, restored } = await uninstallUnits(tree.id, context.ports);
    if (removed.length > 0) await recordServices({ removed: { files: removed, restored } }, context);
    return { removed, restored };
  },
  print: ({ removed, restored }, style) =>
    removed.length === 0
      ? "no service was installed for this tree"
      : [
          `${style.good("✓")} ${removed.length} units removed`,
          ...removed.map((file) => `  ${printableLine(file)}`),
          ...restored.map((file) => `${style.good("✓")} put back: ${printableLine(file)}`),
        ].join("\n"),
});
