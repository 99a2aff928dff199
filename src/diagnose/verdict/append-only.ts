/** Files that only ever grew, and then shrank. Pure. */

import type { Contents, Link } from "./file-case.ts";

const GROWN_BY_NATURE = /\.(jsonl|ndjson|log|ledger|audit|csv|tsv)$|(^|\/)(logs?|ledger|audit|telemetry)\//i;
const CODE = /\.(sh|bash|zsh|py|rb|pl|js|mjs|cjs|ts|tsx|jsx|go|rs|c|h|cc|cpp|java|lua|swift|plist)$/i;
const GROWTHS_MIN = 2;
/** More often than this it is somebody's rotation. */
const SHRINKS_MAX = 2;

export interface Shrink {
  /** Place in the line. */
  readonly index: number;
  /** It has no other way to go on than to grow: an exact return to an older version is a loss of its end. */
  readonly onlyGrows: boolean;
}

/** The newest shrinking of what only grew before, when what was lost never came back; else `null`. */
export function shrinkOf(line: readonly Link[], path: string, contents: Contents): Shrink | null {
  const torn = tornAt(line, contents);
  if (torn !== null) return torn;
  const byNature = GROWN_BY_NATURE.test(path);
  let growths = 0;
  let found: number | null = null;
  let shrinks = 0;
  for (let index = line.length - 1; index >= 0; index -= 1) {
    const { from, to } = line[index]!;
    if (to === null || from === null || from.kind !== "file" || to.kind !== "file" || from.oid === to.oid) continue;
    const relation = relationOf(from.oid, to.oid, contents, byNature);
    if (relation === "grown") growths += 1;
    else if (relation === "shrunk" && growths >= (byNature ? 1 : GROWTHS_MIN)) {
      found = index;
      shrinks += 1;
    } else if (relation !== "shrunk" || found !== null) return null;
  }
  const now = line[0]?.to;
  if (found === null || shrinks > SHRINKS_MAX || now == null) return null;
  const lost = line[found]!.from!;
  if (lost.oid === now.oid || relationOf(lost.oid, now.oid, contents, false) === "grown") return null;
  return { index: found, onlyGrows: byNature || !CODE.test(path) };
}

/** Cut off in the middle of a line. */
function tornAt(line: readonly Link[], contents: Contents): Shrink | null {
  const index = line.findIndex(({ from, to }) => from?.oid !== to?.oid);
  if (index < 0) return null;
  const { from, to } = line[index]!;
  if (from?.kind !== "file" || to?.kind !== "file") return null;
  const [before, after] = [contents.bytesOf(from.oid), contents.bytesOf(to.oid)];
  if (before === null || after === null || after.length === 0 || after.length >= before.length) return null;
  const isTorn = before.at(-1) === 10 && after.at(-1) !== 10 && before[after.length] !== 10;
  return isTorn && before.subarray(0, after.length).equals(after) ? { index, onlyGrows: true } : null;
}

type Relation = "grown" | "shrunk" | "edited";

function relationOf(from: string, to: string, contents: Contents, bySizeAlone: boolean): Relation {
  const [before, after] = [contents.bytesOf(from), contents.bytesOf(to)];
  const [sizeBefore, sizeAfter] = [contents.sizeOf(from), contents.sizeOf(to)];
  if (sizeBefore === null || sizeAfter === null) return "edited";
  if (sizeAfter < sizeBefore) return bySizeAlone || isPieceOf(after, before) ? "shrunk" : "edited";
  if (before === null || after === null) return bySizeAlone ? "grown" : "edited";
  return after.subarray(0, before.length).equals(before) ? "grown" : "edited";
}

/** Its beginning or its end: not another text that happens to be shorter. */
function isPieceOf(after: Buffer | null, before: Buffer | null): boolean {
  if (after === null || before === null) return false;
  return before.subarray(0, after.length).equals(after) || before.subarray(before.length - after.length).equals(after);
}
