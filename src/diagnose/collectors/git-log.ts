/** Git's history of the subject: HEAD's line, every other ref, the index. */

import { type History, historyOf } from "../git-past/history.ts";
import type { GitKind, Touch } from "../git-past/read-log.ts";
import { type IndexEntry, pathspecOf, type Repository, readIndex } from "../git-past/repository.ts";
import type { Subject } from "../subject.ts";

export type { GitKind };

export interface GitLog {
  readonly repository: Repository;
  /** Of HEAD. */
  readonly history: History;
  readonly index: ReadonlyMap<string, IndexEntry>;
}

export async function readGitLog(
  repository: Repository,
  subject: Subject,
): Promise<{ found: GitLog; note: string | null }> {
  const pathspecs = subject.parts.map(pathspecOf);
  const [touches, index] = await Promise.all([
    repository.head.commit === null ? [] : repository.touches(["HEAD"], pathspecs),
    readIndex(repository, pathspecs),
  ]);
  return { found: { repository, history: historyOf(touches), index }, note: cutShort(repository) };
}

function cutShort({ isShallow, isPartial }: Repository): string | null {
  if (isShallow) return "the clone is shallow: what came before is not known";
  return isPartial ? "the clone is partial, and nothing is fetched" : null;
}

export interface OtherRefs {
  /** Commits that touched it and that HEAD does not have, newest first. */
  readonly touches: readonly Touch[];
}

export async function readOtherRefs(
  repository: Repository,
  subject: Subject,
): Promise<{ found: OtherRefs; note: string | null }> {
  const except = repository.head.commit === null ? [] : ["--not", "HEAD"];
  const revisions = ["--exclude=refs/stash", "--all", ...except];
  const touches = await repository.touches(revisions, subject.parts.map(pathspecOf));
  return { found: { touches }, note: null };
}
