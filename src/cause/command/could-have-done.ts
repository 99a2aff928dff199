/** Whether a command, as far as its words tell, could have made a drift. "No" is a proof; "yes" only says that nothing speaks against it. */

import type { DriftedPath, DriftKind } from "../drift-kind.ts";
import { SERVICE_TOOLS } from "./harmless-tools.ts";
import { NO, PERHAPS, reachOf, YES } from "./reach.ts";
import type { CommandEffect, CommandReading } from "./reading.ts";

type Reading = Pick<CommandReading, "tool" | "harmless" | "understood" | "touches">;

export type Possibility = "yes" | "perhaps" | "no";

/** "Yes" when it could have made all of `drift`, "perhaps" when some of it, or when that cannot be told. */
export function couldHaveDone(reading: Reading, drift: readonly DriftedPath[]): Possibility {
  if (reading.harmless) return "no";
  let best = NO;
  let worst = YES;
  for (const item of drift) {
    const one = strengthFor(reading, item);
    best = Math.max(best, one);
    worst = Math.min(worst, one);
    if (best === YES && worst === NO) break;
  }
  if (best === NO) return "no";
  return best === YES && worst === YES ? "yes" : "perhaps";
}

function strengthFor(reading: Reading, item: DriftedPath): number {
  if (item.kind === "service-failed") return SERVICE_TOOLS.has(reading.tool) || !reading.understood ? PERHAPS : NO;
  let best = reading.understood ? NO : PERHAPS;
  for (const touch of reading.touches) {
    // What git tracked a moment ago can only be guessed: it makes a command less likely, and excludes none.
    const isOther =
      touch.only !== undefined && item.tracked !== undefined && (touch.only === "tracked") !== item.tracked;
    const reached = Math.min(reachOf(touch, item.path), isOther ? PERHAPS : YES);
    if (reached === NO) continue;
    for (const effect of touch.effects) best = Math.max(best, Math.min(reached, explains(effect, item.kind)));
    if (best === YES) break;
  }
  return best;
}

/** What each effect makes of a file. Going back to an older version can look like each of the others: that version may be empty. */
const EXPLAINS: Readonly<Record<CommandEffect, Partial<Record<DriftKind, number>>>> = {
  delete: { deleted: YES, "type-changed": PERHAPS, unreadable: PERHAPS },
  "older-content": { reverted: YES, modified: YES, truncated: YES, emptied: PERHAPS, "mode-changed": PERHAPS },
  "other-content": { modified: YES, truncated: YES, emptied: PERHAPS, reverted: PERHAPS, "mode-changed": PERHAPS },
  empty: { emptied: YES, truncated: YES, modified: PERHAPS, reverted: PERHAPS },
  mode: { "mode-changed": YES, unreadable: YES },
  type: { "type-changed": YES, unreadable: PERHAPS },
};

function explains(effect: CommandEffect, kind: DriftKind): number {
  return EXPLAINS[effect][kind] ?? NO;
}
