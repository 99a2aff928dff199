/** Gathers what the table asks of each drifted path. Git is asked only where the answer can matter: each question is a process. */

import { LIMITS } from "../base/index.ts";
import { OWN } from "../component/index.ts";
import { doerOf, type Found } from "./cause-finder.ts";
import type { Doer, Facts } from "./decide.ts";
import type { Drift } from "./drift.ts";
import type { Expectation } from "./expectation.ts";
import { covering } from "./windows.ts";
import type { GuardWorld } from "./world.ts";

export interface Suspect {
  readonly expected: Expectation;
  readonly drift: Drift;
}

export interface StashHold {
  readonly name: string;
  readonly sinceMs: number;
}

/** In the order of `suspects`; and which stash holds what is gone. */
export async function gatherFacts(
  suspects: readonly Suspect[],
  { cause, recordedBy }: Found,
  world: GuardWorld,
): Promise<{ facts: Facts[]; stashes: Map<string, StashHold> }> {
  const { standing, ports } = world;
  const nowMs = ports.clock.now();
  const gitAtWork = standing.isInTheMiddle();
  const isRecorded = recordedBy !== null || (cause?.reading?.recordedByGit ?? false);
  const elsewhere = suspects.filter(({ expected }) => expected.otherBranch !== undefined);
  const tracked = await standing.tracked(
    (gitAtWork || isRecorded ? suspects : elsewhere).map(({ expected }) => ({
      path: expected.path,
      branch: expected.otherBranch ?? world.branch(),
    })),
    { justBefore: isRecorded },
  );
  const matching = await standing.matchingHead(
    (isRecorded ? suspects : elsewhere).map(({ expected }) => expected.path),
  );
  const stashes = await standing.stashed(
    suspects
      .filter(({ drift }) => drift.change === "older" || drift.change === "missing")
      .map(({ drift: { path, goal } }) => ({ path, goal })),
  );
  const windowOf = covering(world.windows, world);
  const olderCount = suspects.filter(({ drift }) => drift.change === "older").length;
  const facts = suspects.map(({ expected, drift }): Facts => {
    const stash = stashes.get(drift.path);
    const isInCommit = recordedBy !== null && tracked.has(drift.path) && matching.has(drift.path);
    return {
      subject: expected.component === OWN ? "config" : "path",
      change: drift.change,
      appendOnly: expected.treatment.appendOnly,
      rootTrouble: false,
      window: windowOf(drift.path),
      gitAtWork,
      tracked: tracked.has(drift.path),
      headElsewhere: expected.otherBranch !== undefined,
      matchesHead: matching.has(drift.path),
      stash: stash === undefined ? "none" : nowMs - stash.sinceMs < LIMITS.stashRaiseMs ? "fresh" : "old",
      by: isInCommit ? recordedDoer(doerOf(cause), doerOf(recordedBy)) : doerOf(cause),
      copied: cause?.reading?.copiesFromElsewhere ?? false,
      several: drift.change === "older" && olderCount > 1,
      strict: expected.treatment.strict,
      scope: expected.treatment.scope,
      response: expected.treatment.response,
    };
  });
  return { facts, stashes };
}

/** A script that copied and then committed did both; a person's `git pull` is their own, whatever the files came from. */
function recordedDoer(cause: Doer, recorded: Doer): Doer {
  return { who: cause.who === "nobody" ? recorded.who : cause.who, how: recorded.how };
}
