/** Which component a path belongs to. */

import type { TreePath } from "../base/index.ts";
import { CONFIG_FILE, type Config, patternMatcher } from "../tree/index.ts";
import { OWN } from "./implicit.ts";

export interface Membership {
  /** The component that names `path`, or `null`. Components do not overlap. */
  componentOf(path: string): string | null;
  covers(component: string, path: string): boolean;
}

export function membershipOf(config: Config): Membership {
  const matchers = new Map(
    Object.entries(config.components).map(([name, { paths }]) => [name, paths.map(patternMatcher)] as const),
  );
  const covers = (component: string, path: string) =>
    matchers.get(component)?.some((matches) => matches(path as TreePath)) ?? false;
  return {
    componentOf(path) {
      if (path === CONFIG_FILE) return OWN;
      for (const name of matchers.keys()) if (covers(name, path)) return name;
      return null;
    },
    covers,
  };
}
