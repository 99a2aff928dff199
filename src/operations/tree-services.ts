/** The services of one tree, as they should be: one daemon, or the five stages under the labels that its components name. */

import { join } from "node:path";
import type { Ports } from "../base/index.ts";
import { daemonLabel, desiredUnits, type InstalledUnits, installUnits } from "../services/index.ts";
import { type Config, installLauncherShim, projectionPlaces, type Tree } from "../tree/index.ts";
import { STAGES } from "./stage-names.ts";

export interface ServicesWish {
  readonly split: boolean;
  readonly start: boolean;
  readonly replace: boolean;
}

export async function installServices(
  tree: Tree,
  config: Config,
  wish: ServicesWish,
  ports: Ports,
): Promise<InstalledUnits> {
  const units = desiredUnits({
    treeId: tree.id,
    root: tree.root,
    shim: installLauncherShim(ports),
    logs: wish.split ? projectionPlaces(tree, config).logs : join(tree.state.dir, "log"),
    stages: wish.split ? stageLabels(tree, config) : new Map(),
  });
  return installUnits(units, wish, ports);
}

/** A component's `service: com.02luka.wo_executor` names the label of that stage on this machine. */
function stageLabels(tree: Tree, { components }: Config): Map<string, string> {
  const named = Object.values(components).flatMap(({ service }) => service ?? []);
  return new Map(
    STAGES.map((stage) => [
      stage,
      named.find((label) => label.endsWith(`.${stage}`)) ?? `${daemonLabel(tree.id)}.${stage}`,
    ]),
  );
}
