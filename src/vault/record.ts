/**
 * The form of a pack: a head, then self-describing records, one after the other.
 *
 *     pack:   "HFPACK1\n" · id (16 bytes) · crc32 of both
 *     record: "HFR1" · kind u8 · codec u8 · 0 u16 · table length u32 · stored length u32 · raw length u32 · crc32 of the stored
 *             bytes · crc32 of all that and the table · table · stored bytes               (little endian)
 *
 * The table lies outside the compressed part and under a checksum of its own, so that the index is rebuilt by reading heads and
 * tables only. What the table and the bytes of each kind mean is written where they are made (`block.ts`, `versions-record.ts`).
 *
 * Crash: a record is whole or it fails its checksum; nothing here ever repairs one. Nobody appends behind a torn record.
 */

import { promisify } from "node:util";
import { crc32, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { assert, HoldfastError, LIMITS } from "../base/index.ts";

export const RECORD_KINDS = { block: 1, run: 2, versions: 3, snapshot: 4, void: 5, forgotten: 6 } as const;
export type RecordKind = keyof typeof RECORD_KINDS;
export const CODECS = { stored: 0, zstd: 1 } as const;
export type Codec = keyof typeof CODECS;

export const RECORD_HEAD_BYTES = 28;
export const PACK_HEAD_BYTES = 28;
const RECORD_MAGIC = Buffer.from("HFR1");
const PACK_MAGIC = Buffer.from("HFPACK1\n");
const NO_BYTES = Buffer.alloc(0);

/** What stands before a record's bytes. Lengths are bytes. */
export interface RecordHead {
  readonly kind: RecordKind;
  readonly codec: Codec;
  readonly tableLength: number;
  readonly storedLength: number;
  readonly rawLength: number;
  readonly storedCrc: number;
  readonly headCrc: number;
}

/** A record ready to be appended: `head` holds the table too. */
export interface EncodedRecord {
  readonly kind: RecordKind;
  readonly head: Buffer;
  readonly stored: Uint8Array;
  readonly rawLength: number;
}

export interface RecordContent {
  kind: RecordKind;
  codec: Codec;
  table?: Uint8Array;
  stored: Uint8Array;
  rawLength: number;
}

export function encodeRecord({ kind, codec, table = NO_BYTES, stored, rawLength }: RecordContent): EncodedRecord {
  assert(rawLength <= LIMITS.recordSizeBytesMax, "a record's raw bytes stay under their limit");
  const head = Buffer.allocUnsafe(RECORD_HEAD_BYTES + table.length);
  RECORD_MAGIC.copy(head);
  head[4] = RECORD_KINDS[kind];
  head[5] = CODECS[codec];
  head.writeUInt16LE(0, 6);
  head.writeUInt32LE(table.length, 8);
  head.writeUInt32LE(stored.length, 12);
  head.writeUInt32LE(rawLength, 16);
  head.writeUInt32LE(crc32(stored), 20);
  head.set(table, RECORD_HEAD_BYTES);
  head.writeUInt32LE(headCrcOf(head), 24);
  return { kind, head, stored, rawLength };
}

/** The head at the start of `bytes`, or `null` when there is none. The table's checksum is `tableHolds`'s to check. */
export function parseHead(bytes: Buffer): RecordHead | null {
  if (bytes.length < RECORD_HEAD_BYTES || bytes.compare(RECORD_MAGIC, 0, 4, 0, 4) !== 0) return null;
  const kind = KIND_NAMES[bytes[4]!];
  const codec = CODEC_NAMES[bytes[5]!];
  if (kind === undefined || codec === undefined || bytes.readUInt16LE(6) !== 0) return null;
  const head: RecordHead = {
    kind,
    codec,
    tableLength: bytes.readUInt32LE(8),
    storedLength: bytes.readUInt32LE(12),
    rawLength: bytes.readUInt32LE(16),
    storedCrc: bytes.readUInt32LE(20),
    headCrc: bytes.readUInt32LE(24),
  };
  const limit = LIMITS.recordSizeBytesMax;
  return head.tableLength > limit || head.storedLength > limit || head.rawLength > limit ? null : head;
}

/** True when head and table, which `bytes` begins with, are as they were written. */
export function headHolds(bytes: Buffer, head: RecordHead): boolean {
  const end = RECORD_HEAD_BYTES + head.tableLength;
  return bytes.length >= end && headCrcOf(bytes.subarray(0, end)) === head.headCrc;
}

export function recordLength(head: RecordHead): number {
  return RECORD_HEAD_BYTES + head.tableLength + head.storedLength;
}

export interface DecodedRecord {
  readonly kind: RecordKind;
  readonly table: Buffer;
  readonly raw: Buffer;
}

/** The whole record that `bytes` holds, checked. Throws `DamagedRecord`, which the reader turns into `VAULT_CORRUPT`. */
export function decodeRecord(bytes: Buffer): DecodedRecord {
  const head = parseHead(bytes);
  if (head === null) throw new DamagedRecord("no record begins here");
  if (bytes.length !== recordLength(head)) throw new DamagedRecord("the record is cut off");
  if (!headHolds(bytes, head)) throw new DamagedRecord("the head's checksum does not hold");
  const stored = bytes.subarray(RECORD_HEAD_BYTES + head.tableLength);
  if (crc32(stored) !== head.storedCrc) throw new DamagedRecord("the content's checksum does not hold");
  const raw = head.codec === "zstd" ? decompress(stored, head.rawLength) : stored;
  if (raw.length !== head.rawLength) throw new DamagedRecord("the content has another length than its head says");
  return { kind: head.kind, table: bytes.subarray(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + head.tableLength), raw };
}

/** The same with the decompression in the thread pool. */
export async function decodeRecordAside(bytes: Buffer): Promise<DecodedRecord> {
  const head = parseHead(bytes);
  if (head?.codec !== "zstd" || bytes.length !== recordLength(head)) return decodeRecord(bytes);
  const start = RECORD_HEAD_BYTES + head.tableLength;
  const stored = bytes.subarray(start);
  if (!headHolds(bytes, head) || crc32(stored) !== head.storedCrc) return decodeRecord(bytes);
  const raw = await decompressAside(stored, outputOf(head.rawLength)).catch(() => null);
  if (raw?.length !== head.rawLength) throw new DamagedRecord("the content cannot be decompressed");
  return { kind: head.kind, table: bytes.subarray(RECORD_HEAD_BYTES, start), raw };
}

/** Made when it is called: `node:zlib` takes a millisecond to load, and most verbs decompress nothing. */
const decompressAside = (bytes: Uint8Array, options: object): Promise<Buffer> =>
  promisify<Uint8Array, object, Buffer>(zstdDecompress)(bytes, options);

/** A record whose bytes are not what was written. */
export class DamagedRecord extends Error {
  override readonly name = "DamagedRecord";

  toHoldfastError(pack: string, offset: number): HoldfastError {
    return new HoldfastError("VAULT_CORRUPT", `The record at ${offset} of ${pack} is damaged: ${this.message}`, {
      data: { pack, offset, why: this.message },
      cause: this,
    });
  }
}

export function encodePackHead(id: Buffer): Buffer {
  assert(id.length === 16, "a pack's id has 16 bytes");
  const head = Buffer.concat([PACK_MAGIC, id, Buffer.alloc(4)]);
  head.writeUInt32LE(crc32(head.subarray(0, 24)), 24);
  return head;
}

/** The pack's id, or `null` when this is not a pack's beginning. */
export function parsePackHead(bytes: Buffer): Buffer | null {
  if (bytes.length < PACK_HEAD_BYTES || bytes.compare(PACK_MAGIC, 0, 8, 0, 8) !== 0) return null;
  return crc32(bytes.subarray(0, 24)) === bytes.readUInt32LE(24) ? Buffer.from(bytes.subarray(8, 24)) : null;
}

/** Where the next record may begin in `bytes`, at or after `from`; -1 when nowhere. For finding back after damage. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(RECORD_MAGIC, from);
}

function headCrcOf(head: Uint8Array): number {
  return crc32(head.subarray(RECORD_HEAD_BYTES), crc32(head.subarray(0, 24)));
}

function decompress(stored: Buffer, rawLength: number): Buffer {
  try {
    return zstdDecompressSync(stored, outputOf(rawLength));
  } catch (error) {
    throw new DamagedRecord(`the content cannot be decompressed (${(error as Error).message})`);
  }
}

/** In one piece: zlib's own are 16 KiB each, and copied together at the end. A full one would ask for the next. */
function outputOf(rawLength: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(rawLength, 1), chunkSize: rawLength + CHUNK_BYTES_MIN };
}

const CHUNK_BYTES_MIN = 64;
const KIND_NAMES: readonly (RecordKind | undefined)[] = [
  undefined,
  "block",
  "run",
  "versions",
  "snapshot",
  "void",
  "forgotten",
];
const CODEC_NAMES: readonly (Codec | undefined)[] = ["stored", "zstd"];
