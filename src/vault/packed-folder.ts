/**
 * A folder of the signatures' file, as it lies there: columns of numbers and one text. In a tree that nearly does not change, nearly
 * every folder is compared and written again without ever being unpacked into objects.
 *
 * Whoever asks for `names` gets them unpacked, and may change them; from then on the columns are not believed any more.
 */

import { type Digest, digestFromBytes, type Stat } from "../base/index.ts";
import type { KeptVerdict, SkippedName } from "../tree/index.ts";
import { type FolderSignature, type Look, type Signature, signatureKinds } from "./signatures.ts";

/** All names of all folders, column by column. */
export interface NameColumns {
  readonly sizes: Float64Array;
  /** Four numbers each: ino, size, mtime, ctime. */
  readonly looks: Float64Array;
  readonly modes: Int32Array;
  /** Kind, and the bits below. */
  readonly kinds: Uint8Array;
  /** 32 bytes each; zeroes where there is none. */
  readonly digests: Buffer;
}

export const PASS_BIT = 0x10;
export const TARGET_BIT = 0x20;
const KIND_BITS = 0x0f;

export class PackedFolder implements FolderSignature {
  readonly look: Look;
  readonly skipped: readonly SkippedName[];
  readonly columns: NameColumns;
  readonly firstRow: number;
  readonly count: number;
  /** Its names, then the targets of its links, in order, with NUL between them. */
  readonly text: Buffer;
  #unpacked: Map<string, Signature> | null = null;

  constructor(place: {
    look: Look;
    skipped: readonly SkippedName[];
    columns: NameColumns;
    firstRow: number;
    count: number;
    text: Buffer;
  }) {
    this.look = place.look;
    this.skipped = place.skipped;
    this.columns = place.columns;
    this.firstRow = place.firstRow;
    this.count = place.count;
    this.text = place.text;
  }

  /** Itself while nobody has unpacked it. */
  get packed(): PackedFolder | null {
    return this.#unpacked === null ? this : null;
  }

  get names(): Map<string, Signature> {
    this.#unpacked ??= this.#unpack();
    return this.#unpacked;
  }

  /** The names in order, without unpacking. */
  *listed(): Iterable<readonly [string, { verdict: KeptVerdict }]> {
    const texts = this.#texts();
    for (let index = 0; index < this.count; index += 1) {
      const isPass = (this.columns.kinds[this.firstRow + index]! & PASS_BIT) !== 0;
      yield [texts[index]!, isPass ? PASSED : KEPT];
    }
  }

  /** True when these are all its names, and none has moved. `names` come in the order of `listed`. */
  vouchesFor(names: readonly { readonly stat: Stat }[]): boolean {
    if (names.length !== this.count) return false;
    const { looks, modes, kinds } = this.columns;
    for (let index = 0; index < names.length; index += 1) {
      const { stat } = names[index]!;
      const row = this.firstRow + index;
      const bits = kinds[row]!;
      if (modes[row] === -1 || (bits & PASS_BIT) !== 0 || signatureKinds[bits & KIND_BITS] !== stat.kind) return false;
      if (stat.kind === "dir" ? modes[row] !== stat.mode : !this.#looksSame(looks, row * 4, stat)) return false;
    }
    return true;
  }

  /** Files and links, and their bytes. */
  totals(): { files: number; bytes: number } {
    let files = 0;
    let bytes = 0;
    for (let row = this.firstRow; row < this.firstRow + this.count; row += 1) {
      if (signatureKinds[this.columns.kinds[row]! & KIND_BITS] === "dir") continue;
      files += 1;
      bytes += this.columns.sizes[row]!;
    }
    return { files, bytes };
  }

  #looksSame(looks: Float64Array, at: number, stat: Stat): boolean {
    return (
      looks[at + 2] === stat.mtimeMs &&
      looks[at + 3] === stat.ctimeMs &&
      looks[at] === stat.ino &&
      looks[at + 1] === stat.sizeBytes
    );
  }

  #texts(): string[] {
    return this.text.toString("utf8").split("\0");
  }

  #unpack(): Map<string, Signature> {
    const texts = this.#texts();
    const names = new Map<string, Signature>();
    let targetAt = this.count;
    for (let index = 0; index < this.count; index += 1) {
      const row = this.firstRow + index;
      const bits = this.columns.kinds[row]!;
      names.set(texts[index]!, {
        verdict: (bits & PASS_BIT) !== 0 ? "pass" : "keep",
        kind: signatureKinds[bits & KIND_BITS]!,
        mode: this.columns.modes[row]!,
        sizeBytes: this.columns.sizes[row]!,
        look: lookAt(this.columns.looks, row),
        digest: this.#digest(row),
        target: (bits & TARGET_BIT) !== 0 ? texts[targetAt++]! : null,
      });
    }
    return names;
  }

  #digest(row: number): Digest | null {
    const bytes = this.columns.digests.subarray(row * 32, row * 32 + 32);
    return bytes.equals(NO_DIGEST) ? null : digestFromBytes(bytes);
  }
}

export function lookAt(looks: Float64Array, row: number): Look {
  const at = row * 4;
  return { ino: looks[at]!, sizeBytes: looks[at + 1]!, mtimeMs: looks[at + 2]!, ctimeMs: looks[at + 3]! };
}

const NO_DIGEST = Buffer.alloc(32);
const KEPT = { verdict: "keep" } as const;
const PASSED = { verdict: "pass" } as const;
