/** What stands at a path right now. Looks and reads; a link is never followed further than to see that it leads somewhere. */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { type Digest, type Disk, digester, isSystemError, LIMITS } from "../../base/index.ts";

export interface Present {
  readonly path: string;
  readonly kind: "absent" | "file" | "dir" | "link" | "other";
  /** The twelve permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  readonly changedMs: number | null;
  /** As git would name the content; `null` where it was not read. */
  readonly oid: string | null;
  readonly digest: Digest | null;
  readonly linkTarget: string | null;
  /** A link that leads nowhere. */
  readonly isDangling: boolean;
  /** The beginning, of a file. */
  readonly head: Buffer;
  /** Why it cannot be read. */
  readonly unreadable: string | null;
  /** The folder above it that is a link, where it is reached through one. */
  readonly throughLink: string | null;
}

const HEAD_BYTES = 64 * 1024;
const PIECE_BYTES = 1024 * 1024;

export const NOTHING: Omit<Present, "path"> = {
  kind: "absent",
  mode: 0,
  sizeBytes: 0,
  changedMs: null,
  oid: null,
  digest: null,
  linkTarget: null,
  isDangling: false,
  head: Buffer.alloc(0),
  unreadable: null,
  throughLink: null,
};

/** `hash`: how the repository names contents; by it a work tree's file is compared with history. */
export function lookAt(
  { root, path, hash }: { root: string; path: string; hash: "sha1" | "sha256" },
  disk: Disk,
): Present {
  const place = join(root, path);
  const nothing = { ...NOTHING, path };
  try {
    const stat = disk.lstat(place);
    if (stat === null) return nothing;
    const throughLink = linkAbove(root, path, disk);
    const base = { ...nothing, kind: stat.kind, mode: stat.mode, sizeBytes: stat.sizeBytes, throughLink };
    const present = { ...base, changedMs: Math.max(stat.mtimeMs, 0) };
    if (stat.kind === "link") {
      const target = disk.readlink(place);
      return {
        ...present,
        linkTarget: target,
        oid: blobName(Buffer.from(target), hash),
        isDangling: !leadsOn(place, disk),
      };
    }
    if (stat.kind !== "file") return present;
    return { ...present, ...readFile(place, hash, disk) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { ...nothing, kind: "other", unreadable: error.code ?? error.message };
  }
}

function readFile(
  place: string,
  hash: "sha1" | "sha256",
  disk: Disk,
): Pick<Present, "oid" | "digest" | "head" | "unreadable" | "sizeBytes"> {
  let fd: number;
  try {
    fd = disk.openRead(place);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { oid: null, digest: null, head: Buffer.alloc(0), unreadable: error.code ?? error.message, sizeBytes: 0 };
  }
  try {
    const { sizeBytes } = disk.fstat(fd);
    if (sizeBytes > LIMITS.diagnoseFileBytesMax) {
      const head = Buffer.alloc(HEAD_BYTES);
      return {
        oid: null,
        digest: null,
        head: head.subarray(0, disk.read(fd, head, 0, HEAD_BYTES, 0)),
        unreadable: null,
        sizeBytes,
      };
    }
    const name = createHash(hash).update(`blob ${sizeBytes}\0`);
    const sum = digester();
    let head = Buffer.alloc(0);
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(1, sizeBytes)));
    for (let at = 0; at < sizeBytes; ) {
      const count = disk.read(fd, piece, 0, Math.min(piece.length, sizeBytes - at), at);
      if (count === 0) break;
      const bytes = piece.subarray(0, count);
      if (at === 0) head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
      name.update(bytes);
      sum.update(bytes);
      at += count;
    }
    return { oid: name.digest("hex"), digest: sum.digest(), head, unreadable: null, sizeBytes };
  } finally {
    disk.close(fd);
  }
}

export function blobName(bytes: Buffer, hash: "sha1" | "sha256"): string {
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function leadsOn(place: string, disk: Disk): boolean {
  try {
    disk.realpath(place);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function linkAbove(root: string, path: string, disk: Disk): string | null {
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    if (disk.lstat(join(root, folder))?.kind === "link") return folder;
  }
  return null;
}
