/** Many contents in the order in which they lie in the packs: each block is read and decompressed once, a few ahead, aside. */

import { type Digest, HoldfastError, LIMITS, type Ports } from "../base/index.ts";
import type { ContentIndex, PieceFound } from "./content-index.ts";
import { type ContentReader, checkedPiece } from "./content-reader.ts";
import { type PackReader, packName } from "./pack-files.ts";
import { DamagedRecord, decodeRecordAside } from "./record.ts";

export interface ReadManyParts {
  readonly index: ContentIndex;
  readonly reader: ContentReader;
  readonly packs: PackReader;
  readonly clock: Ports["clock"];
}

interface WantedBlock {
  readonly place: PieceFound;
  readonly pieces: { digest: Digest; place: PieceFound }[];
}

/** Throws `DIGEST_UNKNOWN` before the first content is taken, `VAULT_CORRUPT` where it is met. */
export async function readMany(
  digests: Iterable<Digest>,
  take: (digest: Digest, pieces: Iterable<Uint8Array>) => void,
  parts: ReadManyParts,
): Promise<void> {
  const { runs, blocks } = placesOf(digests, parts.index);
  const ahead: Promise<Buffer | null>[] = [];
  for (let index = 0; index < blocks.length; index += 1) {
    while (ahead.length < LIMITS.blocksInFlightMax && index + ahead.length < blocks.length) {
      const coming = openBlock(blocks[index + ahead.length]!.place, parts.packs);
      // Its failure is met when its turn comes; until then it is nobody's.
      coming.catch(() => undefined);
      ahead.push(coming);
    }
    const block = await ahead.shift()!;
    for (const { digest, place } of blocks[index]!.pieces) {
      // Prune moved the pack away: the reader looks the place up again.
      take(digest, [block === null ? parts.reader.piece(digest) : checkedPiece(digest, place, block)]);
    }
    await parts.clock.breathe();
  }
  for (const digest of runs) {
    take(digest, parts.reader.stream(digest));
    await parts.clock.breathe();
  }
}

function placesOf(digests: Iterable<Digest>, index: ContentIndex): { runs: Digest[]; blocks: WantedBlock[] } {
  const runs: Digest[] = [];
  const blocks = new Map<number, WantedBlock>();
  for (const digest of new Set(digests)) {
    const place = index.piece(digest);
    if (place === null) {
      if (index.run(digest) === null)
        throw new HoldfastError("DIGEST_UNKNOWN", `The vault holds no content ${digest}.`, { data: { digest } });
      runs.push(digest);
      continue;
    }
    const block = blocks.get(place.record);
    if (block === undefined) blocks.set(place.record, { place, pieces: [{ digest, place }] });
    else block.pieces.push({ digest, place });
  }
  const ordered = [...blocks.values()].sort((a, b) => a.place.pack - b.place.pack || a.place.offset - b.place.offset);
  return { runs, blocks: ordered };
}

async function openBlock(place: PieceFound, packs: PackReader): Promise<Buffer | null> {
  const bytes = packs.bytes(place);
  if (bytes === null) return null;
  try {
    return (await decodeRecordAside(bytes)).raw;
  } catch (error) {
    if (error instanceof DamagedRecord) throw error.toHoldfastError(packName(place.pack), place.offset);
    throw error;
  }
}
