/**
 * Reads every committed record and proves it: checksums, every piece's digest, every run's pieces; names what is damaged by pack,
 * offset, digest and path, and what a present state needs and no pack holds.
 */

import {
  type Digest,
  digestBytes,
  digestFromBytes,
  digestOf,
  HoldfastError,
  type Ports,
  type Progress,
  type Store,
} from "../base/index.ts";
import { decodePieceTable, decodeRun } from "./block.ts";
import { ContentIndex, splitDigests } from "./content-index.ts";
import type { VaultVerification } from "./contract.ts";
import { PackReader, packName, type RecordPlace } from "./pack-files.ts";
import { DamagedRecord, type DecodedRecord } from "./record.ts";
import { VersionIndex } from "./version-index.ts";
import { decodeNotes, decodeVersionsTable } from "./versions-record.ts";
import { currentDigests } from "./workspaces.ts";

interface RecordRow extends RecordPlace {
  readonly number: number;
}
type Corrupt = VaultVerification["corrupt"][number];

export async function verifyVault(
  parts: { store: Store; ports: Pick<Ports, "disk" | "clock">; packsDir: string },
  progress?: Progress,
): Promise<VaultVerification> {
  const { store, ports } = parts;
  const packs = new PackReader(parts.packsDir, ports.disk);
  try {
    const rows = store.all<RecordRow>("SELECT number, pack, offset, length FROM vault_record ORDER BY pack, offset");
    const corrupt: Corrupt[] = [];
    let bytes = 0;
    for (const [done, row] of rows.entries()) {
      const why = problemOf(row, packs, store);
      if (why !== null)
        corrupt.push({
          pack: packName(row.pack),
          offset: row.offset,
          digests: digestsIn(row.number, store),
          paths: [],
          why,
        });
      bytes += row.length;
      progress?.("verify", done + 1, rows.length);
      await ports.clock.breathe();
    }
    const missing = missingContents(store);
    namePaths(corrupt, missing, store);
    const packCount = new Set(rows.map(({ pack }) => pack)).size;
    return {
      ok: corrupt.length === 0 && missing.length === 0,
      packs: packCount,
      records: rows.length,
      bytes,
      corrupt,
      missing,
    };
  } finally {
    packs.close();
  }
}

/** What is wrong with a record, or `null`. One that prune moved away meanwhile is proven at its new place. */
function problemOf(row: RecordRow, packs: PackReader, store: Store): string | null {
  let place: RecordPlace | undefined = row;
  try {
    for (;;) {
      const record: DecodedRecord | null = packs.record(place);
      if (record !== null) return contentProblem(row.number, record, store);
      const now: RecordPlace | undefined = store.get(
        "SELECT pack, offset, length FROM vault_record WHERE number = ?",
        row.number,
      );
      if (now === undefined) return null;
      if (now.pack === place.pack) return "the pack is missing";
      place = now;
    }
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "VAULT_CORRUPT")
      return String(error.data["why"] ?? error.message);
    if (error instanceof DamagedRecord) return error.message;
    throw error;
  }
}

function contentProblem(number: number, record: DecodedRecord, store: Store): string | null {
  switch (record.kind) {
    case "block":
      return blockProblem(number, record, store);
    case "run":
      decodeRun(record.table, record.raw);
      return null;
    case "versions":
      decodeNotes(record.raw, decodeVersionsTable(record.table).count);
      return null;
    case "snapshot":
      JSON.parse(record.raw.toString("utf8"));
      return null;
    case "forgotten":
    case "void":
      return null;
  }
}

function blockProblem(number: number, record: DecodedRecord, store: Store): string | null {
  const pieces = new Map(decodePieceTable(record.table).map((piece) => [piece.digest, piece]));
  for (const { digest, offset, length } of pieces.values()) {
    if (digestOf(record.raw.subarray(offset, offset + length)) !== digest)
      return `its bytes have another digest than ${digest}`;
  }
  const rows = store.all<{ digest: Uint8Array; offset: number; length: number }>(
    "SELECT digest, offset, length FROM vault_piece WHERE record = ?",
    number,
  );
  for (const row of rows) {
    const piece = pieces.get(digestFromBytes(row.digest));
    if (piece?.offset !== row.offset || piece.length !== row.length) return "the index points beside a piece";
  }
  return null;
}

/** Content that a present state, or a run, needs and the index does not know; what was forgotten on purpose aside. */
function missingContents(store: Store): VaultVerification["missing"] {
  const index = new ContentIndex(store);
  const missing = new Set<Digest>();
  const isForgotten = (digest: Digest) =>
    store.get("SELECT 1 FROM vault_forgotten WHERE digest = ?", digestBytes(digest)) !== undefined;
  for (const digest of currentDigests(store))
    if (index.piece(digest) === null && index.run(digest) === null && !isForgotten(digest)) missing.add(digest);
  for (const run of store.iterate<{ digest: Uint8Array; pieces: Uint8Array }>("SELECT digest, pieces FROM vault_run")) {
    if (!splitDigests(run.pieces).every((piece) => index.piece(piece) !== null))
      missing.add(digestFromBytes(run.digest));
  }
  return [...missing].map((digest) => ({ digest, paths: [] }));
}

/** The contents that a damaged record takes with it: its pieces, and the runs that need them. */
function digestsIn(record: number, store: Store): Digest[] {
  const pieces = store
    .all<{ digest: Uint8Array }>(
      "SELECT digest FROM vault_piece WHERE record = ? UNION SELECT digest FROM vault_run WHERE record = ?",
      record,
      record,
    )
    .map(({ digest }) => digestFromBytes(digest));
  const lost = new Set(pieces);
  for (const run of store.iterate<{ digest: Uint8Array; pieces: Uint8Array }>("SELECT digest, pieces FROM vault_run")) {
    if (splitDigests(run.pieces).some((piece) => lost.has(piece))) pieces.push(digestFromBytes(run.digest));
  }
  return [...new Set(pieces)];
}

function namePaths(corrupt: Corrupt[], missing: VaultVerification["missing"], store: Store): void {
  const digests = new Set([...corrupt.flatMap((one) => one.digests), ...missing.map(({ digest }) => digest)]);
  if (digests.size === 0) return;
  const paths = new VersionIndex(store).pathsOf(digests);
  for (const one of corrupt) one.paths = [...new Set(one.digests.flatMap((digest) => paths.get(digest) ?? []))];
  for (const one of missing) one.paths = paths.get(one.digest) ?? [];
}
