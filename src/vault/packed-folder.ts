/**
 * A folder of the signatures' file, as it lies there: columns of numbers and one text. In a tree that nearly does not change, nearly
 * every folder is compared and written again without ever being unpacked into objects.
 *
 * Whoever asks for `names` gets them unpacked, and may change them; from then on the columns are not believed any more.
 */

import { type Digest, type Disk, digestFromBytes, type Stat, type TreePath } from "../base/index.ts";
import type { FolderPath, KeptVerdict, SkippedName, WalkedName } from "../tree/index.ts";
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

/** A signatures' file as it lies in memory. */
export interface PackedFile {
  /** `FOLDER_DOUBLES` numbers each: count of names, length of text, and the look. */
  readonly folders: Float64Array;
  readonly columns: NameColumns;
  readonly bytes: Buffer;
}

export const FOLDER_DOUBLES = 6;
export const PASS_BIT = 0x10;
export const TARGET_BIT = 0x20;
const KIND_BITS = 0x0f;

export class PackedFolder implements FolderSignature {
  readonly file: PackedFile;
  /** Among the folders of its file. */
  readonly index: number;
  readonly firstRow: number;
  /** Where its text begins in the file. */
  readonly textAt: number;
  readonly skipped: readonly SkippedName[];
  #unpacked: Map<string, Signature> | null = null;

  constructor(
    file: PackedFile,
    place: { index: number; firstRow: number; textAt: number; skipped: readonly SkippedName[] },
  ) {
    this.file = file;
    this.index = place.index;
    this.firstRow = place.firstRow;
    this.textAt = place.textAt;
    this.skipped = place.skipped;
  }

  get count(): number {
    return this.file.folders[this.index * FOLDER_DOUBLES]!;
  }

  get textLength(): number {
    return this.file.folders[this.index * FOLDER_DOUBLES + 1]!;
  }

  get look(): Look {
    const { folders } = this.file;
    const at = this.index * FOLDER_DOUBLES + 2;
    return { ino: folders[at]!, sizeBytes: folders[at + 1]!, mtimeMs: folders[at + 2]!, ctimeMs: folders[at + 3]! };
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
      const isPass = (this.file.columns.kinds[this.firstRow + index]! & PASS_BIT) !== 0;
      yield [texts[index]!, isPass ? PASSED : KEPT];
    }
  }

  /** True when these are all its names, and none has moved. `names` come in the order of `listed`. */
  vouchesFor(names: readonly { readonly stat: Stat }[]): boolean {
    if (names.length !== this.count) return false;
    for (let index = 0; index < names.length; index += 1) if (!this.#vouches(index, names[index]!.stat)) return false;
    return true;
  }

  /**
   * Looks at each name with `lstat`: the folders among them when none has moved; `null` when one has, when a file has further names
   * (which has to be told), or when there is something that the rules only pass through.
   */
  unmoved(path: FolderPath, { root, disk }: { root: string; disk: Disk }): WalkedName[] | null {
    const texts = this.#texts();
    const absolute = path === "" ? `${root}/` : `${root}/${path}/`;
    const stats: Stat[] = [];
    for (let index = 0; index < this.count; index += 1) {
      const stat = disk.lstat(absolute + texts[index]!);
      if (stat === null || !this.#vouches(index, stat) || (stat.kind === "file" && stat.nlink > 1)) return null;
      if (stat.kind === "dir") stats.push(stat);
    }
    let next = 0;
    return stats.length === 0 ? [] : this.foldersIn(path, () => stats[next++]!);
  }

  /** The folders in it, with a look that somebody took of each, row by row. */
  foldersIn(path: FolderPath, statAt: (row: number) => Stat): WalkedName[] {
    const prefix = path === "" ? "" : `${path}/`;
    const folders: WalkedName[] = [];
    let texts: string[] | null = null;
    for (const row of this.folderRows()) {
      texts ??= this.#texts();
      const name = texts[row - this.firstRow]!;
      folders.push({ name, path: (prefix + name) as TreePath, stat: statAt(row), verdict: "keep" });
    }
    return folders;
  }

  *folderRows(): Iterable<number> {
    for (let row = this.firstRow; row < this.firstRow + this.count; row += 1)
      if (signatureKinds[this.file.columns.kinds[row]! & KIND_BITS] === "dir") yield row;
  }

  /** Files and links, and their bytes. */
  totals(): { files: number; bytes: number } {
    let files = 0;
    let bytes = 0;
    for (let row = this.firstRow; row < this.firstRow + this.count; row += 1) {
      if (signatureKinds[this.file.columns.kinds[row]! & KIND_BITS] === "dir") continue;
      files += 1;
      bytes += this.file.columns.sizes[row]!;
    }
    return { files, bytes };
  }

  /** True when the name at `index` has not moved. */
  #vouches(index: number, stat: Stat): boolean {
    const { modes, kinds } = this.file.columns;
    const row = this.firstRow + index;
    const bits = kinds[row]!;
    if (modes[row] === -1 || (bits & PASS_BIT) !== 0 || signatureKinds[bits & KIND_BITS] !== stat.kind) return false;
    return stat.kind === "dir" ? modes[row] === stat.mode : this.#looksSame(row * 4, stat);
  }

  #looksSame(at: number, stat: Stat): boolean {
    const { looks } = this.file.columns;
    return (
      looks[at + 2] === stat.mtimeMs &&
      looks[at + 3] === stat.ctimeMs &&
      looks[at] === stat.ino &&
      looks[at + 1] === stat.sizeBytes
    );
  }

  /** Its names, then the targets of its links, in order. */
  #texts(): string[] {
    return this.file.bytes.toString("utf8", this.textAt, this.textAt + this.textLength).split("\0");
  }

  #unpack(): Map<string, Signature> {
    const texts = this.#texts();
    const names = new Map<string, Signature>();
    let targetAt = this.count;
    for (let index = 0; index < this.count; index += 1) {
      const row = this.firstRow + index;
      const bits = this.file.columns.kinds[row]!;
      names.set(texts[index]!, {
        verdict: (bits & PASS_BIT) !== 0 ? "pass" : "keep",
        kind: signatureKinds[bits & KIND_BITS]!,
        mode: this.file.columns.modes[row]!,
        sizeBytes: this.file.columns.sizes[row]!,
        look: lookAt(this.file.columns.looks, row),
        digest: this.#digest(row),
        target: (bits & TARGET_BIT) !== 0 ? texts[targetAt++]! : null,
      });
    }
    return names;
  }

  #digest(row: number): Digest | null {
    const bytes = this.file.columns.digests.subarray(row * 32, row * 32 + 32);
    return bytes.equals(NO_DIGEST) ? null : digestFromBytes(bytes);
  }
}

function lookAt(looks: Float64Array, row: number): Look {
  const at = row * 4;
  return { ino: looks[at]!, sizeBytes: looks[at + 1]!, mtimeMs: looks[at + 2]!, ctimeMs: looks[at + 3]! };
}

const NO_DIGEST = Buffer.alloc(32);
const KEPT = { verdict: "keep" } as const;
const PASSED = { verdict: "pass" } as const;
