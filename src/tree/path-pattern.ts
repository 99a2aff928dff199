/**
 * The patterns of components: a tree path, or a glob over tree paths, each with everything below what it names.
 *
 * `*` and `?` stay within a segment, `**` spans segments, names that begin with a dot count like any other. A name that holds a
 * glob character is written with a backslash before it.
 */

import picomatch from "picomatch";
import { HoldfastError, type TreePath } from "../base/index.ts";
import { parseTreePath } from "./path.ts";

const PATTERN_BYTES_MAX = 4_096;
const WILDCARDS_MAX = 32;
const OPTIONS = { dot: true, nonegate: true, noextglob: true } as const;

/** True for a path that the pattern names, and for everything below it. */
export function patternMatcher(pattern: string): (path: TreePath) => boolean {
  const literal = literalPath(pattern);
  if (literal !== null) return (path) => path === literal || path.startsWith(`${literal}/`);
  const matches = picomatch([pattern, `${pattern}/**`], OPTIONS);
  return (path) => matches(path);
}

/** The pattern that names exactly `path`: `app/[id]` → `app/\\[id\\]`. */
export function patternOf(path: TreePath): string {
  return path.replace(/[\\*?{}[\]!]/g, "\\$&");
}

/** The one path that a pattern names, or `null` for a glob. */
export function literalPath(pattern: string): TreePath | null {
  return isGlob(pattern) ? null : (unescaped(pattern) as TreePath);
}

export function isGlob(pattern: string): boolean {
  return /[*?{[]/.test(pattern.replace(/\\./gs, ""));
}

/** What is wrong with a pattern, or `null`. */
export function patternProblem(pattern: string): string | null {
  if (/^[*/?]+$/.test(pattern)) return "would take the whole tree";
  if (pattern.startsWith("!")) return "is a negation; name what is meant";
  if (Buffer.byteLength(pattern) > PATTERN_BYTES_MAX) return `is longer than ${PATTERN_BYTES_MAX} bytes`;
  if (!isGlob(pattern)) return literalProblem(unescaped(pattern));
  if ((pattern.match(/[*?{[]/g) ?? []).length > WILDCARDS_MAX) return `has more than ${WILDCARDS_MAX} wildcards`;
  return null;
}

/** Without its backslashes a pattern may name what it did not seem to: `\.git`. */
function literalProblem(path: string): string | null {
  try {
    return parseTreePath(path) === path ? null : "is not written as a plain path";
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return `cannot be used: ${error.message}`;
  }
}

/**
 * True unless it is plain that no path can belong to both. Two wildcards in one segment are taken to meet unless their fixed
 * beginnings or ends differ (`*.ts`, `*.zsh`): a component's baseline must never depend on luck.
 */
export function mayOverlap(a: string, b: string): boolean {
  // Nearly all pairs of a configuration part here, and there are as many as the square of its paths.
  const [firstA, firstB] = [firstSegment(a), firstSegment(b)];
  if (firstA !== firstB && /^[\w.-]+$/.test(firstA) && /^[\w.-]+$/.test(firstB)) return false;
  return segmentsMeet([...splitPattern(a), "**"], [...splitPattern(b), "**"]);
}

/** Walks both patterns side by side; each pair of places is looked at once, so that many `**` cost a product and not a power. */
function segmentsMeet(a: readonly string[], b: readonly string[]): boolean {
  const seen = new Set<number>();
  const places: [number, number][] = [[0, 0]];
  for (let next = places.pop(); next !== undefined; next = places.pop()) {
    const [i, j] = next;
    if (i === a.length && j === b.length) return true;
    const place = i * (b.length + 1) + j;
    if (seen.has(place)) continue;
    seen.add(place);
    if (a[i] === "**") places.push([i + 1, j]);
    if (b[j] === "**") places.push([i, j + 1]);
    if (i === a.length || j === b.length) continue;
    if (a[i] === "**") places.push([i, j + 1]);
    else if (b[j] === "**") places.push([i + 1, j]);
    else if (segmentMeets(a[i]!, b[j]!)) places.push([i + 1, j + 1]);
  }
  return false;
}

function segmentMeets(a: string, b: string): boolean {
  if (!isGlob(a) && !isGlob(b)) return unescaped(a) === unescaped(b);
  if (!isGlob(a)) return picomatch.isMatch(unescaped(a), b, OPTIONS);
  if (!isGlob(b)) return picomatch.isMatch(unescaped(b), a, OPTIONS);
  const [beginA, endA] = fixedEnds(a);
  const [beginB, endB] = fixedEnds(b);
  return (beginA.startsWith(beginB) || beginB.startsWith(beginA)) && (endA.endsWith(endB) || endB.endsWith(endA));
}

function firstSegment(pattern: string): string {
  const slash = pattern.indexOf("/");
  return slash === -1 ? pattern : pattern.slice(0, slash);
}

function fixedEnds(segment: string): [string, string] {
  const plain = segment.includes("\\") ? "*" : segment;
  return [/^[^*?{[]*/.exec(plain)![0], /[^*?}\]]*$/.exec(plain)![0]];
}

/** A brace that spans segments (`{a/b,c}`) is not taken apart: from there on everything is possible. */
function splitPattern(pattern: string): string[] {
  const brace = pattern.search(/\{[^}]*\//);
  if (brace === -1) return pattern.split("/");
  return [...pattern.slice(0, brace).split("/").slice(0, -1), "**"];
}

function unescaped(pattern: string): string {
  return pattern.replace(/\\(.)/gs, "$1");
}
