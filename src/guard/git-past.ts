/**
 * Whether git knew a content before it knew what was there: a checkout may bring back what the vault never saw.
 *
 * Asked is the line of commits that HEAD is on, and not every branch: what a merge or a fast-forward brings was in git before too, and
 * goes on all the same. Only where git itself threw the newer content away (a reset, a checkout) does every branch count.
 */

import { type Entry, LIMITS, type Ports, type TreePath } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";
import type { Vault } from "../vault/index.ts";
import { batches, blobId, literally } from "./git-answers.ts";

/** One time that a path got a content, newest first. `blob` is `null` where it was removed. */
export interface Change {
  readonly commit: string;
  readonly atMs: number;
  readonly blob: string | null;
}

export interface PastQuestion {
  readonly path: TreePath;
  readonly present: Entry;
  readonly goal: Entry;
  /** When `goal` was first seen here. */
  readonly goalSeenMs: number;
}

/**
 * A commit of `line` that brought `present`, when that was before `goal`; else `null`. A goal that no commit holds is work on top of
 * them: then time decides, unless it is known that git `discarded` it. Pure.
 */
export function olderCommit(
  line: readonly Change[],
  {
    present,
    goal,
    goalSeenMs,
    discarded,
  }: { present: string; goal: string | null; goalSeenMs: number; discarded: boolean },
): string | null {
  let oldest = -1;
  line.forEach(({ blob }, index) => {
    if (blob === present) oldest = index;
  });
  if (oldest < 0) return null;
  const { commit, atMs } = line[oldest]!;
  const newestGoal = goal === null ? -1 : line.findIndex(({ blob }) => blob === goal);
  if (newestGoal >= 0) return oldest > newestGoal ? commit : null;
  return discarded || atMs < goalSeenMs ? commit : null;
}

/** Path → the older commit. Unanswered in time is "not known": then content counts as new, and is never undone. */
export async function olderInGit(
  questions: readonly PastQuestion[],
  discarded: boolean,
  { tree, vault, ports }: { tree: Tree; vault: Vault; ports: Pick<Ports, "git" | "log" | "clock"> },
): Promise<Map<string, string>> {
  const older = new Map<string, string>();
  if (tree.git === null || questions.length === 0 || questions.length > LIMITS.gitPastPathsMax) return older;
  const lines = await linesOf(
    questions.map(({ path }) => path),
    discarded,
    { tree, ports },
  );
  for (const { path, present, goal, goalSeenMs } of questions) {
    const line = lines.get(path);
    if (line === undefined) continue;
    const length = line[0]!.commit.length;
    const blob = blobId(vault, present, length);
    if (blob === null) continue;
    const commit = olderCommit(line, {
      present: blob,
      goal: blobId(vault, goal, length),
      goalSeenMs,
      discarded,
    });
    if (commit !== null) older.set(path, commit);
  }
  return older;
}

async function linesOf(
  paths: readonly TreePath[],
  everyBranch: boolean,
  { tree, ports }: { tree: Tree; ports: Pick<Ports, "git" | "log" | "clock"> },
): Promise<Map<string, Change[]>> {
  const lines = new Map<string, Change[]>();
  const untilMs = ports.clock.monotonicMs() + LIMITS.gitPastMs;
  const start = everyBranch ? "--all" : "HEAD";
  for (const batch of batches(paths)) {
    const timeoutMs = Math.ceil(untilMs - ports.clock.monotonicMs());
    if (timeoutMs <= 0) return lines;
    const format = ["--raw", "--no-abbrev", "--no-renames", "--relative", "-z", "--format=%x01%H %ct"];
    try {
      const told = await ports.git.run(tree.root, ["log", ...format, start, "--", ...literally(batch)], { timeoutMs });
      readLog(told.toString("utf8"), lines);
    } catch (error) {
      ports.log.info("git's past of drifted paths is not known", { why: (error as Error).message });
    }
  }
  return lines;
}

/** `\1<commit> <seconds>\0\n` and then, for each path, `:modes old new letter\0path\0`. */
export function readLog(text: string, lines: Map<string, Change[]>): void {
  for (const part of text.split("\u0001").slice(1)) {
    const [head, ...rest] = part.split("\0");
    const [commit, seconds] = head!.trim().split(" ") as [string, string];
    for (let index = 0; index + 1 < rest.length; index += 2) {
      const [, mode, , blob] = rest[index]!.trim().split(" ");
      const path = rest[index + 1]!;
      if (mode === undefined || blob === undefined) continue;
      const change = { commit, atMs: Number(seconds) * 1_000, blob: mode === "000000" ? null : blob };
      lines.set(path, [...(lines.get(path) ?? []), change]);
    }
  }
}
