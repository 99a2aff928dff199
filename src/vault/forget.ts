/**
 * Removes bytes for good: a leaked secret. Rows go first, in one transaction with a record that says so; then every pack that holds
 * the bytes, in dead or aborted records too, is rewritten without them.
 *
 * Crash in between: the bytes are unreachable but still in packs; forgetting the same digest again finishes it, whatever the index
 * says. Pieces that other content needs as well stay.
 */

import { type Digest, digestBytes, digestFromBytes } from "../base/index.ts";
import { decodePieceTable } from "./block.ts";
import { ContentIndex, splitDigests } from "./content-index.ts";
import { packNumbers } from "./pack-files.ts";
import { scanPack } from "./pack-scan.ts";
import { PackWriter } from "./pack-writer.ts";
import { encodeRecord } from "./record.ts";
import { type RewriteParts, removeOrphans, rewritePacks } from "./rewrite.ts";

export async function forgetContents(
  parts: RewriteParts,
  digests: readonly Digest[],
  endPack: () => void,
): Promise<{ forgotten: Digest[]; bytes: number }> {
  const { store } = parts;
  const contents = new ContentIndex(store);
  const wanted = [...new Set(digests)];
  const forgotten = wanted.filter((digest) => contents.has(digest));
  const sizes = new Map(forgotten.map((digest) => [digest, sizeOf(contents, digest)]));
  const erased = removeRows(parts, contents, wanted);
  endPack();
  const packs = packsWith(parts, erased);
  if (packs.length > 0) await rewritePacks(parts, packs);
  removeOrphans(parts);
  return { forgotten, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

/** Returns everything whose bytes must be in no pack any more. */
function removeRows(parts: RewriteParts, contents: ContentIndex, wanted: readonly Digest[]): Set<Digest> {
  const writer = new PackWriter(parts.packsDir, parts.ports, () => contents.lastRemovedPack());
  try {
    const table = Buffer.concat(wanted.map((digest) => digestBytes(digest)));
    const record = writer.append(
      encodeRecord({ kind: "forgotten", codec: "stored", table, stored: Buffer.alloc(0), rawLength: 0 }),
    );
    writer.sync();
    return parts.store.transaction(() => {
      const pieces = new Set(wanted.flatMap((digest) => contents.run(digest)?.pieces ?? []));
      for (const digest of wanted) {
        contents.remove(digest);
        parts.store.run("INSERT OR IGNORE INTO vault_forgotten VALUES (?)", digestBytes(digest));
      }
      for (const piece of neededElsewhere(parts, pieces)) pieces.delete(piece);
      for (const piece of pieces) contents.remove(piece);
      contents.addPack(record.pack);
      contents.addRecord(record);
      contents.nextEpoch();
      return new Set([...wanted, ...pieces]);
    });
  } finally {
    writer.close();
  }
}

/** Of `pieces`: parts of other runs, and content of a path by themselves. */
function neededElsewhere({ store }: RewriteParts, pieces: ReadonlySet<Digest>): Set<Digest> {
  const needed = new Set<Digest>();
  if (pieces.size === 0) return needed;
  for (const run of store.iterate<{ pieces: Uint8Array }>("SELECT pieces FROM vault_run")) {
    for (const piece of splitDigests(run.pieces)) if (pieces.has(piece)) needed.add(piece);
  }
  for (const piece of pieces) {
    if (store.get("SELECT 1 FROM vault_version WHERE digest = ? LIMIT 1", digestBytes(piece)) !== undefined)
      needed.add(piece);
  }
  return needed;
}

/** The indexed packs in which a record holds one of `erased`, in use or not. */
function packsWith({ store, ports, packsDir }: RewriteParts, erased: ReadonlySet<Digest>): number[] {
  const contents = new ContentIndex(store);
  return packNumbers(ports.disk, packsDir)
    .filter((pack) => contents.hasPack(pack))
    .filter((pack) => {
      for (const record of scanPack(ports.disk, packsDir, pack)) {
        if ("gapBytes" in record) continue;
        if (record.head.kind === "block" && decodePieceTable(record.table).some(({ digest }) => erased.has(digest)))
          return true;
        if (record.head.kind === "run" && erased.has(digestFromBytes(record.table.subarray(0, 32)))) return true;
      }
      return false;
    });
}

function sizeOf(contents: ContentIndex, digest: Digest): number {
  return contents.run(digest)?.sizeBytes ?? contents.piece(digest)?.pieceLength ?? 0;
}
