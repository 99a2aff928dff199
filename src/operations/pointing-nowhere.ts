/** Launch agents and units of a tree that cannot be read, or start what is not there: the first thing that `init` finds. */

import { printableLine } from "../base/index.ts";
import { surveyUnits } from "../services/index.ts";
import type { House } from "./house.ts";

const SHOWN_MAX = 10;

/** One line each. What is remembered of the tree is looked at, and what at home names it. */
export async function pointingNowhere({ vault, tree, ports }: House): Promise<string[]> {
  const inTree = [...vault.statesAt()].flatMap(({ path }) => (/\.(plist|service)$/.test(path) ? [path] : []));
  const lines = (await surveyUnits(tree.root, inTree, ports)).flatMap(({ file, malformed, lacking }) => {
    if (malformed !== null) return [`${file} cannot be read: ${malformed}`];
    const [first] = lacking;
    if (first === undefined) return [];
    const inside = first.path.startsWith(`${tree.root}/`) ? first.path.slice(tree.root.length + 1) : null;
    const what =
      first.problem === "missing"
        ? `points at ${first.path}, which is not there`
        : `starts ${first.path}, which is not executable`;
    return [`${file} ${what}${inside === null ? "" : `  → holdfast diagnose ${inside}`}`];
  });
  const more = lines.length - SHOWN_MAX;
  const shown = lines.slice(0, SHOWN_MAX).map(printableLine);
  return more > 0 ? [...shown, `… and ${more} more units point at nothing`] : shown;
}
