/**
 * Which change sets are on their way into the tree, durably, so that a crash in the middle is undone.
 *
 * Phases: `planned` (anything may have happened to the tree: undo) → `applied` (its commands may have begun: undo, theirs too) →
 * `settling` (accepted or undone; only asides are left to look at) → gone. The row is written in the same commit as the ledger
 * record of that step.
 */

import { assert, type Clock, type Digest, type Store } from "../base/index.ts";

export type Phase = "planned" | "applied" | "settling";

export interface JournalEntry {
  changeSet: Digest;
  /** `null` for a restore, which is no order. */
  wo: string | null;
  phase: Phase;
  /** Commands that are not idempotent belong to it. */
  commands: boolean;
  sinceMs: number;
}

export interface Journal {
  open(entry: { changeSet: Digest; wo: string | null; commands: boolean }): void;
  advance(changeSet: Digest, phase: Phase): void;
  close(changeSet: Digest): void;
  entries(): JournalEntry[];
  /**
   * Whoever was at these met an error and goes on no more: they are to be recovered while this process lives. In memory only; some
   * may never have been in the journal.
   */
  readonly abandoned: Set<Digest>;
}

export function openJournal(store: Store, clock: Clock): Journal {
  return {
    open({ changeSet, wo, commands }) {
      assert(store.inTransaction, "the journal moves with the ledger");
      store.run(
        "INSERT INTO journal (change_set, wo, phase, commands, since) VALUES (?, ?, 'planned', ?, ?)",
        changeSet,
        wo,
        commands ? 1 : 0,
        clock.now(),
      );
    },
    advance(changeSet, phase) {
      assert(store.inTransaction, "the journal moves with the ledger");
      store.run("UPDATE journal SET phase = ?, since = ? WHERE change_set = ?", phase, clock.now(), changeSet);
    },
    close: (changeSet) => void store.run("DELETE FROM journal WHERE change_set = ?", changeSet),
    entries: () =>
      store
        .all<{ change_set: Digest; wo: string | null; phase: Phase; commands: number; since: number }>(
          "SELECT change_set, wo, phase, commands, since FROM journal ORDER BY rowid",
        )
        .map((row) => ({
          changeSet: row.change_set,
          wo: row.wo,
          phase: row.phase,
          commands: row.commands === 1,
          sinceMs: row.since,
        })),
    abandoned: new Set(),
  };
}
