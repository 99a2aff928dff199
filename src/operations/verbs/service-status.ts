/** `holdfast service status`: the services that were installed for this tree, and those that its components name. */

import { printableLine } from "../../base/index.ts";
import { lookAtService, ownUnitFiles, type ServiceLook } from "../../services/index.ts";
import { operation } from "../operation.ts";
import { lookAtComponentServices } from "../service-eyes.ts";

export const serviceStatus = operation({
  name: "service status",
  about: "Whether this tree's services run, and whether what they start is there",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast service status", "holdfast service status --json"] },
  async run({ house, tree, ports }) {
    const installed = ownUnitFiles(tree.id, ports).map((file) =>
      file.slice(file.lastIndexOf("/") + 1).replace(/\.(plist|service|timer)$/, ""),
    );
    const named = await lookAtComponentServices(house);
    const own = installed.filter((label) => !named.some(({ look }) => look.label === label));
    const services = [
      ...(await Promise.all(
        [...new Set(own)].map(async (label) => ({ ...(await lookAtService(label, ports)), component: null })),
      )),
      ...named.map(({ look, component }) => ({ ...look, component })),
    ];
    return { ok: services.every(({ standing }) => standing !== "failed"), services };
  },
  print({ services }, style) {
    if (services.length === 0) return "no service is installed or named by a component  → holdfast service install";
    const marks = { well: style.good("●"), failed: style.bad("▲"), unknown: style.dim("○") };
    return services
      .map((look) => `${marks[look.standing]} ${printableLine(look.label)}  ${style.dim(says(look))}`)
      .join("\n");
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

function says({ standing, why, running, file }: ServiceLook): string {
  const state = standing === "well" ? (running ? "runs" : "as it should be") : (why ?? standing);
  return printableLine(file === null ? state : `${state}  ${file}`);
}
