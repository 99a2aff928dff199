/** What the guard asks about who did it, and how it puts a command into the words of the table. */

import type { Cause, CommandReading, DriftedPath, WitnessStand } from "../cause/index.ts";
import type { Doer } from "./decide.ts";

/** One who could have done it. */
export interface Culprit {
  /** A command line, quoted and redacted; or what git's own files tell. */
  readonly what: string;
  /** The same each time, whichever part of it was seen. */
  readonly act: string;
  readonly who: Exclude<Doer["who"], "nobody">;
  readonly actor: string | null;
  readonly pid: number | null;
  readonly session: string | null;
  readonly confidence: number;
  /** `null` where nothing is known but that it was there. */
  readonly reading: CommandReading | null;
}

export interface Found {
  readonly cause: Culprit | null;
  readonly others: readonly Culprit[];
  /** What git recorded meanwhile: a commit may be the second half of what a script did. */
  readonly recordedBy: Culprit | null;
}

export interface CauseFinder {
  /** Synchronously in the first event callback of a burst, in the tree or in a workspace of it. */
  firstSight(root?: string): void;
  /** Absolute paths; times are Unix ms. `trackedOf`: those that git tracked a moment ago, asked only where git may have done it. */
  find(
    drift: readonly DriftedPath[],
    window: { sinceMs: number; untilMs: number; trackedOf?: () => Promise<ReadonlySet<string>> },
  ): Promise<Found>;
}

/** Nobody is ever found: with no witness at hand, as in a command without a daemon. */
export const NO_WITNESS: CauseFinder = {
  firstSight: () => undefined,
  find: async () => ({ cause: null, others: [], recordedBy: null }),
};

export function findByWitnesses(stand: WitnessStand): CauseFinder {
  return {
    firstSight: (root) => stand.glance(root),
    async find(drift, { sinceMs, untilMs, trackedOf }) {
      await stand.gather();
      const window = { fromMs: sinceMs, toMs: untilMs };
      let found = stand.attribute(drift, window);
      if (trackedOf !== undefined && found.cause !== null && dependsOnTracking(found.cause.reading)) {
        const tracked = await trackedOf();
        found = stand.attribute(
          drift.map((one) => ({ ...one, tracked: tracked.has(one.path) })),
          window,
        );
      }
      const { cause, others, recordedBy } = found;
      return {
        cause: cause && culpritOf(cause),
        others: others.map(culpritOf),
        recordedBy: recordedBy && culpritOf(recordedBy),
      };
    },
  };
}

function dependsOnTracking({ touches }: CommandReading): boolean {
  return touches.some(({ only }) => only !== undefined);
}

function culpritOf({ what, act, actor, pid, confidence, source, reading }: Cause): Culprit {
  const who = WHO[actor.kind] ?? (source === "reflog" ? "somebody" : "automatic");
  return { what, act, who, actor: actor.name, pid, session: actor.session ?? null, confidence, reading };
}

/** A process that was seen, with neither a terminal nor an agent's marks, runs by itself. The reflog sees no process. */
const WHO: Partial<Record<Cause["actor"]["kind"], Culprit["who"]>> = {
  human: "human",
  agent: "agent",
  service: "automatic",
};

export const NOBODY: Doer = { who: "nobody", how: "other" };

export function doerOf(culprit: Culprit | null): Doer {
  if (culprit === null) return NOBODY;
  return {
    who: culprit.who,
    how: culprit.reading === null ? "other" : howOf(culprit.reading, culprit.who === "human"),
  };
}

function howOf(reading: CommandReading, isPerson: boolean): Doer["how"] {
  if (reading.recordedByGit) return recordedHow(reading);
  if (!reading.understood) return "other";
  if (isPerson) return reading.inBulk ? "bulk" : "named";
  return touchesByGit(reading) ? "discard" : "files";
}

/** Git brought other content and kept no record of what it replaced: `reset`, `checkout`, `restore`, `stash`. */
export function discards(culprit: Culprit | null): boolean {
  return culprit?.reading != null && !culprit.reading.recordedByGit && touchesByGit(culprit.reading);
}

function recordedHow(reading: CommandReading): Doer["how"] {
  const verbs = gitVerbs(reading);
  if (verbs.some((verb) => INTEGRATING.has(verb))) return "integrate";
  return verbs.includes("revert") ? "revert" : "commit";
}

const INTEGRATING = new Set(["merge", "pull", "rebase"]);

/** `pull --rebase` → `pull`; those inside scripts and wrappers too. */
function gitVerbs({ tool, verb, parts }: CommandReading): string[] {
  return [...(tool === "git" && verb !== null ? [verb.split(" ")[0]!] : []), ...parts.flatMap(gitVerbs)];
}

function touchesByGit({ tool, parts }: CommandReading): boolean {
  return tool === "git" || parts.some(touchesByGit);
}

/** What later drift of the same cause is known by: the command and whose it was, not its pid, which is another each time. */
export function causeKey(culprit: Culprit | null): string | null {
  return culprit === null ? null : JSON.stringify([culprit.who, culprit.actor, culprit.session, culprit.act]);
}

/** One hand: the same agent or person, in the same session. */
export function isSameHand(key: string, other: string): boolean {
  const [[who, actor, session], [otherWho, otherActor, otherSession]] = [JSON.parse(key), JSON.parse(other)];
  return (who === "agent" || who === "human") && who === otherWho && actor === otherActor && session === otherSession;
}
