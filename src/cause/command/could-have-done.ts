/** Whether a command, as far as its words tell, could have made a drift. "No" is a proof; "yes" only says that nothing speaks against it. */

import type { DriftedPath, DriftKind } from "../drift-kind.ts";
import { SERVICE_TOOLS } from "./harmless-tools.ts";
import type { CommandEffect, CommandReading, Touch } from "./reading.ts";

export type Possibility = "yes" | "perhaps" | "no";

/** "Yes" when it could have made all of `drift`, "perhaps" when some of it, or when that cannot be told. */
export function couldHaveDone(reading: CommandReading, drift: readonly DriftedPath[]): Possibility {
  if (reading.harmless) return "no";
  let best = NO;
  let worst = YES;
  for (const item of drift) {
    const one = strengthFor(reading, item);
    best = Math.max(best, one);
    worst = Math.min(worst, one);
    if (best === YES && worst === NO) break;
  }
  if (best === NO) return "no";
  return best === YES && worst === YES ? "yes" : "perhaps";
}

const NO = 0;
const PERHAPS = 1;
const YES = 2;

function strengthFor(reading: CommandReading, item: DriftedPath): number {
  if (item.kind === "service-failed") return SERVICE_TOOLS.has(reading.tool) || !reading.understood ? PERHAPS : NO;
  let best = reading.understood ? NO : PERHAPS;
  for (const touch of reading.touches) {
    const reached = Math.min(reaches(touch, item.path), touch.doubtful ? PERHAPS : YES);
    if (reached === NO) continue;
    for (const effect of touch.effects) best = Math.max(best, Math.min(reached, explains(effect, item.kind)));
    if (best === YES) break;
  }
  return best;
}

/** What each effect makes of a file. Going back to an older version can look like each of the others: that version may be empty. */
const EXPLAINS: Readonly<Record<CommandEffect, Partial<Record<DriftKind, number>>>> = {
  delete: { deleted: YES, "type-changed": PERHAPS, unreadable: PERHAPS },
  "older-content": { reverted: YES, modified: YES, truncated: YES, emptied: PERHAPS, "mode-changed": PERHAPS },
  "other-content": { modified: YES, truncated: YES, emptied: PERHAPS, reverted: PERHAPS, "mode-changed": PERHAPS },
  empty: { emptied: YES, truncated: YES, modified: PERHAPS, reverted: PERHAPS },
  mode: { "mode-changed": YES, unreadable: YES },
  type: { "type-changed": YES, unreadable: PERHAPS },
};

function explains(effect: CommandEffect, kind: DriftKind): number {
  return EXPLAINS[effect][kind] ?? NO;
}

function reaches(touch: Touch, path: string): number {
  if (touch.path === null) return reachesByName(touch, path);
  switch (touch.reach) {
    case "path":
      return path === touch.path ? YES : NO;
    case "below":
      return isAtOrBelow(path, touch.path) ? YES : NO;
    case "pattern":
      return reachesByPattern(touch.written, touch.path, path);
    case "work-tree":
      return isAtOrBelow(path, touch.path) ? YES : PERHAPS;
  }
}

/** The folder is not known: a relative name can still speak against it. */
function reachesByName({ written, reach }: Touch, path: string): number {
  const plain = written.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
  if (reach === "work-tree" || plain === "." || plain === "" || !isPlainName(plain)) return PERHAPS;
  const found = `${path}/`.includes(`/${plain}/`);
  if (!found) return NO;
  return reach === "below" || path.endsWith(`/${plain}`) ? PERHAPS : NO;
}

function isPlainName(text: string): boolean {
  return !/[\0~*?[]/.test(text) && !text.startsWith("/") && !text.split("/").includes("..");
}

/** A shell's `*` stops at a slash, git's does not; a pattern that takes a folder takes what is in it. */
function reachesByPattern(written: string, folder: string, path: string): number {
  if (!isAtOrBelow(path, folder)) return NO;
  const pattern = written.slice(written.lastIndexOf("/", written.search(/[*?[]/)) + 1);
  const rest = path.slice(folder === "/" ? 1 : folder.length + 1);
  const segments = rest.split("/");
  for (let count = 1; count <= segments.length; count += 1) {
    if (matchesWildcards(pattern.replace(/\/+$/, ""), segments.slice(0, count).join("/"))) return YES;
  }
  return NO;
}

/** `*` takes anything, `?` and `[…]` take one character. Linear but for the last star: no pattern makes it slow. */
function matchesWildcards(pattern: string, text: string): boolean {
  const parts = pattern.replace(/\[[^\]]*\]/g, "?");
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let index = 0; index < text.length; ) {
    if (at < parts.length && (parts[at] === "?" || parts[at] === text[index]) && parts[at] !== "*") {
      at += 1;
      index += 1;
    } else if (parts[at] === "*") {
      star = at++;
      starAt = index;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starAt;
    } else return false;
  }
  while (parts[at] === "*") at += 1;
  return at === parts.length;
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}
