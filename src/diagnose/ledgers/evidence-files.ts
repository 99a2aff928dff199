/** Finds the files that may hold evidence, below a folder: never through a link, never more than a bounded number of names. */

import { join } from "node:path";
import type { TreePath } from "../../base/index.ts";
import { isSystemError, LIMITS, type Ports } from "../../base/index.ts";
import { isGlob, patternMatcher } from "../../tree/index.ts";
import type { TimeLeft } from "../collectors/looked.ts";

export interface FoundFiles {
  /** Relative to the root, the newest first. */
  readonly files: readonly { readonly path: string; readonly changedMs: number }[];
  /** Not everything was looked through. */
  readonly isCut: boolean;
}

/** `patterns`: as in `holdfast.yaml`; absolute ones name files outside the tree. */
export function findEvidence(
  root: string,
  patterns: readonly string[],
  { disk }: Pick<Ports, "disk">,
  time?: TimeLeft,
): FoundFiles {
  const files = new Map<string, number>();
  let budget: number = LIMITS.evidenceNamesMax;
  const note = (path: string) => {
    const stat = disk.lstat(path.startsWith("/") ? path : join(root, path));
    if (stat?.kind === "file") files.set(path, stat.mtimeMs);
  };
  const walk = (folder: string, depth: number, matches: (path: string) => boolean): void => {
    if (time?.isOver() === true) budget = -1;
    for (const { name, kind } of namesIn(folder.startsWith("/") ? folder : join(root, folder), disk)) {
      budget -= 1;
      if (budget < 0) return;
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind === "dir") {
        if (depth > 1 && !SKIPPED.has(name)) walk(path, depth - 1, matches);
      } else if (kind === "file" && matches(path)) note(path);
    }
  };
  for (const pattern of patterns) {
    if (!isGlob(pattern)) note(pattern);
    else walk(fixedFolder(pattern), depthOf(pattern), matcherOf(pattern));
  }
  return {
    files: [...files].map(([path, changedMs]) => ({ path, changedMs })).sort((a, b) => b.changedMs - a.changedMs),
    isCut: budget < 0,
  };
}

const SKIPPED = new Set([".git", "node_modules", ".venv", "dist", "build", "target", ".next"]);

/** `logs/*.log` → `logs`. */
function fixedFolder(pattern: string): string {
  const segments = pattern.split("/");
  const fixed = segments.slice(
    0,
    segments.findIndex((segment) => isGlob(segment)),
  );
  return fixed.join("/");
}

/** How far below its fixed folder a pattern reaches. */
function depthOf(pattern: string): number {
  if (pattern.includes("**") || /\{[^}]*\//.test(pattern)) return Number.POSITIVE_INFINITY;
  const segments = pattern.split("/");
  return segments.length - segments.findIndex((segment) => isGlob(segment));
}

function matcherOf(pattern: string): (path: string) => boolean {
  const matches = patternMatcher(pattern);
  return (path) => matches(path as TreePath);
}

function namesIn(folder: string, disk: Ports["disk"]): readonly { name: string; kind: string }[] {
  try {
    return disk.list(folder).names;
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
