/** Branded names. A plain string becomes one only in the parser of its room; the brand is the proof that it was checked. */

import type { Clock, Random } from "./ports.ts";

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A path inside a tree: relative, `/`-separated, no `.`/`..`/empty segments, not `.git`, no NUL. `""` never occurs. */
export type TreePath = Brand<string, "TreePath">;
/** `sha256:` and 64 hexadecimal digits. */
export type Digest = Brand<string, "Digest">;
/** `[A-Za-z0-9._-]`, 1 to 128 characters, not starting with a dot. */
export type WorkOrderId = Brand<string, "WorkOrderId">;
/** `S` and a UUIDv7 without dashes' tail: sortable by time, unique in a vault. */
export type SnapshotId = Brand<string, "SnapshotId">;
/** Identifies a tree on this machine; kept in the registry, never in a committed file. */
export type TreeId = Brand<string, "TreeId">;

/**
 * A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits, so that ids sort by time.
 * Shape: `0193a2f4-7c1e-7d3a-9f00-5b2c9d4e8a71`.
 */
export function uuidv7(clock: Pick<Clock, "now">, random: Random): string {
  const bytes = random.bytes(16);
  const ms = clock.now();
  bytes.writeUIntBE(ms, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
