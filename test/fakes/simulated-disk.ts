/**
 * A disk in memory that forgets what was not made durable.
 *
 * It has two layers: what a running system sees, and what a power cut leaves. Data is durable after a barrier on the file
 * (`fdatasync`, `fsync`, `syncAll`), a name after a barrier on its folder (`syncDir`, `syncAll`), a mode after a barrier on the inode
 * (not `fdatasync`) or its folder. A synced new file has no durable name: ext4 gives it one, but nobody promises that. Everything
 * else survives or not, as the seed says. It answers as Linux would to root; the conformance suite compares it with a real disk.
 *
 * Every changing call is a numbered operation (see `counter`). After a simulated crash every call throws.
 */

import type { Disk, Fd, Listing, Stat } from "../../src/base/index.ts";
import { isSystemError } from "../../src/base/index.ts";
import { systemError } from "../../src/platform/index.ts";
import { OperationCounter } from "./operation-counter.ts";
import { type Inode, toStat } from "./simulated-inode.ts";
import { assertRenamable, findPlace, type Place } from "./simulated-paths.ts";
import { SimulatedVolume } from "./simulated-volume.ts";

export interface SimulatedDiskOptions {
  /** Room for data, in bytes; counted in whole pages. */
  freeBytes?: number;
  now?: () => number;
  umask?: number;
  /** Share one to count the operations of several fakes together. */
  counter?: OperationCounter;
}

interface OpenFile {
  readonly inode: Inode;
  readonly path: string;
  readonly use: "read" | "write" | "append";
  position: number;
}

export class SimulatedDisk implements Disk {
  readonly counter: OperationCounter;
  readonly #options: SimulatedDiskOptions;
  readonly #umask: number;
  readonly #files = new Map<Fd, OpenFile>();
  readonly #volume: SimulatedVolume;
  #nextFd = 100;

  constructor(options: SimulatedDiskOptions = {}, volume?: SimulatedVolume) {
    let ticks = 0;
    const now = options.now ?? (() => Date.UTC(2026, 0, 1) + ticks++);
    this.counter = options.counter ?? new OperationCounter();
    this.#options = { ...options, now };
    this.#umask = options.umask ?? 0o022;
    this.#volume = volume ?? new SimulatedVolume({ freeBytes: options.freeBytes ?? 2 ** 40, now });
  }

  /** One possible state after a power cut now; the same for the same seed. 0: nothing unsynced survives, 1: everything does. */
  afterCrash(seed: number, counter = new OperationCounter()): SimulatedDisk {
    return new SimulatedDisk({ ...this.#options, counter }, this.#volume.afterCrash(seed));
  }

  /** Everything so far is durable: the state that a test starts from. */
  settle(): void {
    this.#volume.settle();
  }

  get openFds(): number {
    return this.#files.size;
  }

  /** Room that is left; a test may change it at any time. */
  get freeBytes(): number {
    return this.#volume.freeBytes;
  }
  set freeBytes(bytes: number) {
    this.#volume.freeBytes = bytes;
  }

  /** Puts a fifo or device there. */
  plantOther(path: string): void {
    this.#volume.create(this.#absent(path, "mknod"), "other", 0o644);
  }

  lstat(path: string): Stat | null {
    this.counter.read("lstat", path);
    try {
      const { inode } = this.#place(path, "lstat");
      return inode === null ? null : toStat(inode);
    } catch (error) {
      if (isSystemError(error, "ENOENT", "ENOTDIR")) return null;
      throw error;
    }
  }

  fstat(fd: Fd): Stat {
    const { inode, path } = this.#file(fd);
    this.counter.read("fstat", path);
    return toStat(inode);
  }

  list(path: string): Listing {
    this.counter.read("list", path);
    const dir = this.#existing(path, "scandir", { follow: true });
    if (dir.kind !== "dir") throw systemError("ENOTDIR", "scandir", path);
    return { names: [...dir.names].map(([name, { kind }]) => ({ name, kind })), undecodable: [] };
  }

  realpath(path: string): string {
    this.counter.read("realpath", path);
    const place = findPlace(this.#volume.root, path, { syscall: "realpath", follow: true });
    if (place.inode === null) throw systemError("ENOENT", "realpath", path);
    return place.realPath;
  }

  readlink(path: string): string {
    this.counter.read("readlink", path);
    const inode = this.#existing(path, "readlink");
    if (inode.kind !== "link") throw systemError("EINVAL", "readlink", path);
    return inode.target;
  }

  openRead(path: string): Fd {
    this.counter.read("openRead", path);
    return this.#open(this.#existing(path, "open"), path, "read");
  }

  createNew(path: string, mode: number): Fd {
    this.counter.change("createNew", path);
    const place = this.#absent(path, "open");
    return this.#open(this.#volume.create(place, "file", mode & ~this.#umask), path, "write");
  }

  openAppend(path: string, mode: number): Fd {
    this.counter.change("openAppend", path);
    const place = this.#place(path, "open");
    const inode = place.inode ?? this.#volume.create(place, "file", mode & ~this.#umask);
    return this.#open(inode, path, "append");
  }

  read(fd: Fd, buffer: Uint8Array, offset: number, length: number, position: number): number {
    const { inode, path, use } = this.#file(fd);
    this.counter.read("read", path);
    if (use !== "read") throw systemError("EBADF", "read");
    const end = Math.min(position + length, inode.live.data.length);
    return end <= position ? 0 : inode.live.data.copy(buffer, offset, position, end);
  }

  write(fd: Fd, bytes: Uint8Array, position: number | null): void {
    if (bytes.length === 0) return;
    const file = this.#file(fd);
    this.counter.change("write", file.path);
    if (file.use === "read") throw systemError("EBADF", "write");
    const start = file.use === "append" ? file.inode.live.data.length : (position ?? file.position);
    const written = this.#volume.write(file.inode, bytes, start);
    if (position === null) file.position = start + written;
    if (written < bytes.length) throw systemError("ENOSPC", "write");
  }

  truncate(fd: Fd, sizeBytes: number): void {
    const { inode, path, use } = this.#file(fd);
    this.counter.change("truncate", path);
    if (use === "read") throw systemError("EINVAL", "ftruncate");
    this.#volume.truncate(inode, sizeBytes);
  }

  fchmod(fd: Fd, mode: number): void {
    const { inode, path } = this.#file(fd);
    this.counter.change("fchmod", path);
    this.#volume.setMode(inode, mode);
  }

  close(fd: Fd): void {
    const { inode, path } = this.#file(fd);
    this.counter.read("close", path);
    this.#files.delete(fd);
    inode.openFds -= 1;
    this.#volume.release(inode);
  }

  mkdir(path: string, mode: number): void {
    this.counter.change("mkdir", path);
    this.#volume.create(this.#absent(path, "mkdir"), "dir", mode & ~this.#umask);
  }

  rmdir(path: string): void {
    this.counter.change("rmdir", path);
    const place = this.#place(path, "rmdir");
    if (place.inode === null) throw systemError("ENOENT", "rmdir", path);
    if (place.inode === this.#volume.root) throw systemError("EBUSY", "rmdir", path);
    if (place.inode.kind !== "dir") throw systemError("ENOTDIR", "rmdir", path);
    if (place.inode.names.size > 0) throw systemError("ENOTEMPTY", "rmdir", path);
    this.#volume.remove(place);
  }

  link(existing: string, path: string): void {
    this.counter.change("link", path);
    const inode = this.#existing(existing, "link");
    const place = this.#absent(path, "link");
    if (inode.kind === "dir") throw systemError("EPERM", "link", path);
    this.#volume.addName(place, inode);
  }

  symlink(target: string, path: string): void {
    this.counter.change("symlink", path);
    if (target === "") throw systemError("ENOENT", "symlink", path);
    this.#volume.create(this.#absent(path, "symlink"), "link", 0o777, target);
  }

  rename(from: string, to: string): void {
    this.counter.change("rename", from);
    const source = this.#place(from, "rename");
    const place = this.#place(to, "rename");
    if (source.inode === this.#volume.root || place.inode === this.#volume.root)
      throw systemError("EBUSY", "rename", from);
    assertRenamable(source, place, from);
    if (source.inode === place.inode) return;
    this.#volume.move(source, place);
  }

  unlink(path: string): void {
    this.counter.change("unlink", path);
    const place = this.#place(path, "unlink");
    if (place.inode === null) throw systemError("ENOENT", "unlink", path);
    if (place.inode.kind === "dir") throw systemError("EISDIR", "unlink", path);
    this.#volume.remove(place);
  }

  chmod(path: string, mode: number): void {
    this.counter.change("chmod", path);
    const inode = this.#existing(path, "chmod");
    if (inode.kind === "link") throw systemError("ELOOP", "chmod", path);
    this.#volume.setMode(inode, mode);
  }

  fdatasync(fd: Fd): void {
    const { inode, path } = this.#file(fd);
    this.counter.change("fdatasync", path);
    this.#volume.syncData(inode);
  }

  fdatasyncAside = async (fd: Fd): Promise<void> => this.fdatasync(fd);

  fsync(fd: Fd): void {
    const { inode, path } = this.#file(fd);
    this.counter.change("fsync", path);
    this.#volume.syncInode(inode);
  }

  syncDir(path: string): void {
    this.counter.change("syncDir", path);
    this.#volume.syncNames(this.#dir(path));
  }

  async syncAll(paths: { files: readonly string[]; dirs: readonly string[] }): Promise<void> {
    this.counter.change("syncAll", [...paths.files, ...paths.dirs].join(" "));
    for (const path of paths.files) this.#volume.syncInode(this.#existing(path, "open"));
    for (const path of paths.dirs) this.#volume.syncNames(this.#dir(path));
  }

  space(path: string): { freeBytes: number; totalBytes: number } {
    this.counter.read("space", path);
    this.#existing(path, "statfs", { follow: true });
    return { freeBytes: this.freeBytes, totalBytes: Math.max(2 ** 40, this.freeBytes) };
  }

  #open(inode: Inode, path: string, use: OpenFile["use"]): Fd {
    if (inode.kind === "link") throw systemError("ELOOP", "open", path);
    if (inode.kind === "dir") throw systemError("EISDIR", "open", path);
    if (inode.kind === "other") throw systemError("ENXIO", "open", path);
    const fd = this.#nextFd++;
    this.#files.set(fd, { inode, path, use, position: 0 });
    inode.openFds += 1;
    return fd;
  }

  #file(fd: Fd): OpenFile {
    const file = this.#files.get(fd);
    if (file === undefined) throw systemError("EBADF", "fd");
    return file;
  }

  #place(path: string, syscall: string): Place {
    return findPlace(this.#volume.root, path, { syscall, follow: false });
  }

  #existing(path: string, syscall: string, options = { follow: false }): Inode {
    const { inode } = findPlace(this.#volume.root, path, { syscall, ...options });
    if (inode === null) throw systemError("ENOENT", syscall, path);
    return inode;
  }

  #absent(path: string, syscall: string): Place {
    const place = this.#place(path, syscall);
    if (place.inode !== null) throw systemError("EEXIST", syscall, path);
    return place;
  }

  #dir(path: string): Inode {
    const inode = this.#existing(path, "open");
    if (inode.kind !== "dir") throw systemError("ENOTDIR", "open", path);
    return inode;
  }
}
