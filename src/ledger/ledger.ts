/**
 * The ledger: what happened, in order, each record bound to the one before it.
 *
 * Invariants: `seq` has no gaps; `ts` never goes back; `hash` covers the record and, through `prev`, everything before it.
 * Crash: a record is part of its caller's transaction, so it is there with what it tells of, or neither is. Segments lag behind by at
 * most `LIMITS.segmentDelayMsMax` and are completed by the next export.
 */

import { assert, canonicalJson, isoTime, LIMITS, type Ports, type Store, type TreeId, uuidv7 } from "../base/index.ts";
import { type Link, seal, type UnsealedRecord } from "./chain.ts";
import type { Ledger } from "./contract.ts";
import type { EventName, NewRecord } from "./events.ts";
import { readRecords } from "./query.ts";
import { headOf, insertRecord } from "./records.ts";
import { segmentExporter } from "./segment-export.ts";
import { verifyLedger } from "./verify.ts";

export interface LedgerSetup {
  /** With `ledgerMigrations` applied. */
  readonly store: Store;
  readonly ports: Pick<Ports, "disk" | "clock" | "random" | "log">;
  readonly tree: TreeId;
  /** Absolute; made when the first record is exported. */
  readonly segmentsDir: string;
}

export function openLedger({ store, ports, tree, segmentsDir }: LedgerSetup): Ledger {
  const segments = segmentExporter({ store, disk: ports.disk, segmentsDir });
  return {
    append(record) {
      assert(store.inTransaction, "a ledger record is appended in the transaction of what it tells of");
      const unsealed = compose(record, headOf(store), tree, ports);
      const { line, hash } = seal(unsealed);
      assertFits(unsealed, line);
      insertRecord(store, { seq: unsealed.seq, line, paths: unsealed.paths });
      return { ...unsealed, hash };
    },
    head() {
      const { seq, hash } = headOf(store);
      return { seq, hash };
    },
    read: (query = {}) => readRecords(store, query),
    verify: () => verifyLedger({ store, disk: ports.disk, segmentsDir }),
    exportSegments: () => segments.export(),
  };
}

/**
 * Adds what only the ledger knows. A wall clock that was set back does not take `ts` with it: `ts` stays at the previous record's, and
 * `clockBehindMs` says how far the clock stood before that.
 */
function compose<E extends EventName>(
  record: NewRecord<E>,
  previous: Link,
  tree: TreeId,
  ports: Pick<Ports, "clock" | "random">,
): UnsealedRecord<E> {
  const nowMs = ports.clock.now();
  const previousMs = previous.seq === 0 ? nowMs : Date.parse(previous.ts);
  const tsMs = Math.max(nowMs, previousMs);
  const { paths, ok, summary, ...given } = record;
  return wellFormed({
    ...given,
    v: 1,
    seq: previous.seq + 1,
    id: uuidv7({ now: () => tsMs }, ports.random),
    ts: isoTime(tsMs),
    tree,
    ok: ok ?? true,
    ...listPaths(paths ?? []),
    summary: cut(summary),
    ...(nowMs < tsMs ? { clockBehindMs: tsMs - nowMs } : {}),
    prev: previous.hash,
  });
}

function listPaths(paths: readonly string[]): { paths?: string[]; pathsTotal?: number } {
  if (paths.length === 0) return {};
  if (paths.length <= LIMITS.ledgerPathsMax) return { paths: [...paths] };
  return { paths: paths.slice(0, LIMITS.ledgerPathsMax), pathsTotal: paths.length };
}

function cut(summary: string): string {
  return summary.length <= LIMITS.ledgerSummaryLengthMax
    ? summary
    : `${summary.slice(0, LIMITS.ledgerSummaryLengthMax - 1)}…`;
}

/**
 * A copy in which every string can be written as UTF-8: foreign text may hold half a surrogate pair, and the line that is hashed must
 * be the line that is read back. Keys without a value are left out, as in JSON.
 */
function wellFormed<T>(value: T): T {
  if (typeof value === "string") return (value.isWellFormed() ? value : value.toWellFormed()) as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (value === null || typeof value !== "object") return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) copy[key.toWellFormed()] = wellFormed(member);
  }
  return copy as T;
}

/** Bytes belong into the vault. Exact sizes are only computed where a line is long enough to be over a limit. */
function assertFits(record: UnsealedRecord, line: string): void {
  const bytesPerUnitMax = 3;
  if (line.length * bytesPerUnitMax <= LIMITS.ledgerDataBytesMax) return;
  const dataBytes = Buffer.byteLength(canonicalJson(record.data));
  assert(
    dataBytes <= LIMITS.ledgerDataBytesMax,
    `data of ${record.event} has at most ${LIMITS.ledgerDataBytesMax} bytes`,
  );
  assert(Buffer.byteLength(line) < LIMITS.ledgerLineBytesMax, "a ledger line can be read back");
}
