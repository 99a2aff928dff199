/**
 * Whether a command would take something away that must stay: the one reason for which a hook denies.
 *
 * Going on is never denied: new content, a switch to another branch, a merge, a pull, a stash that can be taken back. What is not
 * understood passes, remembered; and so does what `holdfast exec` runs, because that puts back what is protected.
 */

import { type CommandEffect, type CommandReading, reachedBy, type Touch } from "../cause/index.ts";

export interface Threat {
  /** Of the paths that were asked about. */
  readonly paths: readonly string[];
  /** `git reset --hard`, `rm`: the commands that would do it. */
  readonly by: readonly string[];
}

/** `paths`: absolute. `null`: none of them is surely at stake. */
export function threatOf(
  reading: CommandReading,
  paths: Iterable<string>,
  workTreeOf: (folder: string) => string | null,
): Threat | null {
  const all = [...paths];
  const reached = new Set<string>();
  const by = new Set<string>();
  for (const part of leavesOf(reading)) {
    const touches = takingAway(part).map((touch) => wholeTree(touch, workTreeOf));
    if (touches.length === 0) continue;
    const { sure } = reachedBy({ touches }, all);
    for (const path of sure) reached.add(path);
    if (sure.length > 0) by.add(part.verb === null ? part.tool : `${part.tool} ${part.verb}`);
  }
  return reached.size === 0 ? null : { paths: [...reached].sort(), by: [...by] };
}

function leavesOf(reading: CommandReading): CommandReading[] {
  if (reading.isGuarded) return [];
  return reading.parts.length === 0 ? [reading] : reading.parts.flatMap(leavesOf);
}

/** What each tool does that cannot be going on. */
const TAKES: Readonly<Record<string, readonly CommandEffect[]>> = {
  rm: ["delete"],
  rmdir: ["delete"],
  unlink: ["delete"],
  trash: ["delete"],
  shred: ["delete", "empty"],
  truncate: ["empty"],
  mv: ["delete"],
  find: ["delete"],
  rsync: ["delete"],
  ln: ["type"],
};

/** Git's verbs that go back, or remove, by a state that was before; without those that leave a commit or a stash. */
const GIT_TAKES: ReadonlySet<string> = new Set([
  "reset --hard",
  "reset --merge",
  "reset --keep",
  "clean",
  "checkout -f",
  "checkout -p",
  "switch --discard-changes",
  "restore",
  "rm",
  "mv",
  "read-tree -u",
  "checkout-index -f",
  "filter-branch",
  "filter-repo",
  "sparse-checkout set",
  "sparse-checkout reapply",
  "worktree remove",
  "worktree move",
]);

function takingAway({ tool, verb, touches }: CommandReading): Touch[] {
  if (tool !== "git") return touches.filter((touch) => hasAny(touch, own(TAKES, tool) ?? []));
  const back = touches.filter((touch) => hasAny(touch, ["delete", "older-content"]));
  if (GIT_TAKES.has(verb ?? "")) return back;
  // With paths it brings those back; to a branch it is how one goes on.
  return verb === "checkout" ? back.filter(({ effects }) => !effects.includes("delete")) : [];
}

function hasAny({ effects }: Touch, wanted: readonly CommandEffect[]): boolean {
  return effects.some((effect) => wanted.includes(effect));
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Git reaches above the folder that it runs in. */
function wholeTree(touch: Touch, workTreeOf: (folder: string) => string | null): Touch {
  if (touch.reach !== "work-tree" || touch.path === null) return touch;
  const root = workTreeOf(touch.path);
  return root === null ? touch : { ...touch, path: root, reach: "below" };
}
