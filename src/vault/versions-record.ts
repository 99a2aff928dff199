/**
 * A batch's notes as a pack record: its table places it in the chain of all such records, its bytes are the notes.
 *
 *     table: id (16 bytes) · id of the record before (16) · first version number f64 · seen at f64 · count u32
 *     notes: kind u8 · mode u16 · path length u16 · path · then of a file: digest (32), size f64; of a link: length u16, target
 *
 * The table is filled inside the commit's transaction, when the numbers are known; the notes are encoded before it. Of two records
 * that claim the same numbers – a crash came between the barrier and the transaction – the chain tells which one was committed.
 */

import { type Digest, digestFromBytes, type Entry, LIMITS, type TreePath } from "../base/index.ts";
import { compress, encodePaying } from "./block.ts";
import { DamagedRecord, type EncodedRecord } from "./record.ts";

export interface Note {
  readonly path: TreePath;
  readonly entry: Entry;
}

export interface VersionsTable {
  readonly id: Buffer;
  readonly previousId: Buffer;
  readonly firstNumber: number;
  readonly seenAtMs: number;
  readonly count: number;
}

export const MOMENT_ID_BYTES = 16;
const TABLE_BYTES = 52;
export const KIND_NUMBERS = { absent: 0, file: 1, dir: 2, link: 3 } as const;

/** Notes that make one record, encoded as far as can be done before their numbers are known. */
export interface EncodedNotes {
  readonly notes: readonly Note[];
  readonly raw: Buffer;
  readonly packed: Buffer;
}

/** In records of at most `LIMITS.versionsPerRecordMax`, compressed in the thread pool when they are long. */
export async function encodeNotesAside(notes: readonly Note[]): Promise<EncodedNotes[]> {
  const chunks: EncodedNotes[] = [];
  for (let at = 0; at < notes.length; at += LIMITS.versionsPerRecordMax) {
    const chunk = notes.slice(at, at + LIMITS.versionsPerRecordMax);
    const raw = encodeNotes(chunk);
    chunks.push({ notes: chunk, raw, packed: await compress(raw) });
  }
  return chunks;
}

export function encodeVersions(chunk: EncodedNotes, table: VersionsTable): EncodedRecord {
  return encodePaying({ kind: "versions", table: encodeVersionsTable(table), raw: chunk.raw, packed: chunk.packed });
}

export function encodeVersionsTable(table: VersionsTable): Buffer {
  const bytes = Buffer.alloc(TABLE_BYTES);
  bytes.set(table.id, 0);
  bytes.set(table.previousId, 16);
  bytes.writeDoubleLE(table.firstNumber, 32);
  bytes.writeDoubleLE(table.seenAtMs, 40);
  bytes.writeUInt32LE(table.count, 48);
  return bytes;
}

export function decodeVersionsTable(bytes: Buffer): VersionsTable {
  if (bytes.length !== TABLE_BYTES) throw new DamagedRecord("a table of versions has another length");
  return {
    id: Buffer.from(bytes.subarray(0, 16)),
    previousId: Buffer.from(bytes.subarray(16, 32)),
    firstNumber: bytes.readDoubleLE(32),
    seenAtMs: bytes.readDoubleLE(40),
    count: bytes.readUInt32LE(48),
  };
}

export function encodeNotes(notes: readonly Note[]): Buffer {
  let bytes: Buffer = Buffer.allocUnsafe(Math.max(1_024, notes.length * 160));
  let at = 0;
  for (const { path, entry } of notes) {
    if (bytes.length - at < NOTE_BYTES_MAX) bytes = grown(bytes, at);
    bytes[at] = KIND_NUMBERS[entry.kind];
    bytes.writeUInt16LE(entry.kind === "file" || entry.kind === "dir" ? entry.mode : 0, at + 1);
    at = writeText(bytes, path, at + 3);
    if (entry.kind === "file") {
      bytes.write(entry.digest.slice(7), at, "hex");
      bytes.writeDoubleLE(entry.sizeBytes, at + 32);
      at += 40;
    } else if (entry.kind === "link") at = writeText(bytes, entry.target, at);
  }
  return bytes.subarray(0, at);
}

/** Throws `DamagedRecord` when `count` notes do not fill `bytes` exactly. */
export function decodeNotes(bytes: Buffer, count: number): Note[] {
  const notes: Note[] = [];
  let at = 0;
  const text = (): string => {
    const length = bytes.readUInt16LE(at);
    at += 2 + length;
    if (at > bytes.length) throw new RangeError("text beyond the end");
    return bytes.toString("utf8", at - length, at);
  };
  try {
    for (let index = 0; index < count; index += 1) {
      const kind = bytes[at];
      const mode = bytes.readUInt16LE(at + 1);
      at += 3;
      const path = text() as TreePath;
      if (kind === KIND_NUMBERS.file) {
        const digest: Digest = digestFromBytes(bytes.subarray(at, at + 32));
        notes.push({ path, entry: { kind: "file", digest, sizeBytes: bytes.readDoubleLE(at + 32), mode } });
        at += 40;
      } else if (kind === KIND_NUMBERS.dir) notes.push({ path, entry: { kind: "dir", mode } });
      else if (kind === KIND_NUMBERS.link) notes.push({ path, entry: { kind: "link", target: text() } });
      else if (kind === KIND_NUMBERS.absent) notes.push({ path, entry: { kind: "absent" } });
      else throw new RangeError(`unknown kind ${kind}`);
    }
  } catch (error) {
    throw new DamagedRecord(`the notes cannot be read (${(error as Error).message})`);
  }
  if (at !== bytes.length) throw new DamagedRecord("the notes have another length than their count says");
  return notes;
}

/** Path and link target are bounded by the system, each at most three times as many bytes as UTF-16 units. */
const NOTE_BYTES_MAX = 3 + 2 * (2 + 65_535);

function grown(bytes: Buffer, used: number): Buffer {
  const larger = Buffer.allocUnsafe(bytes.length * 2 + NOTE_BYTES_MAX);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

function writeText(bytes: Buffer, text: string, at: number): number {
  const length = bytes.write(text, at + 2, 65_535);
  bytes.writeUInt16LE(length, at);
  return at + 2 + length;
}
