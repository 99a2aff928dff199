/** What only grows: the lines that were lost, and after them the new ones, in the vault. */

import { digestOf, type Entry, LIMITS } from "../base/index.ts";
import { union } from "../component/index.ts";
import type { Vault } from "../vault/index.ts";
import type { PathChange } from "./world.ts";

/** What stands there, where nothing of it was lost. */
export async function joined({ before, after }: PathChange, vault: Vault): Promise<Entry> {
  if (before.kind !== "file" || after.kind !== "file" || after.sizeBytes === 0) return before;
  if (before.sizeBytes + after.sizeBytes > LIMITS.unionSizeBytesMax) return before;
  const bytes = union(vault.read(before.digest), vault.read(after.digest));
  const digest = digestOf(bytes);
  if (digest === after.digest) return { ...after, mode: before.mode };
  const batch = vault.begin();
  batch.put(bytes);
  await batch.commit();
  return { ...before, digest, sizeBytes: bytes.length };
}
