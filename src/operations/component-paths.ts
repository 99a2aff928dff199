/** The paths that a component covers: those of its baseline, and those that are there now. Folders stand for all below them. */

import type { TreePath } from "../base/index.ts";
import { membershipOf } from "../component/index.ts";
import type { House } from "./house.ts";

export function componentPaths(component: string, { config, vault, baselines }: House): TreePath[] {
  const members = membershipOf(config());
  const paths = new Set<TreePath>(baselines.of(component).map(({ path }) => path as TreePath));
  for (const { path } of vault.statesAt()) if (members.covers(component, path)) paths.add(path);
  const sorted = [...paths].sort();
  return sorted.filter((path, index) => index === 0 || !path.startsWith(`${sorted[index - 1]}/`));
}
