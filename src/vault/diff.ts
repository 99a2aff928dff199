/** What differs between two moments, or a moment and the tree as it is. Costs what changed in between, not what there is. */

import { ABSENT, type Entry, sameContent, sameEntry, type TreePath } from "../base/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import type { PathDifference, Snapshot } from "./contract.ts";
import type { Rememberer } from "./remember.ts";
import type { VersionIndex } from "./version-index.ts";

export function diffSnapshots(versions: VersionIndex, from: Snapshot, to: Snapshot): PathDifference[] {
  return versions
    .changesBetween(from.upTo, to.upTo)
    .filter(({ path }) => isInScope(path, from.paths) && isInScope(path, to.paths))
    .map(({ path, before, after }) => difference(path, before, after));
}

export async function diffTree(
  versions: VersionIndex,
  rememberer: Rememberer,
  from: Snapshot,
): Promise<PathDifference[]> {
  const scan = await rememberer.look(from.paths);
  const head = versions.head();
  const seen = new Map(scan.changed.map(({ path, entry }) => [path, entry]));
  for (const path of versions.pathsBetween(from.upTo, head)) {
    if (!seen.has(path) && isInScope(path, from.paths)) seen.set(path, versions.entryAt(path, head) ?? ABSENT);
  }
  return [...seen]
    .map(([path, to]) => ({ path, from: versions.entryAt(path, from.upTo) ?? ABSENT, to }))
    .filter((one) => !sameEntry(one.from, one.to))
    .map((one) => difference(one.path, one.from, one.to))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function isInScope(path: TreePath, paths: readonly TreePath[] | null): boolean {
  return paths === null || paths.some((one) => isAtOrBelow(path, one));
}

function difference(path: TreePath, from: Entry, to: Entry): PathDifference {
  return { path, kind: kindOf(from, to), from, to };
}

function kindOf(from: Entry, to: Entry): PathDifference["kind"] {
  if (from.kind === "absent") return "added";
  if (to.kind === "absent") return "removed";
  if (from.kind !== to.kind) return "type-changed";
  if (!sameContent(from, to)) return "modified";
  return "mode-changed";
}
