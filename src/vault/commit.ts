/** What a batch's commit takes along, and what it tells. */

import type { TreePath } from "../base/index.ts";
import type { EncodedRecord } from "./record.ts";

/** Records beside contents and versions, known only when the version numbers are: a snapshot. */
export interface Extra {
  record(upTo: number, momentId: Buffer): EncodedRecord;
  /** Inside the transaction, after the barrier; `recordNumber` is the record's in the index. */
  index(recordNumber: number, upTo: number): void;
}

export interface CommitRequest<T> {
  /** What has to last before the transaction, too: waited for together with the packs. Asked anew by each attempt. */
  alongside?: (() => Promise<void>) | undefined;
  alsoCommit: (upTo: number) => T;
  extra?: Extra;
  durable?: "now" | "later";
  /** What is noted was seen some time after this version: what others noted of a path meanwhile may be newer, and stays. */
  seenSince?: number;
}

export interface Committed<T> {
  readonly result: T;
  /** The newest version number then, and the first one that this batch gave, if it gave any. */
  readonly upTo: number;
  readonly firstNumber: number;
  /** Noted by others after `seenSince`: to be looked at once more. */
  readonly overtaken: readonly TreePath[];
}
