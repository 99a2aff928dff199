/**
 * The signatures on disk: one checksummed file of typed arrays, read in one go by each cold start.
 *
 *     "HFSIGS1\n" · crc32 u32 of all that follows · head length u32 · head (JSON) · padding to 8
 *     folders: name count f64 · look (4 × f64)      names: size f64 · look (4 × f64) · mode i32 · kind u8 · digests (32 bytes each)
 *     texts: folder paths, names, link targets, each ended by NUL
 *
 * It is a cache: no barrier, and what is damaged, of another vault or another version is ignored and made again from the store. It
 * is replaced by a rename, so that a reader sees the old one or the new one.
 */

import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Digest, digestFromBytes, type Fd, isSystemError, type Ports } from "../base/index.ts";
import type { FolderPath, SkippedName } from "../tree/index.ts";
import { readFully } from "./pack-files.ts";
import { type FolderSignature, type Look, type Signature, type Signatures, signatureKinds } from "./signatures.ts";

const MAGIC = Buffer.from("HFSIGS1\n");
const HEAD_START = 16;
const NO_DIGEST = Buffer.alloc(32);

interface Head {
  upTo: number;
  momentId: string;
  rulesKey: string;
  ignoreFiles: [FolderPath, string][];
  extra: unknown;
  skipped: [FolderPath, readonly SkippedName[]][];
  folders: number;
  names: number;
  textBytes: number;
}

/** `scratch`: a folder of the same file system, where a crash may leave the unfinished file. */
export function saveSignatures(
  place: { path: string; scratch: string },
  signatures: Signatures,
  ports: Pick<Ports, "disk" | "random">,
): void {
  const { disk, random } = ports;
  if (disk.lstat(place.scratch) === null) disk.mkdir(place.scratch, 0o700);
  let temporary = "";
  do temporary = join(place.scratch, `signatures-${random.bytes(6).toString("hex")}`);
  while (disk.lstat(temporary) !== null);
  const fd = disk.createNew(temporary, 0o600);
  try {
    disk.write(fd, encodeSignatures(signatures), 0);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, place.path);
}

/** `null` when there is none that can be used. */
export function loadSignatures(path: string, disk: Ports["disk"]): Signatures | null {
  let fd: Fd;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
  try {
    const bytes = Buffer.from(new ArrayBuffer(disk.fstat(fd).sizeBytes));
    return readFully(disk, fd, bytes, 0) === bytes.length ? decodeSignatures(bytes) : null;
  } finally {
    disk.close(fd);
  }
}

export function encodeSignatures(signatures: Signatures): Buffer {
  const folders = [...signatures.folders];
  const names = folders.flatMap(([, folder]) => [...folder.names]);
  const texts = Buffer.from(
    [
      ...folders.map(([path]) => path),
      ...names.map(([name]) => name),
      ...names.map(([, { target }]) => target ?? ""),
    ].join("\0"),
  );
  const head: Head = {
    upTo: signatures.upTo,
    momentId: signatures.momentId,
    rulesKey: signatures.rulesKey,
    ignoreFiles: [...signatures.ignoreFiles],
    extra: signatures.extra,
    skipped: folders.flatMap(([path, { skipped }]): Head["skipped"] => (skipped.length === 0 ? [] : [[path, skipped]])),
    folders: folders.length,
    names: names.length,
    textBytes: texts.length,
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const layout = layoutOf(headBytes.length, head);
  const file = Buffer.from(new ArrayBuffer(layout.end));
  MAGIC.copy(file);
  file.writeUInt32LE(headBytes.length, 12);
  headBytes.copy(file, HEAD_START);
  const columns = columnsOf(file, layout, head);
  folders.forEach(([, folder], row) => {
    columns.counts[row] = folder.names.size;
    putLook(columns.folderLooks, row, folder.look);
  });
  names.forEach(([, signature], row) => {
    columns.sizes[row] = signature.sizeBytes;
    putLook(columns.looks, row, signature.look);
    columns.modes[row] = signature.mode;
    columns.kinds[row] =
      signatureKinds.indexOf(signature.kind) |
      (signature.verdict === "pass" ? PASS : 0) |
      (signature.target === null ? 0 : HAS_TARGET);
    if (signature.digest !== null) file.write(signature.digest.slice(7), layout.digests + row * 32, "hex");
  });
  texts.copy(file, layout.texts);
  file.writeUInt32LE(crc32(file.subarray(12)), 8);
  return file;
}

/** `null` when it is damaged, or of another version. `bytes` begins its own ArrayBuffer. */
export function decodeSignatures(bytes: Buffer): Signatures | null {
  if (bytes.length < HEAD_START || bytes.compare(MAGIC, 0, 8, 0, 8) !== 0) return null;
  if (crc32(bytes.subarray(12)) !== bytes.readUInt32LE(8)) return null;
  const headLength = bytes.readUInt32LE(12);
  const head = JSON.parse(bytes.toString("utf8", HEAD_START, HEAD_START + headLength)) as Head;
  const layout = layoutOf(headLength, head);
  const columns = columnsOf(bytes, layout, head);
  const texts = bytes.toString("utf8", layout.texts, layout.end).split("\0");
  const skipped = new Map(head.skipped);
  const folders = new Map<FolderPath, FolderSignature>();
  let row = 0;
  for (let index = 0; index < head.folders; index += 1) {
    const names = new Map<string, Signature>();
    for (const end = row + columns.counts[index]!; row < end; row += 1) {
      const target = texts[head.folders + head.names + row]!;
      names.set(texts[head.folders + row]!, toSignature(bytes, layout, columns, row, target));
    }
    const path = texts[index]! as FolderPath;
    folders.set(path, {
      look: toLook(columns.folderLooks, index),
      names,
      skipped: skipped.get(path) ?? NOTHING_SKIPPED,
    });
  }
  const { upTo, momentId, rulesKey, extra } = head;
  return { upTo, momentId, rulesKey, extra, folders, ignoreFiles: new Map(head.ignoreFiles) };
}

const NOTHING_SKIPPED: readonly SkippedName[] = [];
const PASS = 0x10;
const HAS_TARGET = 0x20;

function toSignature(file: Buffer, layout: Layout, columns: Columns, row: number, target: string): Signature {
  const bits = columns.kinds[row]!;
  const at = layout.digests + row * 32;
  const kind = signatureKinds[bits & 0x0f]!;
  return new LazySignature(file, kind === "file" ? at : null, {
    verdict: (bits & PASS) !== 0 ? "pass" : "keep",
    kind,
    mode: columns.modes[row]!,
    sizeBytes: columns.sizes[row]!,
    look: toLook(columns.looks, row),
    target: (bits & HAS_TARGET) !== 0 ? target : null,
  });
}

/** Most digests of an unchanged tree are never asked for: they stay bytes until they are. */
class LazySignature implements Signature {
  readonly verdict: Signature["verdict"];
  readonly kind: Signature["kind"];
  readonly mode: number;
  readonly sizeBytes: number;
  readonly look: Look;
  readonly target: string | null;
  readonly #file: Buffer;
  readonly #digestAt: number | null;

  constructor(file: Buffer, digestAt: number | null, known: Omit<Signature, "digest">) {
    this.verdict = known.verdict;
    this.kind = known.kind;
    this.mode = known.mode;
    this.sizeBytes = known.sizeBytes;
    this.look = known.look;
    this.target = known.target;
    this.#file = file;
    this.#digestAt = digestAt;
  }

  get digest(): Digest | null {
    if (this.#digestAt === null) return null;
    const bytes = this.#file.subarray(this.#digestAt, this.#digestAt + 32);
    return bytes.equals(NO_DIGEST) ? null : digestFromBytes(bytes);
  }
}

interface Layout {
  readonly columns: number;
  readonly digests: number;
  readonly texts: number;
  readonly end: number;
}

function layoutOf(headLength: number, head: Pick<Head, "folders" | "names" | "textBytes">): Layout {
  const columns = Math.ceil((HEAD_START + headLength) / 8) * 8;
  const digests = columns + head.folders * 5 * 8 + head.names * (5 * 8 + 4 + 1);
  const texts = digests + head.names * 32;
  return { columns, digests, texts, end: texts + head.textBytes };
}

interface Columns {
  readonly counts: Float64Array;
  readonly folderLooks: Float64Array;
  readonly sizes: Float64Array;
  readonly looks: Float64Array;
  readonly modes: Int32Array;
  readonly kinds: Uint8Array;
}

function columnsOf(file: Buffer, layout: Layout, { folders, names }: Pick<Head, "folders" | "names">): Columns {
  let at = file.byteOffset + layout.columns;
  const doubles = (count: number): Float64Array => {
    const column = new Float64Array(file.buffer, at, count);
    at += count * 8;
    return column;
  };
  const [counts, folderLooks, sizes, looks] = [
    doubles(folders),
    doubles(folders * 4),
    doubles(names),
    doubles(names * 4),
  ];
  return {
    counts,
    folderLooks,
    sizes,
    looks,
    modes: new Int32Array(file.buffer, at, names),
    kinds: new Uint8Array(file.buffer, at + names * 4, names),
  };
}

function putLook(column: Float64Array, row: number, look: Look): void {
  column[row * 4] = look.ino;
  column[row * 4 + 1] = look.sizeBytes;
  column[row * 4 + 2] = look.mtimeMs;
  column[row * 4 + 3] = look.ctimeMs;
}

function toLook(column: Float64Array, row: number): Look {
  const at = row * 4;
  return { ino: column[at]!, sizeBytes: column[at + 1]!, mtimeMs: column[at + 2]!, ctimeMs: column[at + 3]! };
}
