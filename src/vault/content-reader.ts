/**
 * Gives content back, checked against its digest: what is damaged is named (`VAULT_CORRUPT`), never returned.
 *
 * Readers need no lock: prune first moves rows to the new pack and then unlinks the old one, so who finds a pack gone looks the
 * place up again.
 */

import { type Digest, digester, digestOf, HoldfastError, LIMITS } from "../base/index.ts";
import { PIECE_ROW_BYTES } from "./block.ts";
import type { ContentIndex, PieceFound } from "./content-index.ts";
import { type PackReader, packName } from "./pack-files.ts";
import { RECORD_HEAD_BYTES } from "./record.ts";

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
    return Buffer.concat([...this.pieces(digest)], run.sizeBytes);
  }

  /** In pieces of at most one block. The whole digest is checked after the last piece. */
  *pieces(digest: Digest): IterableIterator<Buffer> {
    for (const piece of this.stream(digest)) yield Buffer.from(piece);
  }

  /**
   * The same, each piece good only until the next is asked for, and not to be changed: all lie in the same memory, one after the other,
   * because a buffer for each is garbage that piles up outside V8's heap faster than it is collected.
   */
  *stream(digest: Digest): IterableIterator<Buffer> {
    const run = this.#index.run(digest);
    if (run === null) {
      yield this.piece(digest);
      return;
    }
    const whole = digester();
    const memory = Buffer.allocUnsafe(LIMITS.blockSizeBytes + RECORD_HEAD_BYTES + PIECE_ROW_BYTES);
    for (const piece of run.pieces) {
      const bytes = this.piece(piece, memory);
      whole.update(bytes);
      yield bytes;
    }
    if (whole.digest() !== digest) throw corrupt(digest, "its pieces do not make it up");
  }

  /** Content of at most one block, as a view into a cached block, or into `memory`: not to be kept or changed. */
  piece(digest: Digest, memory?: Buffer): Buffer {
    for (let attempt = 1; ; attempt += 1) {
      const place = this.#index.piece(digest);
      if (place === null) {
        throw new HoldfastError("DIGEST_UNKNOWN", `The vault holds no content ${digest}.`, { data: { digest } });
      }
      const block =
        memory !== undefined && place.length <= memory.length ? this.#blockIn(place, memory) : this.#block(place);
      if (block !== null) return checkedPiece(digest, place, block);
      if (attempt === LOOKUPS_MAX) throw corrupt(digest, "its pack is missing", place);
    }
  }

  clear(): void {
    this.#blocks.clear();
  }

  /** A piece of a run has a block to itself nearly always: keeping it would help nobody. */
  #blockIn(place: PieceFound, memory: Buffer): Buffer | null {
    const known = this.#blocks.get(`${place.pack}:${place.offset}`);
    if (known !== undefined) return known;
    const record = this.#packs.record(place, memory);
    if (record !== null && record.kind !== "block") throw corrupt(null, "the record is no block", place);
    return record?.raw ?? null;
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
