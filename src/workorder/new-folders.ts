/**
 * Folders that a change set makes where nothing stood: each is built whole under a temporary name, made durable, and then renamed into
 * place, one step for all that is in it.
 *
 * Only where nothing stands is anything renamed in. Where somebody made a folder of that name meanwhile, its content goes in path by
 * path, from where it was staged. (An empty one that appears between the last look and the rename is replaced: it held nothing.)
 * Crash: the whole folder is there under the one name or the other; both come from the plan.
 */

import type { Change, ChangeSet, TargetPath } from "./change-set.ts";

export interface NewFolder {
  /** Of the change that makes it. */
  readonly index: number;
  readonly path: TargetPath;
  /** The changes in it, itself included: parents before what is in them. */
  readonly members: readonly number[];
}

/** The outermost new folders of a set. */
export function newFoldersOf(set: ChangeSet): readonly NewFolder[] {
  return [...foldersOf(set).byPath.values()];
}

/** The new folder that a change comes with; `null`: it comes by itself. */
export function newFolderOf(set: ChangeSet, index: number): NewFolder | null {
  return foldersOf(set).byMember.get(index) ?? null;
}

interface Folders {
  readonly byPath: ReadonlyMap<TargetPath, NewFolder>;
  readonly byMember: ReadonlyMap<number, NewFolder>;
}

const known = new WeakMap<ChangeSet, Folders>();

function foldersOf(set: ChangeSet): Folders {
  let folders = known.get(set);
  if (folders === undefined) {
    folders = findFolders(set.changes);
    known.set(set, folders);
  }
  return folders;
}

function findFolders(changes: readonly Change[]): Folders {
  const made = new Map<TargetPath, number>();
  changes.forEach((change, index) => void (isNewFolder(change) && made.set(change.path, index)));
  const byPath = new Map<TargetPath, NewFolder & { members: number[] }>();
  const byMember = new Map<number, NewFolder>();
  if (made.size === 0) return { byPath, byMember };
  const unfit = new Set<TargetPath>();
  const ascending = changes.map(({ path }, index) => ({ path, index })).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, index } of ascending) {
    const top = outermost(path, made);
    if (top === null) continue;
    if (changes[index]!.before.kind !== "absent" || Buffer.byteLength(path) > PATH_BYTES_MAX) unfit.add(top);
    const folder = byPath.get(top) ?? { index: made.get(top)!, path: top, members: [] };
    folder.members.push(index);
    byPath.set(top, folder);
    byMember.set(index, folder);
  }
  for (const top of unfit) {
    for (const member of byPath.get(top)!.members) byMember.delete(member);
    byPath.delete(top);
  }
  return { byPath, byMember };
}

function isNewFolder({ before, after }: Change): boolean {
  return before.kind === "absent" && after.kind === "dir";
}

function outermost(path: TargetPath, made: ReadonlyMap<TargetPath, number>): TargetPath | null {
  for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) {
    const folder = path.slice(0, at);
    if (made.has(folder)) return folder;
  }
  return made.has(path) ? path : null;
}

/** Leaves room for the temporary name, which may be longer than the folder's own. */
const PATH_BYTES_MAX = 3_800;
