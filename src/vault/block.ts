/**
 * Gathers content pieces into blocks, compresses them aside, and appends them to the pack.
 *
 * A block's table lists its pieces: digest (32 bytes) · length u32, in the order of the raw bytes. Content longer than a block is
 * cut into pieces of exactly one block, each with a digest of its own, and a *run* record names them: one that grows at its
 * end or changes in the middle costs only the blocks that changed, and any size streams in bounded memory.
 */

import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync } from "node:zlib";
import { type Digest, digestBytes, digestFromBytes, LIMITS } from "../base/index.ts";
import type { PackWriter, PlacedRecord } from "./pack-writer.ts";
import { DamagedRecord, encodeRecord, type RecordKind } from "./record.ts";

export interface PiecePlace {
  readonly digest: Digest;
  readonly offset: number;
  readonly length: number;
}

/** A block that was appended, with what lies in it. */
export interface PlacedBlock {
  readonly record: PlacedRecord;
  readonly pieces: readonly PiecePlace[];
}

export class BlockBuilder {
  readonly #writer: PackWriter;
  readonly #placed: (block: PlacedBlock) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #used = 0;
  #sent = 0;
  /** Buffers of whole blocks whose bytes are written: a fresh one for each block keeps the garbage collector busy. */
  readonly #spare: Buffer[] = [];
  #pieces: PiecePlace[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #failure: unknown = null;
  #discarded = false;

  constructor(writer: PackWriter, placed: (block: PlacedBlock) => void) {
    this.#writer = writer;
    this.#placed = placed;
  }

  /** Takes a copy of `bytes`, at most one block. */
  add(digest: Digest, bytes: Uint8Array): void {
    this.#rethrow();
    if (this.#used + bytes.length > LIMITS.blockSizeBytes) this.#send();
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#pieces.push({ digest, offset: this.#used, length: bytes.length });
    this.#used += bytes.length;
  }

  /** True when so many blocks are being compressed that the caller should wait for `drained`. */
  get full(): boolean {
    return this.#inFlight.size >= LIMITS.blocksInFlightMax;
  }

  /** Resolves as soon as another block may be sent. */
  async drained(): Promise<void> {
    while (this.full) await Promise.race(this.#inFlight);
    this.#rethrow();
  }

  /** Resolves when everything that was added is appended. */
  async finish(): Promise<void> {
    this.#send();
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight);
    this.#rethrow();
  }

  /** Nothing more is appended; what is being compressed is dropped. */
  discard(): void {
    this.#discarded = true;
    this.#pieces = [];
  }

  #reserve(length: number): void {
    const needed = this.#used + length;
    if (this.#bytes.length >= needed) return;
    if (this.#used === 0 && this.#spare.length > 0) {
      this.#bytes = this.#spare.pop()!;
      return;
    }
    // A second block means a large batch: no use in beginning small again.
    const size =
      this.#sent > 0
        ? LIMITS.blockSizeBytes
        : Math.min(LIMITS.blockSizeBytes, Math.max(needed, this.#bytes.length * 4, SMALLEST_BUFFER_BYTES));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }

  #send(): void {
    if (this.#pieces.length === 0) return;
    const raw = this.#bytes.subarray(0, this.#used);
    const pieces = this.#pieces;
    const buffer = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    this.#pieces = [];
    this.#used = 0;
    this.#sent += 1;
    if (pieces.length === 1 && looksPacked(raw)) {
      this.#append(pieces, raw, raw);
      this.#reuse(buffer);
      return;
    }
    // A caller that cannot wait (`put`) still has bounded memory: with all hands busy, it compresses itself.
    if (raw.length < COMPRESS_HERE_BYTES_MAX || this.full) {
      this.#append(pieces, raw, zstdCompressSync(raw, zstd(raw)));
      this.#reuse(buffer);
      return;
    }
    const work = compressAside(raw, zstd(raw))
      .then((packed) => {
        this.#append(pieces, raw, packed);
        this.#reuse(buffer);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  #append(pieces: readonly PiecePlace[], raw: Buffer, packed: Buffer): void {
    if (this.#discarded) return;
    const record = this.#writer.append(encodePaying({ kind: "block", table: encodePieceTable(pieces), raw, packed }));
    this.#placed({ record, pieces });
  }

  #reuse(buffer: Buffer): void {
    if (buffer.length === LIMITS.blockSizeBytes) this.#spare.push(buffer);
  }

  #rethrow(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

/** Level 1: level 3 costs twice the time for a tenth of the size, measured on packages and sources. */
function zstd(raw: Buffer): { params: Record<number, number>; chunkSize: number } {
  return {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    // Room for the worst case (ZSTD_compressBound): Node then hands the result over whole, not in pieces to be copied together.
    chunkSize: raw.length + (raw.length >> 8) + 1_024,
  };
}
const SAMPLE_BYTES = 32 * 1024;

/** Of a piece of one long file: a sample from its middle tells archives, images and media, which no longer shrink. */
function looksPacked(raw: Buffer): boolean {
  if (raw.length < COMPRESS_HERE_BYTES_MAX) return false;
  const middle = (raw.length - SAMPLE_BYTES) >> 1;
  const sample = raw.subarray(middle, middle + SAMPLE_BYTES);
  return zstdCompressSync(sample, zstd(sample)).length >= SAMPLE_BYTES * 0.98;
}

/** Made when it is called: `node:zlib` takes a millisecond to load. */
const compressAside = (bytes: Uint8Array, options: ReturnType<typeof zstd>): Promise<Buffer> =>
  promisify<Uint8Array, ReturnType<typeof zstd>, Buffer>(zstdCompress)(bytes, options);
/** Under a third of a millisecond: a hop to the thread pool and back would take as long. */
const COMPRESS_HERE_BYTES_MAX = 96 * 1024;
const SMALLEST_BUFFER_BYTES = 16 * 1024;

/** A record whose bytes are compressed here and now. */
export function encodeCompressed(kind: RecordKind, table: Buffer, raw: Buffer): ReturnType<typeof encodeRecord> {
  return encodePaying({ kind, table, raw, packed: zstdCompressSync(raw, zstd(raw)) });
}

/** The same with the compression in the thread pool; the table can follow later. */
export async function compress(raw: Buffer): Promise<Buffer> {
  return raw.length < COMPRESS_HERE_BYTES_MAX ? zstdCompressSync(raw, zstd(raw)) : compressAside(raw, zstd(raw));
}

/** Keeps the compressed form where it is smaller by a twentieth at least. */
export function encodePaying(content: {
  kind: RecordKind;
  table: Buffer;
  raw: Buffer;
  packed: Buffer;
}): ReturnType<typeof encodeRecord> {
  const { kind, table, raw, packed } = content;
  return packed.length < raw.length * 0.95
    ? encodeRecord({ kind, codec: "zstd", table, stored: packed, rawLength: raw.length })
    : encodeRecord({ kind, codec: "stored", table, stored: raw, rawLength: raw.length });
}

export const PIECE_ROW_BYTES = 36;

export function encodePieceTable(pieces: readonly PiecePlace[]): Buffer {
  const table = Buffer.allocUnsafe(pieces.length * PIECE_ROW_BYTES);
  pieces.forEach(({ digest, length }, index) => {
    table.write(digest.slice(7), index * PIECE_ROW_BYTES, "hex");
    table.writeUInt32LE(length, index * PIECE_ROW_BYTES + 32);
  });
  return table;
}

export function decodePieceTable(table: Buffer): PiecePlace[] {
  if (table.length % PIECE_ROW_BYTES !== 0) throw new DamagedRecord("a table of pieces has an odd length");
  const pieces: PiecePlace[] = [];
  let offset = 0;
  for (let at = 0; at < table.length; at += PIECE_ROW_BYTES) {
    const length = table.readUInt32LE(at + 32);
    pieces.push({ digest: digestFromBytes(table.subarray(at, at + 32)), offset, length });
    offset += length;
  }
  return pieces;
}

/** Content longer than a block: the digests of its pieces in order. */
export interface Run {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** 32 bytes each. */
  readonly pieces: Buffer;
}

/** Table: digest (32 bytes) · size f64. Bytes: the pieces' digests. */
export function encodeRun(run: Run): ReturnType<typeof encodeRecord> {
  const table = Buffer.alloc(40);
  table.set(digestBytes(run.digest), 0);
  table.writeDoubleLE(run.sizeBytes, 32);
  return encodeRecord({ kind: "run", codec: "stored", table, stored: run.pieces, rawLength: run.pieces.length });
}

export function decodeRun(table: Buffer, raw: Buffer): Run {
  if (table.length !== 40 || raw.length % 32 !== 0) throw new DamagedRecord("a run has an odd length");
  return {
    digest: digestFromBytes(table.subarray(0, 32)),
    sizeBytes: table.readDoubleLE(32),
    pieces: Buffer.from(raw),
  };
}
