/** The names of packs, and reading what lies in one. */

import { join } from "node:path";
import { type Disk, type Fd, HoldfastError, isSystemError } from "../base/index.ts";
import { DamagedRecord, type DecodedRecord, decodeRecord } from "./record.ts";

const PACK_NAME = /^pack-(\d{6,})\.hfp$/;

export function packName(number: number): string {
  return `pack-${String(number).padStart(6, "0")}.hfp`;
}

/** The numbers of all packs in the folder, ascending; none when there is no folder. */
export function packNumbers(disk: Disk, dir: string): number[] {
  if (disk.lstat(dir) === null) return [];
  return disk
    .list(dir)
    .names.flatMap(({ name }) => PACK_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export interface RecordPlace {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

/** Reads records by their place, holding a few packs open. */
export class PackReader {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #open = new Map<number, Fd>();

  constructor(dir: string, disk: Disk) {
    this.#dir = dir;
    this.#disk = disk;
  }

  /** The record's bytes, unchecked. `null` when the pack is gone: prune moved its records, look the place up again. */
  bytes(place: RecordPlace, memory: Buffer = Buffer.allocUnsafe(place.length)): Buffer | null {
    const fd = this.#fd(place.pack);
    if (fd === null) return null;
    const bytes = memory.subarray(0, place.length);
    return bytes.subarray(0, readFully(this.#disk, fd, bytes, place.offset));
  }

  /** The record, checked; read into `memory`, when it is given and long enough. Throws `VAULT_CORRUPT`; `null` when the pack is gone. */
  record(place: RecordPlace, memory?: Buffer): DecodedRecord | null {
    const bytes = this.bytes(place, memory);
    return bytes === null ? null : checkedRecord(bytes, place);
  }

  /** Lets go of all files, so that removed packs really leave the disk. */
  close(): void {
    for (const fd of this.#open.values()) this.#disk.close(fd);
    this.#open.clear();
  }

  #fd(pack: number): Fd | null {
    const known = this.#open.get(pack);
    if (known !== undefined) return known;
    try {
      const fd = this.#disk.openRead(join(this.#dir, packName(pack)));
      if (this.#open.size >= OPEN_PACKS_MAX) this.#closeOldest();
      this.#open.set(pack, fd);
      return fd;
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return null;
      throw new HoldfastError("VAULT_CORRUPT", `${packName(pack)} cannot be opened`, {
        data: { pack: packName(pack) },
        cause: error,
      });
    }
  }

  #closeOldest(): void {
    const [pack, fd] = this.#open.entries().next().value!;
    this.#open.delete(pack);
    this.#disk.close(fd);
  }
}

const OPEN_PACKS_MAX = 8;

/** Throws `VAULT_CORRUPT` naming the pack and the offset. */
export function checkedRecord(bytes: Buffer, place: RecordPlace): DecodedRecord {
  try {
    return decodeRecord(bytes);
  } catch (error) {
    if (error instanceof DamagedRecord) throw error.toHoldfastError(packName(place.pack), place.offset);
    throw error;
  }
}

/** Fills `buffer` from `position`; fewer bytes only at the end of the file. */
export function readFully(disk: Disk, fd: Fd, buffer: Uint8Array, position: number): number {
  let done = 0;
  while (done < buffer.length) {
    const read = disk.read(fd, buffer, done, buffer.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
