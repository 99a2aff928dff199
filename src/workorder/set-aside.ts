/**
 * The record of what was set aside: why, where it is now, and its bytes in the vault – in one commit for many.
 *
 * The record comes before the move. A crash between the two leaves the original in the inbox, older than its record: the next look
 * recognises it (`earlier`), records nothing again, and moves it to where the record says.
 */

import { type Digest, digestOf, type Entry, type HoldfastError, type TreePath } from "../base/index.ts";
import type { LedgerRecord } from "../ledger/index.ts";
import type { Lying } from "./inbox-look.ts";
import type { OrderWorld } from "./world.ts";

export interface SetAside {
  lying: Lying;
  error: HoldfastError;
  bytes: Uint8Array | null;
  /** Where it is now, from the tree's root; its own path when it was left lying. */
  to: string;
}

const PROCESSOR = { kind: "service", name: "json_wo_processor" } as const;

export async function recordSetAside(
  setAside: readonly SetAside[],
  archived: readonly { path: string; bytes: Uint8Array }[],
  { vault, ledger }: Pick<OrderWorld, "vault" | "ledger">,
): Promise<void> {
  if (setAside.length + archived.length === 0) return;
  const batch = vault.begin();
  try {
    const digests = setAside.map(({ bytes, to, lying }) =>
      bytes === null ? null : putAt(to, bytes, lying.stat?.mode),
    );
    for (const { path, bytes } of archived) putAt(path, bytes, undefined);
    await batch.commit(() => setAside.forEach((one, index) => void ledger.append(recordOf(one, digests[index]!))));
  } catch (error) {
    batch.abort();
    throw error;
  }

  function putAt(path: string, bytes: Uint8Array, mode = 0o644): Digest {
    const digest = batch.put(bytes);
    const entry: Entry = { kind: "file", digest, sizeBytes: bytes.length, mode };
    batch.note(path as TreePath, entry);
    return digest;
  }
}

function recordOf({ lying, error, to }: SetAside, raw: Digest | null) {
  const { line, column } = error.data as { line?: number; column?: number };
  return {
    event: "wo.set-aside" as const,
    actor: PROCESSOR,
    ok: false,
    paths: [lying.path],
    data: {
      file: lying.path,
      to,
      code: error.code,
      message: error.message,
      raw,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    },
    summary:
      to === lying.path
        ? `${lying.path} left lying: ${error.message}`
        : `${lying.path} set aside to ${to}: ${error.message}`,
  };
}

/** The record that tells of exactly this already; `null` when there is none. */
export function earlier(
  { lying, error, bytes }: Omit<SetAside, "to">,
  { ledger }: Pick<OrderWorld, "ledger">,
): LedgerRecord<"wo.set-aside"> | null {
  const [newest] = ledger.read({ path: lying.path, events: ["wo.set-aside"], newestFirst: true, limit: 1 }) as Iterable<
    LedgerRecord<"wo.set-aside">
  >;
  if (newest === undefined || newest.data.file !== lying.path || newest.data.code !== error.code) return null;
  if (newest.data.raw !== (bytes === null ? null : digestOf(bytes))) return null;
  const wasLeft = newest.data.to === lying.path;
  return wasLeft || isOlderThan(lying, newest.ts) ? newest : null;
}

/** The kernel stamps files by a clock that moves in steps of up to 10 ms. */
const COARSE_MS = 50;

/** True for what lay there, unchanged, before the moment: it was not dropped again. The kernel keeps that time, and nobody can set it. */
export function isOlderThan({ stat }: Pick<Lying, "stat">, moment: string): boolean {
  return stat !== null && stat.ctimeMs + COARSE_MS <= Date.parse(moment);
}
