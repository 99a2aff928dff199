/** What differs between a component and what must hold of it, path by path: data that everything in the guard hands on. */

import type { Entry, TreePath } from "../base/index.ts";
import type { DriftKind } from "../cause/index.ts";

/**
 * In which sense a path differs, as `policy.md` asks. `new`: content never seen there, the one that is going on. `unfit`: the file is
 * as accepted, and what it needs to run is gone. All others but `older` are losses whoever looks.
 */
export type DriftChange = "missing" | "emptied" | "torn" | "mode" | "kind" | "older" | "new" | "unreadable" | "unfit";

export interface Drift {
  readonly path: TreePath;
  readonly component: string;
  readonly kind: DriftKind;
  readonly change: DriftChange;
  /** What a repair returns: the last settled state that was going on. */
  readonly goal: Entry;
  readonly present: Entry;
  /** The known state that it went back to. */
  readonly matches: Match | null;
  /** Why, where the kind does not say it. */
  readonly note?: string;
}

/** From when an older state is known, and by which order or commit. */
export interface Match {
  readonly version: number | null;
  readonly seenAtMs: number | null;
  readonly wo: string | null;
  readonly commit: string | null;
}

export function describeDrift({ path, kind, matches }: Pick<Drift, "path" | "kind" | "matches">): string {
  if (matches === null) return `${path} ${kind}`;
  const from = matches.wo ?? (matches.commit === null ? `version ${matches.version}` : matches.commit.slice(0, 12));
  return `${path} ${kind} to ${from}`;
}
