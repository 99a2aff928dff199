/**
 * What is known of a subject that is not there and that HEAD's line never had: where else it was seen. Pure.
 *
 * "Never existed" is the strongest thing that can be said of it, so every source that could know better must have been looked at.
 */

import type { Touch } from "../git-past/read-log.ts";
import type { Finding, Rule } from "./finding.ts";

export interface AbsentCase {
  /** HEAD's history could be read: without it nobody can say that HEAD never had it. */
  readonly knowsHead: boolean;
  /** Branches and tags whose newest commit has it, the likeliest first. */
  readonly tips: readonly Tip[];
  /** The newest commit on any ref, or on none any more, that touched it. */
  readonly newest: Sighting | null;
  /** A stash that holds it. */
  readonly stash: Sighting | null;
  /** HEAD had it, and a move of HEAD that throws commits away took it. */
  readonly dropped: Dropped | null;
  /** The vault saw it here. */
  readonly vaulted: Sighting | null;
  /** Somebody watched it run or change, though git never had it. */
  readonly ran: Sighting | null;
  /** Git is told to ignore it: it could have been there without a trace. */
  readonly isIgnored: boolean;
  /** Sources that could not be looked at, or not everywhere. */
  readonly blind: readonly string[];
}

export interface Tip {
  readonly ref: string;
  /** The newest commit there that touched it. */
  readonly touch: Touch | null;
  /** HEAD's own upstream, or the trunk that a HEAD which is on no branch of its own is behind of: HEAD only has to catch up. */
  readonly isAhead: boolean;
}

export interface Sighting {
  readonly at: number | null;
  readonly touch: Touch | null;
  /** The last that was seen of it is that it went. */
  readonly wentAway: boolean;
  readonly says: string;
}

export interface Dropped {
  readonly at: number;
  /** The commit that had it. */
  readonly commit: string;
  /** As the reflog tells it. */
  readonly by: string;
}

export const ABSENT_RULES: readonly Rule<AbsentCase>[] = [
  { name: "HEAD's history is not known", find: blindAtHead },
  { name: "behind: upstream has it", find: behind },
  { name: "dropped by a move of HEAD", find: dropped },
  { name: "on a branch that was never merged", find: onBranch },
  { name: "in a stash", find: stashed },
  { name: "remembered here, and gone", find: vaulted },
  { name: "it ran, and was never committed", find: ran },
  { name: "was on a branch that was never merged, and went there", find: wentOnBranch },
  { name: "not everywhere could be looked", find: blind },
  { name: "git ignores it, and nobody else saw it", find: ignored },
  { name: "nobody ever saw it", find: neverExisted },
];

type Found = Omit<Finding, "rule"> | null;

const NOTHING = { kind: null, link: null, good: null } as const;

function blindAtHead(one: AbsentCase): Found {
  return one.knowsHead || one.vaulted !== null ? null : blind(one);
}

function behind({ tips }: AbsentCase): Found {
  const tip = tips.find(({ isAhead }) => isAhead);
  if (tip === undefined) return null;
  return {
    ...NOTHING,
    verdict: "stale-copy",
    good: goodOf(tip.touch),
    confidence: 0.9,
    because: `this checkout is behind ${tip.ref}, which has it`,
  };
}

function dropped(one: AbsentCase): Found {
  if (one.dropped === null || one.tips.length > 0) return null;
  return {
    ...NOTHING,
    verdict: "worked-then-broke",
    kind: "deleted",
    confidence: 0.88,
    because: `HEAD had it, until ${one.dropped.by}`,
  };
}

function onBranch({ tips }: AbsentCase): Found {
  const [tip] = tips;
  if (tip === undefined) return null;
  const others = tips.length > 1 ? ` and ${tips.length - 1} more` : "";
  return {
    ...NOTHING,
    verdict: "never-merged",
    good: goodOf(tip.touch),
    confidence: 0.95,
    because: `it is on ${tip.ref}${others}, and HEAD never had it`,
  };
}

function stashed({ stash }: AbsentCase): Found {
  if (stash === null) return null;
  return { ...NOTHING, verdict: "never-merged", good: goodOf(stash.touch), confidence: 0.85, because: stash.says };
}

function vaulted(one: AbsentCase): Found {
  if (one.vaulted === null) return null;
  return {
    ...NOTHING,
    verdict: "worked-then-broke",
    kind: "deleted",
    confidence: 0.95,
    because: one.vaulted.says,
  };
}

function ran(one: AbsentCase): Found {
  if (one.ran === null) return null;
  return {
    ...NOTHING,
    verdict: "worked-then-broke",
    kind: "deleted",
    confidence: 0.7,
    because: one.ran.says,
  };
}

function wentOnBranch({ newest }: AbsentCase): Found {
  if (newest === null) return null;
  const { touch, wentAway } = newest;
  return {
    ...NOTHING,
    verdict: "never-merged",
    ...(wentAway && touch !== null
      ? { kind: "deleted" as const, link: { from: null, to: null, touch, byMerge: false } }
      : { good: goodOf(touch) }),
    confidence: 0.85,
    because: newest.says,
  };
}

function blind(one: AbsentCase): Found {
  if (one.blind.length === 0) return null;
  return {
    ...NOTHING,
    verdict: "unknown",
    confidence: 0.3,
    because: `nothing is known of it, but not everywhere could be looked: ${one.blind.join("; ")}`,
  };
}

function ignored({ isIgnored }: AbsentCase): Found {
  if (!isIgnored) return null;
  return {
    ...NOTHING,
    verdict: "unknown",
    confidence: 0.5,
    because: "nothing is known of it; git ignores such paths, so it could have been here without a trace",
  };
}

function neverExisted(): Found {
  return {
    ...NOTHING,
    verdict: "never-existed",
    confidence: 0.95,
    because: "no commit, branch, stash, vault, ledger or log ever saw it",
  };
}

function goodOf(touch: Touch | null): Finding["good"] {
  return touch === null ? null : { from: null, to: null, touch, byMerge: false };
}
