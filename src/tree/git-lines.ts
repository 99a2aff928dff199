/**
 * The line of commits that a checkout is on, as seen from single paths: which content each got, and when. What is not answered in time is
 * not known.
 */

import { LIMITS, type Ports, type TreePath } from "../base/index.ts";
import { batches } from "./git-facts.ts";

/** One time that a path got a content, newest first. `blob` is `null` where it was removed. */
export interface LineChange {
  readonly commit: string;
  readonly atMs: number;
  readonly blob: string | null;
}

/** By path, as it is below `root`. `start`: `HEAD`, or `--all` for every branch. */
export async function linesOf(
  root: string,
  paths: readonly TreePath[],
  start: "HEAD" | "--all",
  ports: Pick<Ports, "git" | "log" | "clock">,
): Promise<Map<string, LineChange[]>> {
  const lines = new Map<string, LineChange[]>();
  const untilMs = ports.clock.monotonicMs() + LIMITS.gitPastMs;
  for (const batch of batches(paths)) {
    const timeoutMs = untilMs - ports.clock.monotonicMs();
    if (timeoutMs <= 0) return lines;
    const format = ["--raw", "--no-abbrev", "--no-renames", "--relative", "-z", "--format=%x01%H %ct"];
    // Names are hostile: `:(glob)*` is one.
    const literally = batch.map((path) => `:(literal)${path}`);
    try {
      const told = await ports.git.run(root, ["log", ...format, start, "--", ...literally], { timeoutMs });
      readLog(told.toString("utf8"), lines);
    } catch (error) {
      ports.log.info("git's past of some paths is not known", { root, why: (error as Error).message });
    }
  }
  return lines;
}

/** `\1<commit> <seconds>\0\n` and then, for each path, `:modes old new letter\0path\0`. */
export function readLog(text: string, lines: Map<string, LineChange[]>): void {
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
