import type { EventName, LedgerRecord, NewRecord } from "./events.ts";

/** The append-only, hash-chained record of everything that happened. Lives in `holdfast.db`, exported as JSONL segments. */
export interface Ledger {
  /** Appends inside the caller's `store.transaction` (asserted): the record and what it tells of are one commit. */
  append<E extends EventName>(record: NewRecord<E>): LedgerRecord<E>;
  /** Sequence and hash of the newest record; `{seq: 0, hash: ""}` when empty. */
  head(): { seq: number; hash: string };
  /** Oldest first unless `newestFirst`. Streams: a million records are never held at once. */
  read(query?: LedgerQuery): IterableIterator<LedgerRecord>;
  /** Recomputes the chain over everything, and compares with the exported segments. */
  verify(): LedgerVerification;
  /**
   * Appends what is new to the segment files; durable when it resolves. Called within a second of each commit and at the end of each
   * command.
   */
  exportSegments(): Promise<void>;
}

export interface LedgerQuery {
  afterSeq?: number;
  beforeSeq?: number;
  sinceMs?: number;
  untilMs?: number;
  /** Exactly this path, or anything below it. */
  path?: string;
  wo?: string;
  component?: string;
  events?: readonly EventName[];
  limit?: number;
  newestFirst?: boolean;
}

export interface LedgerVerification {
  ok: boolean;
  records: number;
  /** The first record that does not hold, and why. */
  brokenAt: { seq: number; why: string } | null;
  segments: { name: string; records: number; ok: boolean; why: string | null }[];
}
