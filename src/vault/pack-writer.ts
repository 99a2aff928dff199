/**
 * Appends records to packs. Each vault instance writes into a pack of its own: processes and threads never share one.
 *
 * Invariants: a record never begins behind a torn one (a failed write ends its pack); a number is taken by creating the file, so
 * no two instances get the same. Crash: what was appended after the last `sync` may be there, torn, or gone; nothing points at it.
 *
 * A pack that is synced again and again gets room ahead, written full of zeroes: a barrier that changes no file's length costs half
 * as much. What was not used of it goes when the pack is closed; after a crash it stays, and `scanPack` knows it.
 *
 * Prune and forget may take a pack away at any time, even one that is being written. The commit finds out, inside its
 * transaction, and has the records that it was about to index written again elsewhere (`moveAway`): a descriptor outlives the name.
 */

import { join } from "node:path";
import { assert, type Fd, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import { packName, packNumbers } from "./pack-files.ts";
import { type EncodedRecord, encodePackHead, encodeRecord, PACK_HEAD_BYTES } from "./record.ts";

export interface OpenPack {
  readonly number: number;
  readonly path: string;
  readonly ino: number;
  readonly fd: Fd;
  /** For reading back, should the name be taken away. */
  readonly readFd: Fd;
  /** Where the next record goes. */
  endBytes: number;
  /** Where the room ahead ends; not beyond `endBytes` when there is none. */
  roomEndBytes: number;
  /** How many barriers it has had. */
  barriers: number;
  dirty: boolean;
  /** How many barriers are under way aside: it stays open. */
  syncs: number;
  /** Its name is not yet durable. */
  nameDirty: boolean;
  /** The index has a row for it. */
  indexed: boolean;
  /** Records that no commit has indexed yet. */
  readonly pending: Set<PlacedRecord>;
}

/** Where a record lies. Moved in place when its pack is taken away before the commit. */
export interface PlacedRecord {
  pack: OpenPack;
  offset: number;
  readonly length: number;
  readonly rawLength: number;
  readonly kind: EncodedRecord["kind"];
}

/** Most commands commit once or twice, and end. */
const BARRIERS_WITHOUT_ROOM = 2;
const ROOM_BYTES = 256 * 1024;
const ROOM = Buffer.alloc(ROOM_BYTES);

export class PackWriter {
  readonly #ports: Pick<Ports, "disk" | "random">;
  readonly #dir: string;
  readonly #lastRemoved: () => number;
  #current: OpenPack | null = null;
  /** Full or broken packs that still have pending or unsynced records. */
  readonly #leaving = new Set<OpenPack>();
  /** Moments whose transaction failed after their record was appended: said before the next record. */
  #voided: Buffer[] = [];

  /** `lastRemoved`: the highest number of a pack that was removed, asked whenever a pack is made. */
  constructor(dir: string, ports: Pick<Ports, "disk" | "random">, lastRemoved: () => number) {
    this.#lastRemoved = lastRemoved;
    this.#dir = dir;
    this.#ports = ports;
  }

  append(record: EncodedRecord): PlacedRecord {
    if (this.#voided.length > 0) this.#appendVoid();
    return this.#append(record);
  }

  /** One barrier: everything appended so far is durable. */
  sync(): void {
    const dirty = this.#packs().filter((pack) => pack.dirty || pack.nameDirty);
    for (const pack of dirty) {
      if (pack.dirty) this.#makeRoom(pack);
      if (pack.dirty) this.#ports.disk.fdatasync(pack.fd);
      pack.dirty = false;
    }
    if (dirty.some((pack) => pack.nameDirty)) this.#ports.disk.syncDir(this.#dir);
    for (const pack of dirty) pack.nameDirty = false;
  }

  /** The same barrier, for what was appended before the call; other work goes on meanwhile, appending too. */
  async syncAside(): Promise<void> {
    const dirty = this.#packs().filter((pack) => pack.dirty || pack.nameDirty);
    const hasNewNames = dirty.some((pack) => pack.nameDirty);
    await Promise.all(dirty.map((pack) => (pack.dirty ? this.#syncOneAside(pack) : null)));
    if (hasNewNames) await this.#ports.disk.syncAll({ files: [], dirs: [this.#dir] });
    if (hasNewNames) for (const pack of dirty) pack.nameDirty = false;
    this.settle([]);
  }

  async #syncOneAside(pack: OpenPack): Promise<void> {
    this.#makeRoom(pack);
    pack.syncs += 1;
    // What is appended from here on may or may not be covered.
    pack.dirty = false;
    try {
      await this.#ports.disk.fdatasyncAside(pack.fd);
    } catch (error) {
      pack.dirty = true;
      throw error;
    } finally {
      pack.syncs -= 1;
    }
  }

  /** The records are indexed, or given up: nothing waits for them any more. */
  settle(records: Iterable<PlacedRecord>): void {
    for (const record of records) record.pack.pending.delete(record);
    for (const pack of this.#leaving) if (pack.pending.size === 0 && !pack.dirty && pack.syncs === 0) this.#close(pack);
  }

  /** Writes the pending records of a pack that was taken away again, into another one. */
  moveAway(pack: OpenPack): void {
    if (this.#current === pack) this.endPack();
    for (const record of [...pack.pending]) {
      const bytes = Buffer.allocUnsafe(record.length);
      const read = this.#ports.disk.read(pack.readFd, bytes, 0, record.length, record.offset);
      assert(read === record.length, "a pending record can be read back");
      const placed = this.#append({ ...record, head: bytes, stored: Buffer.alloc(0) });
      placed.pack.pending.delete(placed);
      pack.pending.delete(record);
      record.pack = placed.pack;
      record.offset = placed.offset;
      placed.pack.pending.add(record);
    }
    pack.dirty = false;
    pack.nameDirty = false;
    this.settle([]);
  }

  /** Of a commit that failed after its records were appended: a rebuilt index must not believe them. */
  voidMoments(ids: readonly Buffer[]): void {
    this.#voided.push(...ids);
  }

  /** The next record begins a new pack. */
  endPack(): void {
    if (this.#current === null) return;
    this.#leaving.add(this.#current);
    this.#current = null;
    this.settle([]);
  }

  writes(packNumber: number): boolean {
    return this.#packs().some((pack) => pack.number === packNumber);
  }

  close(): void {
    if (this.#voided.length > 0 && this.#current !== null) this.#appendVoid();
    for (const pack of this.#packs()) this.#close(pack);
    this.#current = null;
  }

  #packs(): OpenPack[] {
    return this.#current === null ? [...this.#leaving] : [...this.#leaving, this.#current];
  }

  #append(record: EncodedRecord): PlacedRecord {
    const length = record.head.length + record.stored.length;
    if (this.#current !== null && this.#current.endBytes + length > LIMITS.packSizeBytesMax) this.endPack();
    this.#current ??= this.#create();
    const pack = this.#current;
    const offset = pack.endBytes;
    try {
      this.#ports.disk.write(pack.fd, record.head, offset);
      if (record.stored.length > 0) this.#ports.disk.write(pack.fd, record.stored, offset + record.head.length);
    } catch (error) {
      this.endPack();
      throw error;
    }
    pack.endBytes += length;
    pack.dirty = true;
    const placed: PlacedRecord = { pack, offset, length, rawLength: record.rawLength, kind: record.kind };
    pack.pending.add(placed);
    return placed;
  }

  /** Before a barrier. */
  #makeRoom(pack: OpenPack): void {
    pack.barriers += 1;
    const appendedBytes = pack.endBytes - pack.roomEndBytes;
    if (appendedBytes <= 0) return;
    const isWorthIt = pack === this.#current && pack.barriers > BARRIERS_WITHOUT_ROOM && appendedBytes <= ROOM_BYTES;
    pack.roomEndBytes = pack.endBytes;
    if (!isWorthIt) return;
    try {
      this.#ports.disk.write(pack.fd, ROOM, pack.endBytes);
      pack.roomEndBytes += ROOM_BYTES;
    } catch (error) {
      // A full disk: it goes without. Part of the room may have been written.
      if (!isSystemError(error)) throw error;
      pack.roomEndBytes += ROOM_BYTES;
    }
  }

  #appendVoid(): void {
    const table = Buffer.concat(this.#voided);
    this.#voided = [];
    const placed = this.#append(
      encodeRecord({ kind: "void", codec: "stored", table, stored: Buffer.alloc(0), rawLength: 0 }),
    );
    placed.pack.pending.delete(placed);
  }

  #create(): OpenPack {
    const { disk, random } = this.#ports;
    if (disk.lstat(this.#dir) === null) disk.mkdir(this.#dir, 0o700);
    const highest = Math.max(packNumbers(disk, this.#dir).at(-1) ?? 0, this.#lastRemoved());
    for (let number = highest + 1; ; number += 1) {
      const path = join(this.#dir, packName(number));
      try {
        const fd = disk.createNew(path, 0o600);
        const readFd = disk.openRead(path);
        const { ino } = disk.fstat(fd);
        const pack: OpenPack = {
          number,
          path,
          ino,
          fd,
          readFd,
          endBytes: 0,
          roomEndBytes: 0,
          barriers: 0,
          dirty: true,
          syncs: 0,
          nameDirty: true,
          indexed: false,
          pending: new Set(),
        };
        this.#writeHead(pack, random.bytes(16));
        return pack;
      } catch (error) {
        if (!isSystemError(error, "EEXIST")) throw error;
      }
    }
  }

  #writeHead(pack: OpenPack, id: Buffer): void {
    try {
      this.#ports.disk.write(pack.fd, encodePackHead(id), 0);
      pack.endBytes = PACK_HEAD_BYTES;
    } catch (error) {
      this.#close(pack);
      throw error;
    }
  }

  #close(pack: OpenPack): void {
    this.#leaving.delete(pack);
    if (pack.roomEndBytes > pack.endBytes) this.#ports.disk.truncate(pack.fd, pack.endBytes);
    this.#ports.disk.close(pack.fd);
    this.#ports.disk.close(pack.readFd);
  }
}
