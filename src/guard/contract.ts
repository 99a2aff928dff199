/** Between the eyes of the guard (watch, settle, remember, sweep) and its judgement (classify, decide, incidents, repair). */

import type { Entry, TreePath } from "../base/index.ts";

/** Settled changes, handed from the eyes to the judgement, in order. Their bytes are in the vault already. */
export interface Settled {
  /**
   * Sorted by path. May be empty where `blind` is not: then nothing had changed in that stretch. A path that is again as it was comes too.
   */
  readonly changes: readonly Change[];
  /** When the first hint came (or the last look before, for a sweep) and when it was settled. Unix ms. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly by: "event" | "sweep" | "deep-sweep" | "start";
  /** What could not be remembered just now, and why (`permission denied`, `over maxFile (12 MB)`). */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  /** A stretch in which nobody looked: daemon away, stopped, events lost. */
  readonly blind: Blind | null;
  /** Still changing, so what is remembered of them may be over: not to be judged now. Each comes as a change when it has settled. */
  readonly stillSettling: ReadonlySet<TreePath>;
}

export interface Change {
  readonly path: TreePath;
  readonly before: Entry;
  readonly after: Entry;
}

/** Unix ms. */
export interface Blind {
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
}

/** The root is not the folder that was guarded: nothing below it is looked at, remembered or repaired until it is back. */
export interface RootTrouble {
  readonly kind: "gone" | "unreadable" | "replaced" | "emptied-mount";
  /** For people. */
  readonly why: string;
  readonly sinceMs: number;
}

export interface Judge {
  /** Synchronously in the first event callback of a burst: who is running right now? */
  firstSight(): void;
  /** One at a time. What it throws is logged; the changes stay in the vault and are judged again by the next sweep. */
  judge(settled: Settled): Promise<void>;
  /**
   * Git came to rest: its index, HEAD or a ref moved, and nothing of it has run for `LIMITS.gitSettleMs`. Time to judge again what waited for
   * the end of a merge or rebase (those are handed over settled and remembered while they stand open), what was elsewhere,
   * and what was committed. A commit touches no file of the tree: this is its only sign.
   */
  gitMoved(): Promise<void>;
  /** The brake: called once when trouble begins, and once with `null` when the root is back (a sweep follows). */
  rootTrouble(trouble: RootTrouble | null): Promise<void>;
}

export interface Eyes {
  /** Watches, and sweeps what happened before. Rejects with `TREE_NOT_FOUND` when the root is not there: it is waited for all the same. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Everything compared with what was remembered, and judged; `deep`: every byte read. Throws what `remember` throws. */
  sweepNow(deep: boolean): Promise<void>;
  /** Resolves when all that was hinted before the call has settled, is remembered, and is handed to the judge. */
  remembered(): Promise<void>;
  /**
   * Resolves when all that was hinted before the call is in the vault, at rest or not: for somebody who is about to destroy it. What has not
   * settled is told to the judge when it has. Costs grow with the change; a whole look where hints were lost. Throws what `remember` throws.
   */
  rememberNow(): Promise<void>;
  state(): EyesState;
}

export interface EyesState {
  watched: { folders: number; files: number };
  /** What raises no event: only sweeps see it. The first `LIMITS.unwatchedToldMax`. */
  unwatched: { path: string; why: string }[];
  unwatchedTotal: number;
  /** `ENOSPC`, `EMFILE`: the system gave no more watches. */
  full: string | null;
  settling: number;
  /** The last whole look; `why`: what asked for it. Unix ms. */
  swept: { atMs: number; why: string } | null;
  /** The last stretch in which nobody looked. */
  blind: Blind | null;
  root: RootTrouble | null;
}
