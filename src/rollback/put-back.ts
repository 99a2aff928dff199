/**
 * Decides, path by path, what a run's end puts back: pure.
 *
 * Whatever is a loss to anybody (gone, emptied, cut off, another kind, an older version, a lost mode) comes back. New content stays, unless the
 * command is one that goes back. What somebody accepted meanwhile, and what another branch rightly has, is left alone.
 */

import { type Entry, sameEntry, type TreePath } from "../base/index.ts";
import type { Protected } from "./protection.ts";
import type { Difference, PathChange } from "./world.ts";

/** A protected path that changed during the run. */
export interface Suspect extends PathChange, Protected {
  /** The run can have brought this content by going back. */
  readonly isBroughtBack: boolean;
  /** An order, or somebody by hand, said meanwhile that it should be as it is. */
  readonly isVouchedFor: boolean;
  /** Something was accepted there. */
  readonly hasBaseline: boolean;
  readonly isElsewhere: boolean;
  /** As the guard sees it; empty where it need not be asked. */
  readonly differences: readonly Difference[];
}

export type Outcome =
  | { readonly kind: "put-back"; readonly goal: Entry; readonly why: string }
  /** What only grows: lost lines come back, new ones stay. */
  | { readonly kind: "join"; readonly why: string }
  | { readonly kind: "leave"; readonly why: string };

export function outcomeOf(suspect: Suspect): Outcome {
  const { before, after, isBroughtBack, differences } = suspect;
  if (suspect.isVouchedFor) return leave("accepted meanwhile");
  if (suspect.isElsewhere && !suspect.always) return leave("another branch has it like this");
  // What should be there and was missing is back.
  if (before.kind === "absent" && suspect.hasBaseline) return leave("it is back");
  if (before.kind === "absent")
    return isBroughtBack && !suspect.loose ? putBack(before, "added by going back") : leave("new: going on");
  if (after.kind === "absent") return putBack(before, "deleted");
  if (after.kind !== before.kind) return putBack(before, "of another kind");
  if (suspect.loose) return leave("it comes and goes");
  if (suspect.appendOnly && before.kind === "file") return { kind: "join", why: "lost lines" };
  if (isBroughtBack) return putBack(before, "changed by going back");
  const loss = differences.find(({ change }) => change !== "new" && change !== "mode");
  if (loss !== undefined) return putBack(before, loss.change);
  const mode = differences.find(({ change }) => change === "mode");
  return mode === undefined ? leave("new content: going on") : putBack(mode.goal, "mode");
}

/** Without evidence it can be told already; the guard's questions cost processes. */
export function needsDifferences({ before, after, ...suspect }: Omit<Suspect, "differences" | "isElsewhere">): boolean {
  const isPlain = before.kind === "absent" || after.kind !== before.kind;
  return !isPlain && !suspect.isVouchedFor && !suspect.isBroughtBack && !suspect.appendOnly && !suspect.loose;
}

/** Folders that were there, on the way to what comes back, and what lies in the place of a file that comes back. */
export function withSurroundings(
  goals: ReadonlyMap<TreePath, Entry>,
  {
    presentAt,
    folderAt,
    presentBelow,
    folderBefore,
    foldersAbove,
  }: {
    presentAt(path: TreePath): Entry;
    /** Of the disk: folders on the way may lie outside of what was looked at. */
    folderAt(path: TreePath): Entry;
    presentBelow(path: TreePath): Iterable<TreePath>;
    folderBefore(path: TreePath): Entry;
    foldersAbove(path: TreePath): Iterable<TreePath>;
  },
): PathChange[] {
  const wanted = new Map(goals);
  const ways = new Map<TreePath, Entry>();
  for (const [path, goal] of goals) {
    if (goal.kind !== "dir" && presentAt(path).kind === "dir")
      for (const below of presentBelow(path)) if (!wanted.has(below)) wanted.set(below, { kind: "absent" });
    if (goal.kind === "absent") continue;
    for (const folder of foldersAbove(path)) {
      if (wanted.has(folder) || ways.has(folder)) continue;
      const present = folderAt(folder);
      ways.set(folder, present);
      if (present.kind !== "dir") wanted.set(folder, folderBefore(folder));
    }
  }
  return [...wanted]
    .map(([path, after]) => ({ path, before: ways.get(path) ?? presentAt(path), after }))
    .filter(({ before, after }) => !sameEntry(before, after))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function putBack(goal: Entry, why: string): Outcome {
  return { kind: "put-back", goal, why };
}

function leave(why: string): Outcome {
  return { kind: "leave", why };
}
