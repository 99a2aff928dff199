/**
 * A quick look at a component: does what its baseline names still stand there, in kind, size and mode? Content of the same size is
 * not read here.
 */

import { printableLine } from "../base/index.ts";
import type { House } from "./house.ts";

export interface ComponentHealth {
  files: number;
  drift: { path: string; kind: "deleted" | "modified" | "emptied" | "mode-changed" | "type-changed" }[];
}

export function componentHealth(component: string, { baselines, ports, tree, branch }: House): ComponentHealth {
  const current = branch();
  const entries = baselines.of(component).filter((entry) => entry.branch === null || entry.branch === current);
  const drift: ComponentHealth["drift"] = [];
  for (const { path, entry } of entries) {
    const kind = driftOf(entry, ports.disk.lstat(`${tree.root}/${path}`));
    if (kind !== null) drift.push({ path: printableLine(path), kind });
  }
  return { files: entries.length, drift };
}

type Stat = ReturnType<House["ports"]["disk"]["lstat"]>;

function driftOf(
  entry: ReturnType<House["baselines"]["of"]>[number]["entry"],
  stat: Stat,
): ComponentHealth["drift"][number]["kind"] | null {
  if (stat === null) return "deleted";
  if (stat.kind !== entry.kind) return "type-changed";
  if (entry.kind === "file" && stat.sizeBytes !== entry.sizeBytes) return stat.sizeBytes === 0 ? "emptied" : "modified";
  if ((entry.kind === "file" || entry.kind === "dir") && stat.mode !== entry.mode) return "mode-changed";
  return null;
}
