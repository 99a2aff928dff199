/** The inodes of a simulated disk: what is live, what is durable, and what a power cut makes of the difference. */

import { systemError } from "../../src/platform/index.ts";
import { SeededChoices } from "./seeded-random.ts";
import {
  applyDurably,
  type Content,
  dependsOn,
  type Inode,
  type NameOperation,
  newInode,
  PAGE_BYTES,
  type Slot,
  survivingContent,
  survivingOperations,
} from "./simulated-inode.ts";
import type { Place } from "./simulated-paths.ts";

export class SimulatedVolume {
  root: Inode;
  freeBytes: number;
  readonly #now: () => number;
  /** Name changes in the order in which they were made, without those that are durable. */
  #unsynced: NameOperation[] = [];
  #nextInode = 2;

  constructor(options: { freeBytes: number; now: () => number }) {
    this.freeBytes = options.freeBytes;
    this.#now = options.now;
    this.root = newInode(1, "dir", 0o755, this.#now());
    this.root.links = 1;
  }

  /** Makes an inode and gives it its first name. */
  create(place: { dir: Inode; name: string }, kind: Inode["kind"], mode: number, target = ""): Inode {
    const inode = newInode(this.#nextInode, kind, mode, this.#now(), target);
    this.#nextInode += 1;
    this.#change([{ ...place, inode }]);
    return inode;
  }

  addName(place: Place, inode: Inode): void {
    this.#change([{ ...place, inode }]);
    this.touch(inode);
  }

  remove(place: Place): void {
    this.#change([{ ...place, inode: null }], place.inode);
  }

  move(from: Place, to: Place): void {
    const slots = [
      { ...from, inode: null },
      { ...to, inode: from.inode },
    ];
    this.#change(slots, to.inode);
  }

  /** Sets and removes names, atomically. `removed`: what goes with it, if it is a folder. */
  #change(slots: readonly Slot[], removed: Inode | null = null): void {
    this.#unsynced.push({ slots, removedDir: removed?.kind === "dir" ? removed : null });
    const unlinked: Inode[] = [];
    for (const { dir, name, inode } of slots) {
      const before = dir.names.get(name);
      if (inode === null) dir.names.delete(name);
      else dir.names.set(name, inode);
      if (inode !== null) inode.links += 1;
      if (before !== undefined) unlinked.push(before);
      this.touch(dir, { modified: true });
    }
    for (const inode of unlinked) {
      inode.links -= 1;
      this.touch(inode);
      this.release(inode);
    }
  }

  /** Writes at `start` as much as fits; returns how much that is. */
  write(inode: Inode, bytes: Uint8Array, start: number): number {
    const room = Math.floor(this.freeBytes / PAGE_BYTES) * PAGE_BYTES + pageBytes(inode.live.data.length);
    const fitting = Math.max(0, Math.min(bytes.length, room - start));
    if (fitting === 0) return 0;
    this.#setSize(inode, Math.max(inode.live.data.length, start + fitting));
    inode.live.data.set(bytes.subarray(0, fitting), start);
    this.touch(inode, { modified: true });
    return fitting;
  }

  /** Growing makes a hole, which takes no room in the real world; here it does. */
  truncate(inode: Inode, sizeBytes: number): void {
    if (pageBytes(sizeBytes) - pageBytes(inode.live.data.length) > this.freeBytes)
      throw systemError("ENOSPC", "ftruncate");
    this.#setSize(inode, sizeBytes);
    this.touch(inode, { modified: true });
  }

  setMode(inode: Inode, mode: number): void {
    inode.live.mode = mode & 0o7777;
    this.touch(inode);
  }

  touch(inode: Inode, options: { modified: boolean } = { modified: false }): void {
    inode.live.ctimeMs = this.#now();
    if (options.modified) inode.live.mtimeMs = inode.live.ctimeMs;
  }

  /** Gives the room back when no name and no descriptor is left. */
  release(inode: Inode): void {
    if (inode.links > 0 || inode.openFds > 0) return;
    this.freeBytes += pageBytes(inode.live.data.length);
  }

  syncData(inode: Inode): void {
    inode.durable = { ...inode.durable, data: Buffer.from(inode.live.data) };
    inode.wasCut = false;
  }

  syncInode(inode: Inode): void {
    inode.durable = copyOf(inode.live);
    inode.wasCut = false;
  }

  /** The names in `dir`, its own inode, and the modes of what is in it. */
  syncNames(dir: Inode): void {
    const synced = new Set<NameOperation>();
    // Backwards: what an operation needs was done before it.
    for (const operation of this.#unsynced.toReversed()) {
      const needed = [...synced].some((later) => dependsOn(later, operation));
      if (needed || operation.slots.some((slot) => slot.dir === dir)) synced.add(operation);
    }
    for (const operation of this.#unsynced) if (synced.has(operation)) applyDurably(operation);
    this.#unsynced = this.#unsynced.filter((operation) => !synced.has(operation));
    this.syncInode(dir);
    for (const child of dir.names.values()) child.durable.mode = child.live.mode;
  }

  /** Everything is durable from here on. */
  settle(): void {
    for (const operation of this.#unsynced) applyDurably(operation);
    this.#unsynced = [];
    const seen = new Set<Inode>();
    const settle = (inode: Inode) => {
      if (seen.has(inode)) return;
      seen.add(inode);
      this.syncInode(inode);
      for (const child of inode.names.values()) settle(child);
    };
    settle(this.root);
  }

  /** A volume in one of the states that a power cut may leave. This one stays as it is. */
  afterCrash(seed: number): SimulatedVolume {
    const choices = new SeededChoices(seed);
    const volume = new SimulatedVolume({ freeBytes: this.freeBytes + this.#usedBytes(), now: this.#now });
    const slots = survivingOperations(this.#unsynced, seed, choices).flatMap((operation) => operation.slots);
    const copies = new Map<Inode, Inode>();
    const copy = (inode: Inode): Inode => {
      const copied = copies.get(inode) ?? settledInode(inode, survivingContent(inode, seed, choices));
      copied.links += 1;
      if (copies.has(inode)) return copied;
      copies.set(inode, copied);
      volume.freeBytes -= pageBytes(copied.live.data.length);
      for (const [name, child] of survivingNames(inode, slots)) copied.names.set(name, copy(child));
      for (const [name, child] of copied.names) copied.durableNames.set(name, child);
      return copied;
    };
    volume.root = copy(this.root);
    volume.#nextInode = this.#nextInode;
    return volume;
  }

  #setSize(inode: Inode, sizeBytes: number): void {
    const old = inode.live.data;
    if (old.length === sizeBytes) return;
    this.freeBytes -= pageBytes(sizeBytes) - pageBytes(old.length);
    if (sizeBytes < old.length) inode.wasCut = true;
    const data = Buffer.alloc(sizeBytes);
    old.copy(data);
    inode.live.data = data;
  }

  #usedBytes(): number {
    const seen = new Set<Inode>();
    const used = (inode: Inode): number => {
      if (seen.has(inode)) return 0;
      seen.add(inode);
      return [...inode.names.values()].reduce((sum, child) => sum + used(child), pageBytes(inode.live.data.length));
    };
    return used(this.root);
  }
}

function settledInode(inode: Inode, content: Content): Inode {
  const settled = newInode(inode.number, inode.kind, 0, 0, inode.target);
  settled.live = content;
  settled.durable = copyOf(content);
  return settled;
}

function survivingNames(dir: Inode, slots: readonly Slot[]): Map<string, Inode> {
  const names = new Map(dir.durableNames);
  for (const { name, inode } of slots.filter((slot) => slot.dir === dir)) {
    if (inode === null) names.delete(name);
    else names.set(name, inode);
  }
  return names;
}

function copyOf(content: Content): Content {
  return { ...content, data: Buffer.from(content.data) };
}

function pageBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / PAGE_BYTES) * PAGE_BYTES;
}
