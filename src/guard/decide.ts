/**
 * What the guard does: `policy.md`, row by row, first match wins. Pure and total: the property test over all combinations of facts is
 * its proof. Facts are gathered elsewhere; nothing is looked up here.
 */

import type { DriftChange } from "./drift.ts";

/** All that the table asks of one drifted path. */
export interface Facts {
  readonly subject: "config" | "path" | "workspace";
  readonly change: DriftChange;
  readonly appendOnly: boolean;
  readonly rootTrouble: boolean;
  /** What announced that changes were coming; `null`: nothing. */
  readonly window: "maintenance" | "exec" | "step" | "pause" | null;
  readonly gitAtWork: boolean;
  readonly tracked: boolean;
  /** HEAD is on another branch than the one the baseline belongs to, or detached. */
  readonly headElsewhere: boolean;
  /** The path is as HEAD's tree has it. */
  readonly matchesHead: boolean;
  /** A stash holds exactly the bytes that are gone; `old` after `LIMITS.stashRaiseMs`. */
  readonly stash: "none" | "fresh" | "old";
  readonly by: Doer;
  /** Content was brought from another copy or a backup. */
  readonly copied: boolean;
  /** Older content came back at several paths at once. */
  readonly several: boolean;
  readonly strict: boolean;
  readonly scope: "branch" | "always";
  readonly response: "remember" | "observe" | "repair";
}

/**
 * Who did it and how. `nobody`: no witness. `automatic`: a script, a poller, a bot. `somebody`: a command is known and its owner is
 * not. `named`: exactly this path; `integrate`: merge, pull, rebase; `discard`: what git does without a record; `files`: rm, cp, mv …
 */
export interface Doer {
  readonly who: "human" | "agent" | "automatic" | "somebody" | "nobody";
  readonly how: "named" | "bulk" | "revert" | "commit" | "integrate" | "discard" | "files" | "other";
}

export type Response = "healthy" | "note" | "accept" | "raise" | "repair" | "wait" | "defer" | "brake";

export interface Decision {
  /** Of the table in `policy.md`. */
  readonly row: number;
  readonly response: Response;
  readonly severity: "none" | "low" | "normal" | "high";
  readonly why: string;
}

export function decide(facts: Facts): Decision {
  const decision = byTable(facts);
  if (decision.response !== "repair" || facts.response === "repair") return decision;
  return { ...decision, response: "raise", why: `${decision.why}; this component is only observed` };
}

function byTable(facts: Facts): Decision {
  const { change, tracked, by, strict } = facts;
  if (facts.subject === "config") return raise(0, "the configuration changed; the last accepted one runs");
  if (facts.rootTrouble) return { row: 1, response: "brake", severity: "high", why: "the tree's root is not there" };
  if (facts.window !== null) return { row: 2, response: "defer", severity: "none", why: WINDOWS[facts.window] };
  if (facts.gitAtWork && tracked)
    return { row: 3, response: "wait", severity: "none", why: "git is in the middle of something" };
  if (facts.headElsewhere && facts.matchesHead) {
    if (facts.scope === "always")
      return repair(5, "it must hold whatever is checked out; git may refuse to switch back");
    if (tracked) return healthy(4, "elsewhere: another branch has it like this");
  }
  if (facts.response === "remember") return healthy(9, "only remembered");
  if (facts.stash === "fresh" && isLossOrOlder(change)) return note(6, "a stash holds exactly these bytes");
  if (facts.stash === "old" && isLossOrOlder(change))
    return raise(6, "a stash has held exactly these bytes for a while");
  if (facts.appendOnly && APPEND_ONLY_LOSSES.has(change)) return repair(7, "what only grows lost lines");
  if (change === "new" && facts.copied && by.who !== "human" && by.who !== "nobody")
    return repair(8, "it was overwritten from another copy");
  if (change === "new") return healthy(9, "new content: going on");
  if (facts.subject === "workspace") return raise(18, "a workspace went with bytes that exist nowhere else");
  if (change === "unfit" || change === "unreadable") return raise(19, "there is nothing that a repair could put back");
  return by.who === "human" ? ofPerson(by.how) : ofOthers(facts, by, strict);
}

/** Rows 10, 11 and 19: a person's own doing is never undone behind their back. */
function ofPerson(how: Doer["how"]): Decision {
  switch (how) {
    case "revert":
    case "commit":
      return { row: 10, response: "accept", severity: "none", why: "a person recorded it in git" };
    case "named":
      return raise(10, "a person named exactly this path");
    case "bulk":
      return raise(11, "a person's command reached further than this path");
    default:
      return raise(19, "a person did it");
  }
}

/** Rows 12 to 17, and 19 with the same answers. */
function ofOthers({ change, tracked, several }: Facts, by: Doer, strict: boolean): Decision {
  const recorded = by.how === "commit" || by.how === "integrate" || by.how === "revert";
  if (recorded && tracked) {
    const why = "a commit silently goes back";
    return strict ? { ...repair(12, why), severity: "high" } : { ...raise(12, why), severity: "high" };
  }
  if (by.how === "discard" && by.who !== "nobody") return repair(13, "git discarded it");
  if (FILE_ACTS.has(by.how) && (by.who === "agent" || by.who === "automatic"))
    return repair(14, "a command took it away");
  const known = by.who !== "nobody";
  if (change !== "older")
    return repair(known ? 19 : 15, known ? "nobody meant to lose it" : "nobody was seen doing it");
  if (several) return repair(known ? 19 : 17, "older content came back in several places at once");
  if (strict) return repair(known ? 19 : 16, "older content, and the component is strict");
  return raise(known ? 19 : 16, "older content came back in one place");
}

const WINDOWS: Record<NonNullable<Facts["window"]>, string> = {
  maintenance: "a maintenance window is open",
  exec: "an `exec` window is open",
  step: "a work order's step claims it",
  pause: "the guard is paused",
};

const FILE_ACTS = new Set<Doer["how"]>(["files", "named", "bulk"]);
const APPEND_ONLY_LOSSES = new Set<DriftChange>(["older", "emptied", "torn"]);

/** What a stash can give back. */
function isLossOrOlder(change: DriftChange): boolean {
  return change === "older" || change === "missing";
}

function healthy(row: number, why: string): Decision {
  return { row, response: "healthy", severity: "none", why };
}
function note(row: number, why: string): Decision {
  return { row, response: "note", severity: "low", why };
}
function raise(row: number, why: string): Decision {
  return { row, response: "raise", severity: "normal", why };
}
function repair(row: number, why: string): Decision {
  return { row, response: "repair", severity: "normal", why };
}
