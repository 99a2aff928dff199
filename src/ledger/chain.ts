/**
 * The chain: how a record becomes a line, and how a line is proven.
 *
 * A line is the canonical JSON (RFC 8785) of the record without `hash`, with `"hash"` put in as its last key, so that the hashed bytes
 * are the line's own: whoever takes the tail off holds exactly what was hashed after `prev`.
 */

import { assert, canonicalJson, digestOf } from "../base/index.ts";
import type { EventName, LedgerRecord } from "./events.ts";

/** What precedes a record: its sequence, its hash (64 hexadecimal digits, `""` before the first) and its time. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
  readonly ts: string;
}

export const CHAIN_START: Link = { seq: 0, hash: "", ts: "" };

export type UnsealedRecord<E extends EventName = EventName> = Omit<LedgerRecord<E>, "hash">;

/** The line and the hash of a record that has everything but its hash. */
export function seal(record: UnsealedRecord): { line: string; hash: string } {
  const body = canonicalJson(record);
  const hash = hashOf(record.prev, body);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** The line that `record` was exported as. */
export function lineOf(record: LedgerRecord): string {
  const { hash, ...body } = record;
  const sealed = seal(body);
  assert(sealed.hash === hash, `record ${record.seq} keeps the hash that it was read with`);
  return sealed.line;
}

/** A line that was proven before, or comes from the store, as a record. */
export function recordOf(line: string): LedgerRecord {
  return JSON.parse(line) as LedgerRecord;
}

/** A line that may be anything: `null` unless it is a JSON object. Nothing in it is proven. */
export function parseLine(line: string): LedgerRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" ? (value as LedgerRecord) : null;
  } catch {
    return null;
  }
}

export type Checked =
  | { readonly record: LedgerRecord; readonly why: null }
  | { readonly record: null; readonly why: string };

/** Proves that `line` is the record that follows `previous`; otherwise says why it is not. */
export function checkLine(line: string, previous: Link): Checked {
  const tail = TAIL.exec(line);
  if (!tail) return broken("it does not end in a hash");
  const record = parseLine(line);
  if (record === null) return broken("it is no JSON object");
  if (record.seq !== previous.seq + 1) return broken(`gap in seq: ${String(record.seq)} follows ${previous.seq}`);
  if (record.prev !== previous.hash) return broken("its prev is not the hash of the record before it");
  if (hashOf(previous.hash, `${line.slice(0, tail.index)}}`) !== tail[1])
    return broken("its hash does not fit its content");
  if (!(record.ts >= previous.ts)) return broken("its time lies before that of the record before it");
  return { record, why: null };
}

const TAIL = /,"hash":"([0-9a-f]{64})"\}$/;

/** The hash at the end of a line that the store holds. */
export function hashAtEnd(line: string): string {
  return line.slice(-66, -2);
}

function hashOf(previousHash: string, body: string): string {
  return digestOf(previousHash + body).slice("sha256:".length);
}

function broken(why: string): Checked {
  return { record: null, why };
}
