/** What going back needs around it. Of the guard it knows only this much: who wires them makes both meet. */

import type { Entry, TreePath } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { OrderWorld } from "../workorder/index.ts";
import type { Runs } from "./run.ts";

export interface RollbackWorld extends OrderWorld {
  readonly runs: Runs;
  readonly guard: GuardView;
  /** Everything is in the vault as it stands. */
  rememberNow(): Promise<void>;
  /** After a change set that is no order is done, undone or given up; resolves when nothing of it lies about any more. */
  settle(): Promise<void>;
}

/** One path that differs from how it stood before. */
export interface PathChange {
  readonly path: TreePath;
  readonly before: Entry;
  readonly after: Entry;
}

/** In which sense a path differs; `goal`: what putting it back leaves there. */
export interface Difference {
  readonly change: string;
  readonly goal: Entry;
}

export interface GuardView {
  /** Inside the caller's transaction, as `endWindow`. Its id. */
  beginWindow(window: { reason: string; actor: Actor; forMs: number }): string;
  endWindow(id: string, actor: Actor, how: "accepted" | "restored"): void;
  classify(changes: readonly PathChange[], discarded: boolean): Promise<ReadonlyMap<TreePath, readonly Difference[]>>;
  /** Inside the caller's transaction: what was going on at `point`, newer than accepted, still is. */
  goOn(states: readonly { readonly path: TreePath; readonly entry: Entry }[], point: number): void;
  /** Those that another branch, which is checked out now, rightly has as they stand. */
  elsewhere(paths: readonly TreePath[], branchBefore: string | null): Promise<ReadonlySet<TreePath>>;
}
