/**
 * Gives content back, checked against its digest: what is damaged is named (`VAULT_CORRUPT`), never returned.
 *
 * Readers need no lock: prune first moves rows to the new pack and then unlinks the old one, so who finds a pack gone looks the
 * place up again.
 */

import { type Digest, digester, digestOf, HoldfastError } from "../base/index.ts";
import type { ContentIndex, PieceFound } from "./content-index.ts";
import { type PackReader, packName } from "./pack-files.ts";

export class ContentReader {
  readonly #index: ContentIndex;
  readonly #packs: PackReader;
  /** Decompressed blocks by their place, oldest first. */
  readonly #blocks = new Map<string, Buffer>();

  constructor(index: ContentIndex, packs: PackReader) {
    this.#index = index;
    this.#packs = packs;
  }

  read(digest: Digest): Buffer {
    const run = this.#index.run(digest);
    if (run === null) return Buffer.from(this.piece(digest));
    const bytes = Buffer.concat([...this.pieces(digest)], run.sizeBytes);
    return bytes;
  }

  /** In pieces of at most one block. The whole digest is checked after the last piece. */
  *pieces(digest: Digest): IterableIterator<Buffer> {
    const run = this.#index.run(digest);
    if (run === null) {
      yield Buffer.from(this.piece(digest));
      return;
    }
    const whole = digester();
    for (const piece of run.pieces) {
      const bytes = this.piece(piece);
      whole.update(bytes);
      yield Buffer.from(bytes);
    }
    if (whole.digest() !== digest) throw corrupt(digest, "its pieces do not make it up");
  }

  /** Content of at most one block, as a view into a cached block: not to be kept or changed. */
  piece(digest: Digest): Buffer {
    for (let attempt = 1; ; attempt += 1) {
      const place = this.#index.piece(digest);
      if (place === null) {
        throw new HoldfastError("DIGEST_UNKNOWN", `The vault holds no content ${digest}.`, { data: { digest } });
      }
      const block = this.#block(place);
      if (block !== null) return checkedPiece(digest, place, block);
      if (attempt === LOOKUPS_MAX) throw corrupt(digest, "its pack is missing", place);
    }
  }

  clear(): void {
    this.#blocks.clear();
  }

  #block(place: PieceFound): Buffer | null {
    const key = `${place.pack}:${place.offset}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const record = this.#packs.record(place);
    if (record === null) return null;
    if (record.kind !== "block") throw corrupt(null, "the record is no block", place);
    if (this.#blocks.size >= CACHED_BLOCKS_MAX) this.#blocks.delete(this.#blocks.keys().next().value!);
    this.#blocks.set(key, record.raw);
    return record.raw;
  }
}

/** The piece inside its block, checked. */
export function checkedPiece(digest: Digest, place: PieceFound, block: Buffer): Buffer {
  const bytes = block.subarray(place.pieceOffset, place.pieceOffset + place.pieceLength);
  if (bytes.length !== place.pieceLength || digestOf(bytes) !== digest)
    throw corrupt(digest, "its bytes have another digest", place);
  return bytes;
}

export function corrupt(digest: Digest | null, why: string, place?: { pack: number; offset: number }): HoldfastError {
  const where = place === undefined ? "" : ` (${packName(place.pack)} at ${place.offset})`;
  return new HoldfastError("VAULT_CORRUPT", `Content ${digest ?? ""} is damaged: ${why}${where}.`, {
    data: { digest, why, ...(place && { pack: packName(place.pack), offset: place.offset }) },
  });
}

const CACHED_BLOCKS_MAX = 4;
/** Each look that fails needs another prune in between. */
const LOOKUPS_MAX = 3;
