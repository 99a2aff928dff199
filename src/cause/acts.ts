/**
 * Several witnesses may have seen one act: a hook, git's trace, the process table and the reflog one `git reset`; a script and the
 * commands that it ran. They are joined here, so that one act is not taken for two.
 */

import { readCommand } from "./command/read-command.ts";
import type { CommandReading } from "./command/reading.ts";
import type { Witness, WitnessedParent, WitnessSource } from "./witnesses/witness.ts";

/** Everything that was seen of one act; the surest witness first. */
export interface Act {
  readonly witnesses: readonly [Witness, ...Witness[]];
  /** The script that it was a part of, where one is known. */
  readonly script: WitnessedParent | null;
}

const SUREST_FIRST: readonly WitnessSource[] = ["hook", "trace", "process", "reflog"];
/** Two clocks and the kernel's ticks: starts of one process may differ by this much. */
const SAME_START_MS = 2_000;
const SLACK_MS = 100;

export function joinActs(witnesses: readonly Witness[]): Act[] {
  const sorted = [...witnesses].sort((a, b) => SUREST_FIRST.indexOf(a.source) - SUREST_FIRST.indexOf(b.source));
  const acts: { witnesses: [Witness, ...Witness[]]; script: WitnessedParent | null }[] = [];
  for (const witness of sorted) {
    const script = scriptAround(witness);
    const same = acts.filter(
      (act) => act.witnesses.some((other) => isSameAct(other, witness)) || sameScript(act.script, script),
    );
    const [first, ...rest] = same;
    if (first === undefined) {
      acts.push({ witnesses: [witness], script });
      continue;
    }
    first.witnesses.push(witness);
    first.script ??= script;
    // It may be what holds two acts together: the script that ran both.
    for (const act of rest) {
      first.witnesses.push(...act.witnesses);
      first.script ??= act.script;
      acts.splice(acts.indexOf(act), 1);
    }
  }
  return acts;
}

/** `a` is at least as sure as `b`. */
export function isSameAct(a: Witness, b: Witness): boolean {
  if (a.pid !== null && a.pid === b.pid) return Math.abs(a.startedMs - b.startedMs) <= SAME_START_MS;
  if (isParentOf(a, b) || isParentOf(b, a)) return true;
  if (b.source === "reflog") return a.source !== "reflog" && overlaps(a, b) && sharesGitVerb(a.reading, b.reading);
  if (a.source === "hook") return within(b, a) && (!a.reading.understood || sharesCommand(a.reading, b.reading));
  return a.source === "trace" && runsCommands(b.reading) && within(a, b) && namesParent(a, b);
}

function isParentOf(parent: Witness, child: Witness): boolean {
  if (
    parent.pid === null ||
    parent.reading.harmless ||
    !child.parents.some(({ pid, isOutside }) => pid === parent.pid && !isOutside)
  )
    return false;
  return parent.reading.parts.length > 0 || containsWork(parent.reading, parent.startedMs, child.startedMs);
}

/** An agent or a server may run for days, and be a script itself: what it starts is not its doing alone. */
const SAME_WORK_MS = 60_000;
const BUILD_TOOL = /^(?:make|npm|pnpm|yarn|npx|just|task)$/;

/** A shell's script is part of what its commands do, however long it runs (a poller); anything else only when it began just before. */
function containsWork({ tool, script }: CommandReading, startedMs: number | null, childStartedMs: number): boolean {
  if (script !== null && isShell(tool)) return true;
  const isRecent = startedMs !== null && childStartedMs - startedMs <= SAME_WORK_MS;
  // `node tools/undo.js`, but not `node /usr/lib/agent/cli.js`: programs are started by their full path.
  const isLocal = script !== null && !script.written.startsWith("/");
  return isRecent && (isLocal || BUILD_TOOL.test(tool));
}

function isShell(tool: string): boolean {
  return /^(?:ba|z|da|k|a|mk|fi)?sh$/.test(tool);
}

function runsCommands({ script, parts }: CommandReading): boolean {
  return script !== null || parts.length > 0;
}

/** A trace knows its parents by their short names only. */
function namesParent({ parents }: Witness, script: Witness): boolean {
  const name = (script.argv[0] ?? "").replace(/^.*\//, "").slice(0, 15);
  return parents.some((parent) => parent.name === name);
}

function overlaps(a: Witness, b: Witness): boolean {
  return a.startedMs <= endOf(b) + SLACK_MS && b.startedMs <= endOf(a) + SLACK_MS;
}

function within(inner: Witness, outer: Witness): boolean {
  return inner.startedMs >= outer.startedMs - SLACK_MS && inner.startedMs <= endOf(outer) + SLACK_MS;
}

function endOf({ endedMs, seenMs }: Witness): number {
  return endedMs ?? seenMs;
}

function sharesCommand(a: CommandReading, b: CommandReading): boolean {
  const names = new Set(all(b).map(({ tool, verb }) => `${tool} ${verb}`));
  return all(a).some(({ tool, verb }) => names.has(`${tool} ${verb}`));
}

/** `stash` resets, `pull` merges or rebases: the reflog may name the inner one. */
function sharesGitVerb(a: CommandReading, b: CommandReading): boolean {
  const firstWords = (reading: CommandReading) =>
    all(reading).flatMap(({ tool, verb }) => (tool === "git" ? [(verb ?? "").split(" ")[0]!] : []));
  const seen = firstWords(a);
  return firstWords(b).some((verb) => seen.some((word) => word === verb || (SAME_RECORD[word] ?? []).includes(verb)));
}

const SAME_RECORD: Readonly<Record<string, readonly string[]>> = {
  checkout: ["switch"],
  switch: ["checkout"],
  stash: ["reset"],
  bisect: ["switch"],
  pull: ["merge", "rebase", "switch"],
  rebase: ["switch", "reset"],
  worktree: ["switch", "reset"],
  am: ["commit"],
};

function all(reading: CommandReading): CommandReading[] {
  return [reading, ...reading.parts.flatMap(all)];
}

/** The nearest parent that runs a script, with nothing but shells in between. */
function scriptAround({ parents, reading, pid, argv, startedMs }: Witness): WitnessedParent | null {
  if (reading.script !== null && isShell(reading.tool)) return { pid, name: reading.tool, argv, startedMs };
  for (const parent of parents) {
    if (parent.argv.length === 0 || parent.isOutside) return null;
    const outer = readCommand(parent.argv, { cwd: null, workTree: null });
    if (containsWork(outer, parent.startedMs, startedMs)) return parent;
    if (!isShell(outer.tool)) return null;
  }
  return null;
}

function sameScript(a: WitnessedParent | null, b: WitnessedParent | null): boolean {
  return a !== null && b !== null && a.pid !== null && a.pid === b.pid;
}
