/**
 * Takes content into a batch: what the vault has costs nothing, the rest goes into blocks.
 *
 * Invariant: at commit, every digest that the batch was asked to keep is in the index or among `blocks` and `runs`. Prune may
 * remove what a running batch counted on; so the batch remembers where it had those bytes from, and its commit looks again
 * (`missing`) whenever the epoch moved. This is what stands in place of leases: nobody ever waits for a batch.
 */

import { type Digest, digestBytes, digester, digestOf, LIMITS, type TreePath } from "../base/index.ts";
import { BlockBuilder, encodeRun, type PlacedBlock } from "./block.ts";
import type { ContentIndex, PlacedRun } from "./content-index.ts";
import type { PackWriter, PlacedRecord } from "./pack-writer.ts";

/** Where content could be had from once more. */
export type Source = { readonly bytes: Uint8Array } | { readonly path: TreePath };

export class ContentSink {
  readonly #index: ContentIndex;
  readonly #writer: PackWriter;
  readonly #builder: BlockBuilder;
  readonly #added = new Set<Digest>();
  readonly #reliedOn = new Map<Digest, Source>();
  #epoch: number | null = null;
  #lookups = 0;
  #few: ReadonlySet<Digest> | null = null;
  /** A vault without records has nothing to look up. */
  readonly #skipLookup: boolean;
  readonly blocks: PlacedBlock[] = [];
  readonly runs: PlacedRun[] = [];
  /** Content bytes that were not in the vault before. */
  newBytes = 0;

  constructor(index: ContentIndex, writer: PackWriter) {
    this.#index = index;
    this.#writer = writer;
    this.#builder = new BlockBuilder(writer, (block) => this.blocks.push(block));
    this.#skipLookup = index.empty();
  }

  /** Bytes of any length. */
  put(bytes: Uint8Array, source: Source = { bytes }): Digest {
    if (bytes.length <= LIMITS.blockSizeBytes) return this.putPiece(bytes, source);
    const digest = digestOf(bytes);
    if (this.#known(digest, source)) return digest;
    const run = this.beginRun(source);
    for (let at = 0; at < bytes.length; at += LIMITS.blockSizeBytes)
      run.push(bytes.subarray(at, at + LIMITS.blockSizeBytes));
    return run.end().digest;
  }

  /** At most one block. */
  putPiece(bytes: Uint8Array, source: Source): Digest {
    const digest = digestOf(bytes);
    if (this.#known(digest, source, "piece")) return digest;
    this.#builder.add(digest, bytes);
    this.#added.add(digest);
    this.newBytes += bytes.length;
    return digest;
  }

  /** For content longer than a block, pushed in pieces of exactly one block (the last one may be shorter). */
  beginRun(source: Source): { push(piece: Uint8Array): void; end(): { digest: Digest; sizeBytes: number } } {
    const whole = digester();
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    return {
      push: (piece) => {
        whole.update(piece);
        sizeBytes += piece.length;
        pieces.push(digestBytes(this.putPiece(piece, "bytes" in source ? { bytes: piece } : source)));
      },
      end: () => {
        const digest = whole.digest();
        if (!this.#known(digest, source)) {
          const run = { digest, sizeBytes, pieces: Buffer.concat(pieces) };
          this.runs.push({ record: this.#writer.append(encodeRun(run)), run });
          this.#added.add(digest);
        }
        return { digest, sizeBytes };
      },
    };
  }

  get full(): boolean {
    return this.#builder.full;
  }

  async drained(): Promise<void> {
    await this.#builder.drained();
  }

  /** Resolves when all that was put is appended to packs. */
  async finish(): Promise<void> {
    await this.#builder.finish();
  }

  discard(): void {
    this.#builder.discard();
  }

  records(): PlacedRecord[] {
    return [...this.blocks, ...this.runs].map(({ record }) => record);
  }

  /** Inside the commit's transaction: what the batch counted on and prune removed since. */
  missing(): { digest: Digest; source: Source }[] {
    const epoch = this.#index.epoch();
    if (this.#epoch === null || epoch === this.#epoch) return [];
    const gone = [...this.#reliedOn].filter(([digest]) => !this.#index.has(digest));
    // Everything else that is counted on was there at this epoch.
    this.#epoch = epoch;
    return gone.map(([digest, source]) => ({ digest, source }));
  }

  /** Forgets that `digest` was counted on: the caller puts it again. */
  stopRelyingOn(digests: Iterable<Digest>): void {
    for (const digest of digests) this.#reliedOn.delete(digest);
  }

  reliedOn(): Digest[] {
    return [...this.#reliedOn.keys()];
  }

  /** True when the commit will find `digest`: added by this batch, or in the index. */
  holds(digest: Digest): boolean {
    return this.#added.has(digest) || this.#reliedOn.has(digest);
  }

  #known(digest: Digest, source: Source, as: "piece" | "any" = "any"): boolean {
    if (this.#added.has(digest) || this.#reliedOn.has(digest)) return true;
    if (this.#skipLookup) return false;
    // The epoch is read before the first look: a removal in between is then noticed.
    this.#epoch ??= this.#index.epoch();
    // What others have put since is put once more, and keeps its first place.
    if (this.#isSurelyNew(digest)) return false;
    if (as === "piece" ? !this.#index.hasPiece(digest) : !this.#index.has(digest)) return false;
    this.#reliedOn.set(digest, source);
    return true;
  }

  /** A first snapshot asks of a nearly empty vault for each of its files: asked that often, all that there is is looked at once. */
  #isSurelyNew(digest: Digest): boolean {
    this.#lookups += 1;
    if (this.#lookups === LOOKUPS_BEFORE_FEW) this.#few = this.#index.few(FEW_CONTENTS_MAX);
    return this.#few?.has(digest) === false;
  }
}

const LOOKUPS_BEFORE_FEW = 64;
const FEW_CONTENTS_MAX = 256;
