import canonicalize from "canonicalize";
import { assert } from "./assert.ts";

/** RFC 8785: one byte sequence for one value. What ledger hashes are made of. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  assert(text !== undefined, "only JSON values are made canonical");
  return text;
}
