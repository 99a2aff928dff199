/** Which component a path belongs to. */

import picomatch from "picomatch";
import type { Config } from "../tree/index.ts";

/** The implicit component of paths that an accepted order wrote outside any other. */
export const ACCEPTED = "accepted";
/** Configuration is protected like a component, by name. */
export const CONFIGURATION = "holdfast";

export interface Membership {
  /** The component that names `path`, or `null`. */
  componentOf(path: string): string | null;
  covers(component: string, path: string): boolean;
}

export function membershipOf(config: Config): Membership {
  const components = Object.entries(config.components).map(([name, { paths }]) => ({ name, matches: paths.map(matcherOf) }));
  const covers = (matches: ((path: string) => boolean)[], path: string) => matches.some((match) => match(path));
  return {
    componentOf: (path) =>
      path === "holdfast.yaml" ? CONFIGURATION : (components.find(({ matches }) => covers(matches, path))?.name ?? null),
    covers: (component, path) => {
      const found = components.find(({ name }) => name === component);
      return found !== undefined && covers(found.matches, path);
    },
  };
}

/** A plain path covers itself and everything below it; a pattern what it matches and everything below that. */
function matcherOf(pattern: string): (path: string) => boolean {
  const scan = picomatch.scan(pattern);
  if (!scan.isGlob) {
    const plain = pattern.replace(/\/+$/, "");
    return (path) => path === plain || path.startsWith(`${plain}/`);
  }
  const matches = picomatch([pattern, `${pattern.replace(/\/+$/, "")}/**`], { dot: true });
  return (path) => matches(path);
}
