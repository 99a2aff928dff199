/** The last good state of a line: content that was new when it came, and no loss. Pure. */

import { type Contents, type Link, type State, sameContents } from "./file-case.ts";

const EMPTY_BLOBS = new Set([
  "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
]);

export function isEmpty({ kind, oid }: State, contents: Contents): boolean {
  return kind === "file" && (EMPTY_BLOBS.has(oid) || contents.sizeOf(oid) === 0);
}

/** True when `line[index]` went back to a content from before another one. */
export function returnsAt(line: readonly Link[], index: number): boolean {
  const { to, from } = line[index]!;
  if (to === null || sameContents(from, to)) return false;
  let between = from !== null;
  for (const { to: earlier } of line.slice(index + 1)) {
    if (earlier === null) continue;
    if (!sameContents(earlier, to)) between = true;
    else if (between) return true;
  }
  return false;
}

/**
 * The newest link before `line[index]` whose state was going on. What went before a deletion is taken as it was: nobody had called it
 * a loss; only what was emptied is passed over.
 */
export function goodBefore(line: readonly Link[], index: number, contents: Contents): Link | null {
  const before = line.slice(index + 1).filter(({ to }) => to !== null);
  const isDeletion = line[index]!.to === null;
  for (const link of before) {
    const place = line.indexOf(link);
    if (isEmpty(link.to!, contents) && before.some(({ to }) => !isEmpty(to!, contents))) continue;
    if (isDeletion || !returnsAt(line, place)) return newestWith(before, link);
  }
  return before[0] ?? null;
}

/** The same content may have come several times: its newest coming, if only its mode moved since, its first. */
function newestWith(before: readonly Link[], link: Link): Link {
  return before.find(({ to }) => sameContents(to, link.to)) ?? link;
}

/** The link since which the content is what it is now. */
export function makerOfContent(line: readonly Link[]): number {
  return line.findIndex(({ from, to }) => !sameContents(from, to));
}
