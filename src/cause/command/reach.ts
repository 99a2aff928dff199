/** Whether what a command can touch takes in a path: by words alone, so "no" is a proof and "perhaps" is all that is left without a folder. */

import type { Touch } from "./reading.ts";

export const NO = 0;
export const PERHAPS = 1;
export const YES = 2;
export type Reach = typeof NO | typeof PERHAPS | typeof YES;

/** `path` is absolute. */
export function reachOf(touch: Touch, path: string): Reach {
  const reached = reaches(touch, path);
  return reached === YES && touch.doubtful ? PERHAPS : reached;
}

function reaches(touch: Touch, path: string): Reach {
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
function reachesByName({ written, reach }: Touch, path: string): Reach {
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
function reachesByPattern(written: string, folder: string, path: string): Reach {
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
