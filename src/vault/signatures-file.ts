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
import {
  FOLDER_DOUBLES,
  type NameColumns,
  PASS_BIT,
  type PackedFile,
  PackedFolder,
  TARGET_BIT,
} from "./packed-folder.ts";
import { type FolderSignature, type Look, type Signature, type Signatures, signatureKinds } from "./signatures.ts";

const MAGIC = Buffer.from("HFSIGS2\n");
const HEAD_START = 16;

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

/**
 * As they lie in the file then. `scratch`: a folder of the same file system, where a crash may leave the unfinished file. What is in
 * the file already is not written again.
 */
export function saveSignatures(
  place: { path: string; scratch: string },
  signatures: Signatures,
  ports: Pick<Ports, "disk" | "random">,
): Signatures {
  const { disk, random } = ports;
  if (signatures.file !== null && isAsIn(signatures.file, signatures)) return signatures;
  const bytes = encodeSignatures(signatures);
  if (disk.lstat(place.scratch) === null) disk.mkdir(place.scratch, 0o700);
  let temporary = "";
  do temporary = join(place.scratch, `signatures-${random.bytes(6).toString("hex")}`);
  while (disk.lstat(temporary) !== null);
  const fd = disk.createNew(temporary, 0o600);
  try {
    disk.write(fd, bytes, 0);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, place.path);
  return decodeSignatures(bytes)!;
}

/** Folder by folder, in the same order, and the head. */
function isAsIn({ bytes, folders }: PackedFile, signatures: Signatures): boolean {
  const own = [...signatures.folders.values()];
  const first = own[0] === undefined ? null : packedOf(own[0]);
  if (own.length * FOLDER_DOUBLES !== folders.length || first?.file.bytes !== bytes || first.index !== 0) return false;
  if (runOf(own, 0) !== own.length) return false;
  const head = bytes.subarray(HEAD_START, HEAD_START + bytes.readUInt32LE(12));
  return head.equals(
    Buffer.from(
      JSON.stringify(
        headOf(
          signatures,
          own.map((folder) => sizeOf(folder)),
        ),
      ),
    ),
  );
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
    const bytes = Buffer.from(new SharedArrayBuffer(disk.fstat(fd).sizeBytes));
    return readFully(disk, fd, bytes, 0) === bytes.length ? decodeSignatures(bytes) : null;
  } finally {
    disk.close(fd);
  }
}

export function encodeSignatures(signatures: Signatures): Buffer {
  const folders = [...signatures.folders.values()];
  const texts = folders.map((folder) => (packedOf(folder) === null ? textOf(folder.names) : null));
  const head = headOf(
    signatures,
    folders.map((folder, index) => sizeOf(folder, texts[index])),
  );
  const headBytes = Buffer.from(JSON.stringify(head));
  const layout = layoutOf(headBytes.length, head);
  const bytes = Buffer.from(new SharedArrayBuffer(layout.end));
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(headBytes.length, 12);
  headBytes.copy(bytes, HEAD_START);
  const file = packedFile(bytes, layout, head);
  const at: Row = { index: 0, row: 0, text: layout.texts };
  while (at.index < folders.length) {
    const packed = packedOf(folders[at.index]!);
    if (packed !== null) putRun(file, at, runOf(folders, at.index), packed);
    else putFolder(file, at, folders[at.index]!, texts[at.index]!);
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(12)), 8);
  return bytes;
}

interface FolderSize {
  readonly count: number;
  readonly textLength: number;
}

/** `text`: of one that is not packed. */
function sizeOf(folder: FolderSignature, text?: Buffer | null): FolderSize {
  const { count, textLength } = packedOf(folder) ?? { count: folder.names.size, textLength: text?.length ?? 0 };
  return { count, textLength };
}

function headOf({ upTo, momentId, rulesKey, extra, folders, ignoreFiles }: Signatures, sizes: FolderSize[]): Head {
  return {
    upTo,
    momentId,
    rulesKey,
    ignoreFiles: [...ignoreFiles],
    extra,
    paths: [...folders.keys()],
    skipped: [...folders].flatMap(([path, { skipped }]): Head["skipped"] =>
      skipped.length === 0 ? [] : [[path, skipped]],
    ),
    names: sizes.reduce((sum, { count }) => sum + count, 0),
    textBytes: sizes.reduce((sum, { textLength }) => sum + textLength, 0),
  };
}

/** `null` when it is damaged, or of another version. `bytes` begins its own memory. */
export function decodeSignatures(bytes: Buffer): Signatures | null {
  if (bytes.length < HEAD_START || bytes.compare(MAGIC, 0, 8, 0, 8) !== 0) return null;
  if (crc32(bytes.subarray(12)) !== bytes.readUInt32LE(8)) return null;
  const headLength = bytes.readUInt32LE(12);
  const head = JSON.parse(bytes.toString("utf8", HEAD_START, HEAD_START + headLength)) as Head;
  const layout = layoutOf(headLength, head);
  const file = packedFile(bytes, layout, head);
  const skipped = new Map(head.skipped);
  const folders = new Map<FolderPath, FolderSignature>();
  let firstRow = 0;
  let textAt = layout.texts;
  head.paths.forEach((path, index) => {
    const folder = new PackedFolder(file, {
      index,
      firstRow,
      textAt,
      skipped: skipped.get(path) ?? NOTHING_SKIPPED,
    });
    folders.set(path, folder);
    firstRow += folder.count;
    textAt += folder.textLength;
  });
  const { upTo, momentId, rulesKey, extra } = head;
  return { upTo, momentId, rulesKey, extra, folders, ignoreFiles: new Map(head.ignoreFiles), file };
}

const NOTHING_SKIPPED: readonly SkippedName[] = [];

function packedOf(folder: FolderSignature): PackedFolder | null {
  return folder instanceof PackedFolder ? folder.packed : null;
}

function textOf(names: ReadonlyMap<string, Signature>): Buffer {
  const targets = [...names.values()].flatMap(({ target }) => target ?? []);
  return Buffer.from([...names.keys(), ...targets].join("\0"));
}

/** Where the next folder goes. */
interface Row {
  index: number;
  row: number;
  text: number;
}

/** How many folders from `first` on lie one behind the other in the same file: they are copied in one go. */
function runOf(folders: readonly FolderSignature[], first: number): number {
  let last = packedOf(folders[first]!)!;
  let length = 1;
  for (; first + length < folders.length; length += 1) {
    const next = packedOf(folders[first + length]!);
    if (next === null || next.file !== last.file || next.index !== last.index + 1) break;
    last = next;
  }
  return length;
}

function putRun(to: PackedFile, at: Row, length: number, { file: from, index, firstRow, textAt }: PackedFolder): void {
  const ofFolders = from.folders.subarray(index * FOLDER_DOUBLES, (index + length) * FOLDER_DOUBLES);
  let names = 0;
  let textLength = 0;
  for (let folder = 0; folder < length; folder += 1) {
    names += ofFolders[folder * FOLDER_DOUBLES]!;
    textLength += ofFolders[folder * FOLDER_DOUBLES + 1]!;
  }
  to.folders.set(ofFolders, at.index * FOLDER_DOUBLES);
  copyNames(to.columns, at.row, from.columns, { firstRow, count: names });
  from.bytes.copy(to.bytes, at.text, textAt, textAt + textLength);
  at.index += length;
  at.row += names;
  at.text += textLength;
}

function putFolder(to: PackedFile, at: Row, { look, names }: FolderSignature, text: Buffer): void {
  const ofFolder = [names.size, text.length, look.ino, look.sizeBytes, look.mtimeMs, look.ctimeMs];
  to.folders.set(ofFolder, at.index * FOLDER_DOUBLES);
  putNames(to.columns, at.row, names);
  text.copy(to.bytes, at.text);
  at.index += 1;
  at.row += names.size;
  at.text += text.length;
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

function copyNames(
  to: NameColumns,
  row: number,
  from: NameColumns,
  { firstRow, count }: { firstRow: number; count: number },
): void {
  const end = firstRow + count;
  to.sizes.set(from.sizes.subarray(firstRow, end), row);
  to.looks.set(from.looks.subarray(firstRow * 4, end * 4), row * 4);
  to.modes.set(from.modes.subarray(firstRow, end), row);
  to.kinds.set(from.kinds.subarray(firstRow, end), row);
  from.digests.copy(to.digests, row * 32, firstRow * 32, end * 32);
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

function packedFile(bytes: Buffer, layout: Layout, { paths, names }: Pick<Head, "paths" | "names">): PackedFile {
  const { buffer, byteOffset } = bytes;
  let at = byteOffset + layout.folders;
  const doubles = (count: number): Float64Array => {
    const column = new Float64Array(buffer, at, count);
    at += count * 8;
    return column;
  };
  const [folders, sizes, looks] = [doubles(paths.length * FOLDER_DOUBLES), doubles(names), doubles(names * 4)];
  const modes = new Int32Array(buffer, at, names);
  const kinds = new Uint8Array(buffer, at + names * 4, names);
  const digests = bytes.subarray(layout.digests, layout.texts);
  return { folders, columns: { sizes, looks, modes, kinds, digests }, bytes };
}
