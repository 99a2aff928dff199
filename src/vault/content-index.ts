/** Where content lies, in SQLite. All writes happen inside the caller's transaction. */

import { type Digest, digestBytes, digestFromBytes, type Store } from "../base/index.ts";
import type { PlacedBlock, Run } from "./block.ts";
import type { RecordPlace } from "./pack-files.ts";
import type { OpenPack, PlacedRecord } from "./pack-writer.ts";
import { RECORD_KINDS } from "./record.ts";

/** Content of at most one block. */
export interface PieceFound extends RecordPlace {
  readonly record: number;
  /** Inside the block's raw bytes. */
  readonly pieceOffset: number;
  readonly pieceLength: number;
}

export interface RunFound {
  readonly sizeBytes: number;
  readonly pieces: Digest[];
}

export interface PlacedRun {
  readonly record: PlacedRecord;
  readonly run: Run;
}

export class ContentIndex {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  has(digest: Digest): boolean {
    return (
      this.hasPiece(digest) ||
      this.#store.get("SELECT 1 FROM vault_run WHERE digest = ?", digestBytes(digest)) !== undefined
    );
  }

  /** Those that are not there, asked all at once. */
  missing(digests: Iterable<Digest>): Set<Digest> {
    const rows = this.#store.all<{ digest: Digest }>(
      `SELECT value AS digest FROM json_each(?)
       WHERE NOT EXISTS (SELECT 1 FROM vault_piece p WHERE p.digest = unhex(substr(value, ${"sha256:".length + 1})))
         AND NOT EXISTS (SELECT 1 FROM vault_run r WHERE r.digest = unhex(substr(value, ${"sha256:".length + 1})))`,
      JSON.stringify([...digests]),
    );
    return new Set(rows.map(({ digest }) => digest));
  }

  /** For content of at most one block: a run of one piece has that piece's digest. */
  hasPiece(digest: Digest): boolean {
    return this.#store.get("SELECT 1 FROM vault_piece WHERE digest = ?", digestBytes(digest)) !== undefined;
  }

  piece(digest: Digest): PieceFound | null {
    const row = this.#store.get<PieceFound>(
      `SELECT p.record, p.offset AS pieceOffset, p.length AS pieceLength, r.pack, r.offset, r.length
       FROM vault_piece p JOIN vault_record r ON r.number = p.record WHERE p.digest = ?`,
      digestBytes(digest),
    );
    return row ?? null;
  }

  run(digest: Digest): RunFound | null {
    const row = this.#store.get<{ size_bytes: number; pieces: Uint8Array }>(
      "SELECT size_bytes, pieces FROM vault_run WHERE digest = ?",
      digestBytes(digest),
    );
    return row === undefined ? null : { sizeBytes: row.size_bytes, pieces: splitDigests(row.pieces) };
  }

  /** Grows whenever bytes are removed. */
  epoch(): number {
    return this.#store.get<{ epoch: number }>("SELECT epoch FROM vault_state")!.epoch;
  }

  empty(): boolean {
    return this.#store.get("SELECT 1 FROM vault_record LIMIT 1") === undefined;
  }

  /** Every digest, where they are no more than `limit`; else `null`. */
  few(limit: number): Set<Digest> | null {
    const rows = this.#store.all<{ digest: Uint8Array }>(
      "SELECT digest FROM vault_piece UNION ALL SELECT digest FROM vault_run LIMIT ?",
      limit + 1,
    );
    return rows.length > limit ? null : new Set(rows.map(({ digest }) => digestFromBytes(digest)));
  }

  hasPack(number: number): boolean {
    return this.#store.get("SELECT 1 FROM vault_pack WHERE number = ?", number) !== undefined;
  }

  addPack(pack: Pick<OpenPack, "number" | "endBytes">): void {
    this.#store.run(
      "INSERT INTO vault_pack VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET end_bytes = max(end_bytes, excluded.end_bytes)",
      pack.number,
      pack.endBytes,
    );
  }

  addRecord(record: RecordRow): number {
    return this.#store.run(
      "INSERT INTO vault_record (pack, offset, length, raw_length, kind) VALUES (?, ?, ?, ?, ?)",
      record.pack.number,
      record.offset,
      record.length,
      record.rawLength,
      RECORD_KINDS[record.kind],
    ).lastRowid;
  }

  /** Content that somebody else stored meanwhile keeps its first place. `addedAt`: the newest version number. */
  addBlocks(blocks: readonly { record: RecordRow; pieces: PlacedBlock["pieces"] }[], addedAt: number): void {
    const rows = blocks.flatMap((block) => {
      const record = this.addRecord(block.record);
      return block.pieces.map((piece) => ({ ...piece, record }));
    });
    // In the order of the key, so that a large batch fills the tree's pages one after the other.
    if (rows.length > 1) rows.sort((a, b) => (a.digest < b.digest ? -1 : 1));
    for (const { digest, record, offset, length } of rows) {
      const sql = `INSERT INTO vault_piece VALUES (?, ?, ?, ?, ?) ${NEWLY_ADDED}`;
      this.#store.run(sql, digestBytes(digest), record, offset, length, addedAt);
    }
  }

  addRun({ record, run }: { record: RecordRow; run: Run }, addedAt: number): void {
    const number = this.addRecord(record);
    const sql = `INSERT INTO vault_run VALUES (?, ?, ?, ?, ?) ${NEWLY_ADDED}`;
    this.#store.run(sql, digestBytes(run.digest), number, run.sizeBytes, run.pieces, addedAt);
  }

  /** Somebody counts on it from now on, without a version that says so: prune takes it for new. */
  touch(digest: Digest, addedAt: number): void {
    for (const table of ["vault_piece", "vault_run"]) {
      this.#store.run(`UPDATE ${table} SET added_at = max(added_at, ?) WHERE digest = ?`, addedAt, digestBytes(digest));
    }
  }

  /** Bytes were removed: batches that began before look again at what they count on. */
  nextEpoch(): void {
    this.#store.run("UPDATE vault_state SET epoch = epoch + 1");
  }

  lastRemovedPack(): number {
    return this.#store.get<{ last: number }>("SELECT last_removed_pack AS last FROM vault_state")!.last;
  }

  removePack(number: number): void {
    this.#store.run("DELETE FROM vault_pack WHERE number = ?", number);
    this.retireNumber(number);
  }

  retireNumber(number: number): void {
    this.#store.run("UPDATE vault_state SET last_removed_pack = max(last_removed_pack, ?)", number);
  }

  remove(digest: Digest): void {
    this.#store.run("DELETE FROM vault_piece WHERE digest = ?", digestBytes(digest));
    this.#store.run("DELETE FROM vault_run WHERE digest = ?", digestBytes(digest));
  }
}

const NEWLY_ADDED = "ON CONFLICT (digest) DO UPDATE SET added_at = max(added_at, excluded.added_at)";

export interface RecordRow {
  readonly pack: { readonly number: number };
  readonly offset: number;
  readonly length: number;
  readonly rawLength: number;
  readonly kind: keyof typeof RECORD_KINDS;
}

export function splitDigests(bytes: Uint8Array): Digest[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) =>
    digestFromBytes(bytes.subarray(index * 32, index * 32 + 32)),
  );
}
