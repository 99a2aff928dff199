/** One hunk, put into a file's lines. Context must match byte for byte; the place may have moved, and then that is said. */

import { readable } from "./lines.ts";
import { patchFailed } from "./patch-failed.ts";

export interface Hunk {
  /** Counts from 1 in its file's part of the patch, as in messages. */
  number: number;
  /** The line of the patch that it begins in. */
  patchLine: number;
  /** Index of the first old line in the file. */
  start: number;
  /** Lines with their ends. */
  lines: { kind: " " | "-" | "+"; text: string }[];
}

/** How far a file is patched: hunks come in the file's order, so that its lines are gone through once. */
export interface Progress {
  /** Of the file as it was, each with its end. */
  readonly lines: readonly string[];
  /** The first of them that no hunk has passed yet. */
  next: number;
  /** How far below its word the last hunk was found; the next one is looked for there first. */
  shift: number;
  readonly output: string[];
}

/** Moves `progress` on; returns a warning when the hunk was found elsewhere than it said. */
export function applyHunk(
  hunk: Hunk,
  progress: Progress,
  { path, fuzz }: { path: string; fuzz: number },
): string | null {
  for (let level = 0; level <= fuzz; level += 1) {
    const part = trimmed(hunk, level);
    const old = part.lines.filter(({ kind }) => kind !== "+").map(({ text }) => text);
    const expected = part.start + progress.shift;
    const at = locate(progress, old, { expected, ...anchorsOf(hunk) });
    if (at === null) continue;
    const added = part.lines.filter(({ kind }) => kind !== "-").map(({ text }) => text);
    for (const line of progress.lines.slice(progress.next, at)) progress.output.push(line);
    for (const line of added) progress.output.push(line);
    progress.next = at + old.length;
    const moved = at - expected;
    progress.shift += moved;
    if (level > 0) return `${path}: hunk ${hunk.number} fits with ${level} lines of context left out at each end`;
    if (moved === 0) return null;
    return `${path}: hunk ${hunk.number} fits ${Math.abs(moved)} lines ${moved > 0 ? "below" : "above"} where it said`;
  }
  throw misfit(hunk, progress, path);
}

/** The whole file after the last hunk. A line without an end can only be the last one: `WO_PATCH_FAILED`. */
export function finished({ lines, next, output }: Progress, path: string): string {
  const all = [...output, ...lines.slice(next)];
  const open = all.findIndex((line) => !line.endsWith("\n"));
  if (open === -1 || open === all.length - 1) return all.join("");
  throw patchFailed(`${path}: the patch puts lines after line ${open + 1}, which has no newline`, {
    path,
    fileLine: open + 1,
  });
}

/** Without `level` lines of context at each end. */
function trimmed(hunk: Hunk, level: number): { start: number; lines: Hunk["lines"] } {
  const from = Math.min(level, leadingContext(hunk.lines));
  const to = hunk.lines.length - Math.min(level, leadingContext(hunk.lines.toReversed()));
  return { start: hunk.start + from, lines: hunk.lines.slice(from, Math.max(from, to)) };
}

function leadingContext(lines: Hunk["lines"]): number {
  const change = lines.findIndex(({ kind }) => kind !== " ");
  return change === -1 ? lines.length : change;
}

/** As git has it: fewer lines of context on one side than on the other say that the file begins or ends there. */
function anchorsOf({ lines }: Hunk): { start: boolean; end: boolean } {
  const leading = leadingContext(lines);
  const trailing = leadingContext(lines.toReversed());
  return { start: leading < trailing, end: trailing < leading };
}

/** Where it said; else the nearest place that fits, which must not contradict what the context says of the file's ends. */
function locate(
  { lines, next }: Progress,
  old: string[],
  wanted: { expected: number; start: boolean; end: boolean },
): number | null {
  const { expected } = wanted;
  const fits = (at: number) =>
    at >= next && at + old.length <= lines.length && old.every((line, index) => lines[at + index] === line);
  if (fits(expected)) return expected;
  if (old.length === 0) return null;
  const isAllowed = (at: number) =>
    fits(at) && (!wanted.start || at === 0) && (!wanted.end || at + old.length === lines.length);
  for (let distance = 1; distance <= Math.max(expected, lines.length); distance += 1) {
    if (isAllowed(expected - distance)) return expected - distance;
    if (isAllowed(expected + distance)) return expected + distance;
  }
  return null;
}

function misfit(hunk: Hunk, { lines, shift }: Progress, path: string): Error {
  const old = hunk.lines.filter(({ kind }) => kind !== "+").map(({ text }) => text);
  const at = hunk.start + shift;
  const differing = old.findIndex((line, index) => lines[at + index] !== line);
  const fileLine = at + Math.max(0, differing) + 1;
  const found = lines[at + differing];
  const wanted = readable(old[differing] ?? "").trimEnd();
  const shown = found === undefined ? "the end of the file" : JSON.stringify(readable(found).trimEnd());
  return patchFailed(
    `${path}: hunk ${hunk.number} (line ${hunk.patchLine} of the patch) does not fit: line ${fileLine} is ${shown}, not ${JSON.stringify(wanted)}`,
    { path, hunk: hunk.number, line: hunk.patchLine, fileLine },
    lineEndHint(old, lines),
  );
}

function lineEndHint(old: readonly string[], lines: readonly string[]): string | undefined {
  const hasCrlf = (list: readonly string[]) => list.some((line) => line.endsWith("\r\n"));
  if (hasCrlf(lines) && !hasCrlf(old)) return "the file's lines end in CRLF, the patch's in LF";
  if (!hasCrlf(lines) && hasCrlf(old)) return "the file's lines end in LF, the patch's in CRLF";
  const last = lines.at(-1) ?? "";
  if (last !== "" && !last.endsWith("\n") && old.includes(`${last}\n`))
    return "the file's last line has no newline; the patch does not say so";
  return undefined;
}
