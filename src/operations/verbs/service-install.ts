/** `holdfast service install`: launchd or systemd runs the daemon, or the five stages, from now on and at each login. */

import { printableLine } from "../../base/index.ts";
import { openHouse } from "../house.ts";
import { operation } from "../operation.ts";
import { canonicalTree } from "../perform.ts";
import { refuseAgents } from "../refuse-agents.ts";
import { recordServices } from "../service-record.ts";
import { installServices } from "../tree-services.ts";

export const serviceInstall = operation({
  name: "service install",
  commandLineOnly: true,
  about: "Install what guards this tree as a launch agent (macOS) or a systemd user unit (Linux), and start it",
  effect: "none",
  input: (z) =>
    z.strictObject({
      split: z.boolean().default(false),
      start: z.boolean().default(true),
      replace: z.boolean().default(false),
    }),
  command: {
    options: [
      { flags: "--split", about: "the five stages of the pipeline, each a service, instead of one daemon" },
      { flags: "--no-start", about: "write the units only" },
      { flags: "--replace", about: "put aside a unit of somebody else's that has the name" },
    ],
    examples: ["holdfast service install", "holdfast service install --split"],
  },
  async run(context, wish) {
    const { ports, actor } = context;
    refuseAgents(actor, "install services");
    const tree = canonicalTree(context.located, { name: "service install", effect: "write" });
    const house = await openHouse(tree, ports, { readOnly: true });
    const config = house.config();
    house.close();
    const written = await installServices(tree, config, { ...wish, start: false }, ports);
    const { manager, files, aside } = written;
    await recordServices({ installed: { manager, files, aside, notStarted: null } }, context);
    // Last: what is started wants the tree's lock itself.
    const started = wish.start ? await installServices(tree, config, wish, ports) : written;
    const installed = { ...written, notStarted: started.notStarted };
    return { ...installed, started: wish.start && installed.notStarted === null };
  },
  print({ manager, files, aside, notStarted, started }, style) {
    const linger =
      manager === "systemd" ? style.dim("\n  runs while you are logged in; always: loginctl enable-linger") : "";
    return (
      [
        `${style.good("✓")} ${files.length} ${files.length === 1 ? "unit" : "units"} for ${manager}${started ? ", running" : ""}`,
        ...files.map((file) => `  ${printableLine(file)}`),
        ...aside.map((file) => `${style.warn("!")} what was there lies aside: ${printableLine(file)}`),
        ...(notStarted === null
          ? []
          : [`${style.warn("!")} not started: ${printableLine(notStarted)}  → holdfast service status`]),
      ].join("\n") + (started ? linger : "")
    );
  },
  exitCode: ({ notStarted }) => (notStarted === null ? 0 : 1),
});
