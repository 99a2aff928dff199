/**
 * The real disk: synchronous system calls, no buffering, no retries beyond short writes.
 *
 * Nothing here follows a symbolic link in the last component of a path. Links in the way to it are followed as the kernel does;
 * refusing those is path safety (`tree/`). Names are UTF-8; a name that is not is listed apart and cannot be opened.
 */

import * as fs from "node:fs";
import type { Disk, Fd, FileKind, ListedName, Listing, Stat } from "../base/index.ts";
import { isSystemError } from "../base/index.ts";
import { fdatasyncAside, syncAll, syncDir } from "./sync.ts";
import { systemError } from "./system-error.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
/** Linux: a descriptor that only names the inode. It needs no permission on the file and has no effect on a device. */
const O_PATH = 0o10000000;

export function realDisk(): Disk {
  return {
    lstat,
    fstat: (fd) => toStat(fs.fstatSync(fd)),
    list,
    realpath: (path) => fs.realpathSync.native(path),
    readlink: (path) => fs.readlinkSync(path),

    openRead,
    createNew: (path, mode) => fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode),
    openAppend,
    read: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
    write,
    truncate: (fd, sizeBytes) => fs.ftruncateSync(fd, sizeBytes),
    fchmod: (fd, mode) => fs.fchmodSync(fd, mode),
    close: (fd) => fs.closeSync(fd),

    mkdir: (path, mode) => void fs.mkdirSync(path, { mode }),
    rmdir: (path) => fs.rmdirSync(path),
    link: (existing, path) => fs.linkSync(existing, path),
    symlink: (target, path) => fs.symlinkSync(target, path),
    rename: (from, to) => fs.renameSync(from, to),
    unlink: (path) => fs.unlinkSync(path),
    chmod,

    fdatasync: (fd) => fs.fdatasyncSync(fd),
    fdatasyncAside,
    fsync: (fd) => fs.fsyncSync(fd),
    syncDir,
    syncAll,
    space(path) {
      const found = fs.statfsSync(path);
      return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
    },
  };
}

function lstat(path: string): Stat | null {
  try {
    const found = fs.lstatSync(path, { throwIfNoEntry: false });
    return found === undefined ? null : toStat(found);
  } catch (error) {
    if (isSystemError(error, "ENOTDIR")) return null;
    throw error;
  }
}

function list(path: string): Listing {
  const names: ListedName[] = [];
  let doubtful = false;
  for (const found of fs.readdirSync(path, { withFileTypes: true })) {
    doubtful ||= found.name.includes("\ufffd");
    names.push({ name: found.name, kind: kindOf(found) });
  }
  return doubtful ? listBytes(path) : { names, undecodable: [] };
}

/** Node decodes broken UTF-8 to U+FFFD, which may also really stand in a name: only the bytes can tell. */
function listBytes(path: string): Listing {
  const listing: Listing = { names: [], undecodable: [] };
  for (const found of fs.readdirSync(path, { withFileTypes: true, encoding: "buffer" })) {
    const bytes = Buffer.from(found.name);
    const name = bytes.toString("utf8");
    if (Buffer.from(name).equals(bytes)) listing.names.push({ name, kind: kindOf(found) });
    else listing.undecodable.push(escapeBytes(bytes));
  }
  return listing;
}

function escapeBytes(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x5c) text += "\\\\";
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

function openRead(path: string): Fd {
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  return assertRegular(fd, path);
}

function openAppend(path: string, mode: number): Fd {
  const fd = fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode);
  return assertRegular(fd, path);
}

function assertRegular(fd: Fd, path: string): Fd {
  const found = fs.fstatSync(fd);
  if (found.isFile()) return fd;
  fs.closeSync(fd);
  throw systemError(found.isDirectory() ? "EISDIR" : "ENXIO", "open", path);
}

function write(fd: Fd, bytes: Uint8Array, position: number | null): void {
  let done = 0;
  while (done < bytes.length) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/** `chmod(2)` follows links, so the inode is held by a descriptor first. */
function chmod(path: string, mode: number): void {
  let fd: Fd;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (!isSystemError(error, "EACCES", "ENXIO")) throw error;
    chmodUnreadable(path, mode);
    return;
  }
  try {
    fs.fchmodSync(fd, mode);
  } finally {
    fs.closeSync(fd);
  }
}

/** Its owner may change the mode of a file that cannot be read, but cannot open it: Linux has O_PATH for that, macOS `lchmod`. */
function chmodUnreadable(path: string, mode: number): void {
  if (process.platform === "darwin") {
    if (fs.lstatSync(path).isSymbolicLink()) throw systemError("ELOOP", "chmod", path);
    fs.lchmodSync(path, mode);
    return;
  }
  const fd = fs.openSync(path, O_PATH | O_NOFOLLOW);
  try {
    if (fs.fstatSync(fd).isSymbolicLink()) throw systemError("ELOOP", "chmod", path);
    fs.chmodSync(`/proc/self/fd/${fd}`, mode);
  } finally {
    fs.closeSync(fd);
  }
}

function toStat(found: fs.Stats): Stat {
  return {
    kind: kindOf(found),
    sizeBytes: found.size,
    mode: found.mode & 0o7777,
    mtimeMs: found.mtimeMs,
    ctimeMs: found.ctimeMs,
    ino: found.ino,
    dev: found.dev,
    nlink: found.nlink,
  };
}

function kindOf(found: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): FileKind {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "dir";
  return found.isSymbolicLink() ? "link" : "other";
}
