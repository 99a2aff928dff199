/** Whether what was promised is being kept: the daemon, the configuration that runs, components, incidents, hooks. */

import { printableLine } from "../../base/index.ts";
import { openIncidents } from "../../guard/index.ts";
import { HOOK_TARGETS } from "../../hooks/index.ts";
import { componentHealth } from "../component-health.ts";
import { connectToDaemon } from "../daemon-client.ts";
import { readConfigText } from "../read-config.ts";
import { lookAtComponentServices } from "../service-eyes.ts";
import { bad, type Check, ok, type Says, warn } from "./finding.ts";

export const daemon: Check = {
  name: "daemon",
  async run({ tree, ports, version }) {
    if (tree === null) return [];
    const client = await connectToDaemon(tree, ports);
    if (client === null) return warn("not running: orders wait, nothing is watched", "holdfast up");
    try {
      const { pid, version: running } = client.hello;
      const trouble = await client.call<{ message: string; hint: string }[]>("trouble", null);
      const says = running === version ? ok(`pid ${pid}, ${running}`) : otherVersion(running, version);
      return [...says, ...trouble.flatMap(({ message, hint }) => bad(message, hint))];
    } finally {
      client.close();
    }
  },
};

function otherVersion(running: string, version: string): Says {
  return warn(`runs ${running}, this is ${version}`, "stop it and start it again: holdfast up");
}

export const configuration: Check = {
  name: "holdfast.yaml",
  run({ tree, house, ports }) {
    if (tree === null || house === null) return [];
    const text = readConfigText(tree, ports.disk);
    if (text === null) return bad("is gone; the last accepted one runs", "holdfast repair holdfast");
    if (!house.configuration.differs(text)) return ok("the accepted one runs");
    return bad("was changed and does not run", "holdfast diff, then: holdfast accept holdfast.yaml");
  },
};

export const components: Check = {
  name: "components",
  run({ house }) {
    if (house === null) return [];
    const names = Object.keys(house.config().components);
    if (names.length === 0) return warn("nothing is protected", "holdfast protect <path>");
    const drifted = names.filter((name) => componentHealth(name, house).drift.length > 0);
    if (drifted.length === 0) return ok(`${names.length} as accepted`);
    return bad(`${drifted.map(printableLine).join(", ")}: not as accepted`, "holdfast check");
  },
};

export const services: Check = {
  name: "services",
  async run({ house }) {
    if (house === null) return [];
    const looked = await lookAtComponentServices(house);
    const failed = looked.filter(({ look }) => look.standing === "failed");
    if (failed.length > 0)
      return failed.flatMap(({ look }) => bad(`${look.label}: ${look.why}`, "holdfast service install --split"));
    const unknown = looked.filter(({ look }) => look.standing === "unknown");
    if (unknown.length > 0)
      return warn(`${unknown[0]!.look.label}: ${unknown[0]!.look.why}`, "holdfast service status");
    return looked.length === 0 ? [] : ok(`${looked.length} run as they should`);
  },
};

export const incidents: Check = {
  name: "incidents",
  run({ house }) {
    if (house === null) return [];
    const open = openIncidents(house).openCount();
    return open === 0 ? ok("none open") : bad(`${open} open`, "holdfast incidents --open");
  },
};

export const hooks: Check = {
  name: "hooks",
  async run({ ports }) {
    const all = await Promise.all(Object.values(HOOK_TARGETS).map((target) => target.status(ports)));
    const installed = all.filter((one) => one.installed);
    if (installed.length === 0)
      return warn("none installed: causes are found by looking at processes only", "holdfast hooks install git-trace");
    return installed.flatMap(({ target, problems }) =>
      problems.length === 0
        ? ok(target)
        : problems.flatMap((problem) => warn(`${target}: ${problem}`, `holdfast hooks install ${target}`)),
    );
  },
};
