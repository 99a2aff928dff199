/**
 * What is remembered whatever the rules leave out: what some baseline names, and what a component names by its path, from the moment
 * that it is there, accepted or not.
 */

import { type Config, literalPath, PathSet, type ProtectedPaths } from "../tree/index.ts";

/** Asked once a look: the same object as long as both are the same. */
export function namedPaths(baselines: () => ProtectedPaths, config: () => Config): () => ProtectedPaths {
  let made: { config: Config; baselines: ProtectedPaths; both: ProtectedPaths } | null = null;
  return () => {
    const now = { config: config(), baselines: baselines() };
    if (made?.config !== now.config || made.baselines !== now.baselines)
      made = { ...now, both: either(now.baselines, new PathSet(literalPaths(now.config))) };
    return made.both;
  };
}

function either(a: ProtectedPaths, b: ProtectedPaths): ProtectedPaths {
  return {
    has: (path) => a.has(path) || b.has(path),
    leads: (folder) => a.leads(folder) || b.leads(folder),
    get key() {
      return `${a.key} ${b.key}`;
    },
  };
}

function literalPaths({ components }: Config): string[] {
  return Object.values(components).flatMap(({ paths }) => paths.flatMap((pattern) => literalPath(pattern) ?? []));
}
