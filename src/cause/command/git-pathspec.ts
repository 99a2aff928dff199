/** Pathspecs and work trees, as gitglossary(7) has them. */

import { touch } from "./operands.ts";
import type { CommandEffect, Place, Touch } from "./reading.ts";

/** What bringing tracked files to another commit's state can do to any of them. */
export const TRACKED: readonly CommandEffect[] = ["delete", "older-content", "other-content", "mode", "type"];
/** The same, where nothing is removed: `checkout -- .` only brings back. */
export const BROUGHT_BACK: readonly CommandEffect[] = ["older-content", "mode", "type"];

function isOfTracked(effects: readonly CommandEffect[]): boolean {
  return effects === TRACKED || effects === BROUGHT_BACK;
}

/** All of the work tree. Where nobody looked for its root, what lies below the present folder is sure, the rest is not. */
export function wholeWorkTree(place: Place, effects: readonly CommandEffect[]): Touch {
  const only = isOfTracked(effects) ? ({ only: "tracked" } as const) : {};
  if (place.workTree !== null) return { effects, written: ".", path: place.workTree, reach: "below", ...only };
  return { effects, written: ".", path: place.cwd, reach: "work-tree", ...only };
}

/** A pathspec takes folders with all that is in them. Exclusions (`:!x`) only make the reach smaller, and are left out. */
export function pathspecs(written: readonly string[], place: Place, effects: readonly CommandEffect[]): Touch[] {
  return written.filter((one) => !/^:[!^]|^:\([^)]*exclude/.test(one)).map((one) => pathspec(one, place, effects));
}

function pathspec(written: string, place: Place, effects: readonly CommandEffect[]): Touch {
  const magic = /^:(?:\(([^)]*)\)|(\/)|:)/.exec(written);
  if (magic === null) return touch(written, place, effects, "below");
  const plain = written.slice(magic[0].length);
  const fromTop = magic[2] !== undefined || (magic[1] ?? "").split(",").includes("top");
  if (!fromTop) return touch(plain, place, effects, "below");
  return plain === "" ? wholeWorkTree(place, effects) : touch(plain, { cwd: place.workTree }, effects, "below");
}

/** Words that name everything here rather than a file. */
export function namesEverything(written: string): boolean {
  return [".", "./", ":/", ":", "*", ":/*", ":(top)", ".."].includes(written);
}
