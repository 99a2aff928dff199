/** A quick look at a component, for verbs that only read. `holdfast check` looks harder: at content of the same size, and with git. */

import { printableLine } from "../base/index.ts";
import { quickLook, standingOf } from "../guard/index.ts";
import type { House } from "./house.ts";
import type { Writer } from "./writer.ts";

export interface ComponentHealth {
  files: number;
  drift: { path: string; kind: NonNullable<ReturnType<typeof quickLook>>["kind"] }[];
  /** New content: going on, and no drift. */
  unaccepted: string[];
}

export function componentHealth(component: string, house: House, writer: Writer | null = null): ComponentHealth {
  return isJudged(component, house, writer) ? asJudged(component, house) : byLooking(component, house);
}

/** In the daemon's own process, once everything was seen: what differs is in the store then, and nothing has to be looked at. */
function isJudged(component: string, { config }: House, writer: Writer | null): boolean {
  if ((writer?.watching?.eyes().swept ?? null) === null) return false;
  return config().components[component]?.response !== "remember";
}

function asJudged(component: string, { store, branch }: House): ComponentHealth {
  const { files, drift, unaccepted } = standingOf(component, branch(), store);
  return {
    files,
    drift: drift.map(({ path, kind }) => ({
      path: printableLine(path),
      kind: kind as ComponentHealth["drift"][number]["kind"],
    })),
    unaccepted: unaccepted.map(printableLine),
  };
}

function byLooking(component: string, { baselines, vault, ports, tree, branch }: House): ComponentHealth {
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
