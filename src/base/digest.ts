/** SHA-256, as every record, manifest and index writes it. */

import { createHash, hash } from "node:crypto";
import { assert } from "./assert.ts";
import type { Digest } from "./ids.ts";

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** `sha256:…` of `bytes`. One-shot: three times as fast as a hash object for small content. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${hash("sha256", bytes, "hex")}` as Digest;
}

/** For content that arrives in pieces. */
export function digester(): { update(bytes: Uint8Array): void; digest(): Digest } {
  const state = createHash("sha256");
  return {
    update: (bytes) => void state.update(bytes),
    digest: () => `sha256:${state.digest("hex")}` as Digest,
  };
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && DIGEST.test(text);
}

/** The 32 bytes behind `sha256:…`, as packs and the index keep them. */
export function digestBytes(digest: Digest): Buffer {
  return Buffer.from(digest.slice(7), "hex");
}

export function digestFromBytes(bytes: Uint8Array): Digest {
  assert(bytes.length === 32, "a digest has 32 bytes");
  return `sha256:${Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString("hex")}` as Digest;
}
