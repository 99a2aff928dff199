/** A quick look at a component, for verbs that only read. `holdfast check` looks harder: at content of the same size, and with git. */

import { printableLine } from "../base/index.ts";
import { quickLook } from "../guard/index.ts";
import type { House } from "./house.ts";

export interface ComponentHealth {
  files: number;
  drift: { path: string; kind: NonNullable<ReturnType<typeof quickLook>>["kind"] }[];
  /** New content: going on, and no drift. */
  unaccepted: string[];
}

export function componentHealth(component: string, { baselines, vault, ports, tree, branch }: House): ComponentHealth {
  const current = branch();
  const entries = baselines.of(component).filter((entry) => entry.branch === null || entry.branch === current);
  const health: ComponentHealth = { files: entries.length, drift: [], unaccepted: [] };
  for (const entry of entries) {
    const found = quickLook(entry, { vault, ports, root: tree.root });
    if (found === null) continue;
    const path = printableLine(entry.path);
    if (found.change === "new") health.unaccepted.push(path);
    else health.drift.push({ path, kind: found.kind });
  }
  return health;
}
