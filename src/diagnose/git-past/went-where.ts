/** Where a path went: the renames that a commit shows, followed to what is there today. */

import type { CommitFiles } from "./commit-files.ts";
import { filesOf } from "./commit-files.ts";
import { historyOf, stepsTo } from "./history.ts";
import type { Touch } from "./read-log.ts";
import { pathspecOf, type Repository } from "./repository.ts";

export interface Went {
  /** Today's name; `null`: it was renamed, and then deleted. */
  readonly to: string | null;
  /** The names on the way. */
  readonly by: readonly string[];
  /** Of the first rename, 0 to 100. */
  readonly likeness: number;
  /** The commit that took it for good, where one did. */
  readonly lostBy: Touch | null;
}

const HOPS_MAX = 10;

/** `null` where the commit shows no rename of `path`. */
export async function wentWhere(repository: Repository, path: string, files: CommitFiles): Promise<Went | null> {
  const first = renameOf(path, files);
  if (first === null) return null;
  const by: string[] = [];
  let name = first.to;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    by.push(name);
    const history = historyOf(await repository.touches(["HEAD"], [pathspecOf({ path: name, isGlob: false })]));
    const [last] = stepsTo(history, name);
    if (last === undefined || last.to !== null) return { to: name, by, likeness: first.likeness, lostBy: null };
    const next = renameOf(name, await filesOf(repository, last.touch, name));
    if (next === null || by.includes(next.to)) return { to: null, by, likeness: first.likeness, lostBy: last.touch };
    name = next.to;
  }
  return { to: name, by, likeness: first.likeness, lostBy: null };
}

function renameOf(path: string, { files }: CommitFiles): { to: string; likeness: number } | null {
  const found = files.find((file) => file.letter === "R" && file.path === path);
  return found?.newPath == null ? null : { to: found.newPath, likeness: found.likeness };
}
