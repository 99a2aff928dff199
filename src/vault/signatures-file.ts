/**
 * The signatures on disk: one checksummed file of typed arrays, read in one go by each cold start.
 *
 *     "HFSIGS2\n" · crc32 u32 of all that follows · head length u32 · head (JSON) · padding to 8
 *     folders: count of names f64 · length of text f64 · look (4 × f64)
 *     names:   size f64 · look (4 × f64) · mode i32 · kind u8 · digest (32 bytes), column by column
 *     texts:   of each folder its names, then its links' targets, with NUL between them
 *
 * It is a cache: no barrier, and what is damaged, of another vault or another version is ignored and made again from the store. It
 * is replaced by a rename, so that a reader sees the old one or the new one.
 */

import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Fd, isSystemError, type Ports } from "../base/index.ts";
import type { FolderPath, SkippedName } from "../tree/index.ts";
import { readFully } from "./pack-files.ts";
import { lookAt, type NameColumns, PASS_BIT, PackedFolder, TARGET_BIT } from "./packed-folder.ts";
import { type FolderSignature, type Look, type Signature, type Signatures, signatureKinds } from "./signatures.ts";

const MAGIC = Buffer.from("HFSIGS2\n");
const HEAD_START = 16;
const FOLDER_DOUBLES = 6;

interface Head {
  upTo: number;
  momentId: string;
  rulesKey: string;
  ignoreFiles: [FolderPath, string][];
  extra: unknown;
  paths: FolderPath[];
  skipped: [FolderPath, readonly SkippedName[]][];
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
  const folders = [...signatures.folders.values()];
  const texts = folders.map((folder) => packedOf(folder)?.text ?? textOf(folder.names));
  const counts = folders.map((folder) => packedOf(folder)?.count ?? folder.names.size);
  const { upTo, momentId, rulesKey, extra } = signatures;
  const head: Head = {
    upTo,
    momentId,
    rulesKey,
    ignoreFiles: [...signatures.ignoreFiles],
    extra,
    paths: [...signatures.folders.keys()],
    skipped: [...signatures.folders].flatMap(([path, { skipped }]): Head["skipped"] =>
      skipped.length === 0 ? [] : [[path, skipped]],
    ),
    names: counts.reduce((sum, count) => sum + count, 0),
    textBytes: texts.reduce((sum, { length }) => sum + length, 0),
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const layout = layoutOf(headBytes.length, head);
  const file = Buffer.from(new ArrayBuffer(layout.end));
  MAGIC.copy(file);
  file.writeUInt32LE(headBytes.length, 12);
  headBytes.copy(file, HEAD_START);
  const { ofFolders, columns } = columnsOf(file, layout, head);
  let row = 0;
  let textAt = layout.texts;
  folders.forEach((folder, index) => {
    const { look } = folder;
    const text = texts[index]!;
    ofFolders.set(
      [counts[index]!, text.length, look.ino, look.sizeBytes, look.mtimeMs, look.ctimeMs],
      index * FOLDER_DOUBLES,
    );
    text.copy(file, textAt);
    const packed = packedOf(folder);
    if (packed === null) putNames(columns, row, folder.names);
    else copyNames(columns, row, packed);
    row += counts[index]!;
    textAt += text.length;
  });
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
  const { ofFolders, columns } = columnsOf(bytes, layout, head);
  const skipped = new Map(head.skipped);
  const folders = new Map<FolderPath, FolderSignature>();
  let firstRow = 0;
  let textAt = layout.texts;
  head.paths.forEach((path, index) => {
    const at = index * FOLDER_DOUBLES;
    const [count, textLength] = [ofFolders[at]!, ofFolders[at + 1]!];
    const look = lookAt(ofFolders.subarray(at + 2), 0);
    const text = bytes.subarray(textAt, textAt + textLength);
    folders.set(
      path,
      new PackedFolder({ look, skipped: skipped.get(path) ?? NOTHING_SKIPPED, columns, firstRow, count, text }),
    );
    firstRow += count;
    textAt += textLength;
  });
  const { upTo, momentId, rulesKey, extra } = head;
  return { upTo, momentId, rulesKey, extra, folders, ignoreFiles: new Map(head.ignoreFiles) };
}

const NOTHING_SKIPPED: readonly SkippedName[] = [];

function packedOf(folder: FolderSignature): PackedFolder | null {
  return folder instanceof PackedFolder ? folder.packed : null;
}

function textOf(names: ReadonlyMap<string, Signature>): Buffer {
  const targets = [...names.values()].flatMap(({ target }) => target ?? []);
  return Buffer.from([...names.keys(), ...targets].join("\0"));
}

function putNames(columns: NameColumns, firstRow: number, names: ReadonlyMap<string, Signature>): void {
  let row = firstRow;
  for (const signature of names.values()) {
    columns.sizes[row] = signature.sizeBytes;
    putLook(columns.looks, row, signature.look);
    columns.modes[row] = signature.mode;
    const pass = signature.verdict === "pass" ? PASS_BIT : 0;
    columns.kinds[row] = signatureKinds.indexOf(signature.kind) | pass | (signature.target === null ? 0 : TARGET_BIT);
    if (signature.digest !== null) columns.digests.write(signature.digest.slice(7), row * 32, "hex");
    row += 1;
  }
}

function copyNames(columns: NameColumns, row: number, { columns: from, firstRow, count }: PackedFolder): void {
  const end = firstRow + count;
  columns.sizes.set(from.sizes.subarray(firstRow, end), row);
  columns.looks.set(from.looks.subarray(firstRow * 4, end * 4), row * 4);
  columns.modes.set(from.modes.subarray(firstRow, end), row);
  columns.kinds.set(from.kinds.subarray(firstRow, end), row);
  from.digests.copy(columns.digests, row * 32, firstRow * 32, end * 32);
}

function putLook(column: Float64Array, row: number, look: Look): void {
  column[row * 4] = look.ino;
  column[row * 4 + 1] = look.sizeBytes;
  column[row * 4 + 2] = look.mtimeMs;
  column[row * 4 + 3] = look.ctimeMs;
}

interface Layout {
  readonly folders: number;
  readonly digests: number;
  readonly texts: number;
  readonly end: number;
}

function layoutOf(headLength: number, head: Pick<Head, "paths" | "names" | "textBytes">): Layout {
  const folders = Math.ceil((HEAD_START + headLength) / 8) * 8;
  const digests = folders + head.paths.length * FOLDER_DOUBLES * 8 + head.names * (5 * 8 + 4 + 1);
  const texts = digests + head.names * 32;
  return { folders, digests, texts, end: texts + head.textBytes };
}

function columnsOf(
  file: Buffer,
  layout: Layout,
  { paths, names }: Pick<Head, "paths" | "names">,
): { ofFolders: Float64Array; columns: NameColumns } {
  const { buffer, byteOffset } = file;
  let at = byteOffset + layout.folders;
  const doubles = (count: number): Float64Array => {
    const column = new Float64Array(buffer, at, count);
    at += count * 8;
    return column;
  };
  const [ofFolders, sizes, looks] = [doubles(paths.length * FOLDER_DOUBLES), doubles(names), doubles(names * 4)];
  const modes = new Int32Array(buffer, at, names);
  const kinds = new Uint8Array(buffer, at + names * 4, names);
  return { ofFolders, columns: { sizes, looks, modes, kinds, digests: file.subarray(layout.digests, layout.texts) } };
}
