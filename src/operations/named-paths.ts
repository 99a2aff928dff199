/**
 * What is remembered whatever the rules leave out: what some baseline names, and what a component names by its path, from the moment
 * that it is there, accepted or not.
 */

import { type Config, literalPath, PathSet, type ProtectedPaths } from "../tree/index.ts";

export function namedPaths(baselines: () => ProtectedPaths, config: () => Config): ProtectedPaths {
  let made: { config: Config; paths: PathSet } | null = null;
  const components = () => {
    const current = config();
    if (made?.config !== current) made = { config: current, paths: new PathSet(literalPaths(current)) };
    return made.paths;
  };
  return {
    has: (path) => baselines().has(path) || components().has(path),
    leads: (folder) => baselines().leads(folder) || components().leads(folder),
    get key() {
      return `${baselines().key} ${components().key}`;
    },
  };
}

function literalPaths({ components }: Config): string[] {
  return Object.values(components).flatMap(({ paths }) => paths.flatMap((pattern) => literalPath(pattern) ?? []));
}
