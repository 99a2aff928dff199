/** What the simulated disk is made of: inodes with a live and a durable side, and the name changes between the two. */

import type { FileKind, Stat } from "../../src/base/index.ts";
import type { SeededChoices } from "./seeded-random.ts";

export const PAGE_BYTES = 4096;

/** What an inode holds at one moment; live or durable. */
export interface Content {
  data: Buffer;
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
}

export interface Inode {
  readonly number: number;
  readonly kind: FileKind;
  /** Of a link. It is durable together with the name. */
  readonly target: string;
  live: Content;
  /** As of the last barrier on it; as created before that. */
  durable: Content;
  /** Its data was cut since then: the room of what was durable may have been given away and taken anew. */
  wasCut: boolean;
  links: number;
  openFds: number;
  readonly names: Map<string, Inode>;
  readonly durableNames: Map<string, Inode>;
}

export function newInode(number: number, kind: FileKind, mode: number, nowMs: number, target = ""): Inode {
  const created = () => ({ data: Buffer.alloc(0), mode, mtimeMs: nowMs, ctimeMs: nowMs });
  const names = { names: new Map(), durableNames: new Map() };
  return { number, kind, target, live: created(), durable: created(), wasCut: false, links: 0, openFds: 0, ...names };
}

/** One folder entry: what a name operation sets or removes. */
export interface Slot {
  readonly dir: Inode;
  readonly name: string;
  readonly inode: Inode | null;
}

/** All slots change together or not at all: a rename has two. */
export interface NameOperation {
  readonly slots: readonly Slot[];
  /** The folder that this removes; it goes only when it is empty in what survives. */
  readonly removedDir: Inode | null;
}

/**
 * True when no file system keeps `later` without `earlier`: they change the same entry, or `later` removes the folder that
 * `earlier` changed. Everything else may be kept in any combination.
 */
export function dependsOn(later: NameOperation, earlier: NameOperation): boolean {
  return later.slots.some((mine) =>
    earlier.slots.some(
      (theirs) => theirs.dir === later.removedDir || (theirs.dir === mine.dir && theirs.name === mine.name),
    ),
  );
}

export function applyDurably(operation: NameOperation): void {
  for (const { dir, name, inode } of operation.slots) {
    if (inode === null) dir.durableNames.delete(name);
    else dir.durableNames.set(name, inode);
  }
}

/** Which of the unsynced name operations survive. Seeds 0 and 1 are the extremes, the others a prefix or any combination. */
export function survivingOperations(
  unsynced: readonly NameOperation[],
  seed: number,
  choices: SeededChoices,
): NameOperation[] {
  if (seed === 0) return [];
  if (seed === 1) return [...unsynced];
  if (seed % 4 === 2) return unsynced.slice(0, choices.below(unsynced.length + 1));
  const probability = choices.pick([0.2, 0.5, 0.8]);
  const lost: NameOperation[] = [];
  return unsynced.filter((operation) => {
    const survives = choices.chance(probability) && !lost.some((earlier) => dependsOn(operation, earlier));
    if (!survives) lost.push(operation);
    return survives;
  });
}

/** What a crash leaves of an inode: each page, the size, the mode and the times are old or new, and a page may be zeroes. */
export function survivingContent(inode: Inode, seed: number, choices: SeededChoices): Content {
  const { live, durable } = inode;
  const either = <T>(old: T, now: T): T => (seed === 0 ? old : seed === 1 ? now : choices.pick([old, now]));
  const times = either(durable, live);
  return {
    data: survivingData(durable.data, live.data, inode.wasCut, seed, choices),
    mode: either(durable.mode, live.mode),
    mtimeMs: times.mtimeMs,
    ctimeMs: times.ctimeMs,
  };
}

function survivingData(old: Buffer, now: Buffer, wasCut: boolean, seed: number, choices: SeededChoices): Buffer {
  if (old.equals(now) || seed === 1) return Buffer.from(now);
  if (seed === 0) return Buffer.from(old);
  const longest = Math.max(old.length, now.length);
  const shortest = wasCut ? 0 : old.length;
  const prefix = Math.max(shortest, Math.min(longest, choices.below(Math.ceil(longest / PAGE_BYTES) + 1) * PAGE_BYTES));
  const data = Buffer.alloc(choices.pick([old.length, now.length, now.length, prefix]));
  for (let start = 0; start < data.length; start += PAGE_BYTES) {
    const source = choices.pick([old, now, now, null]);
    if (source !== null && source.length > start)
      source.copy(data, start, start, Math.min(start + PAGE_BYTES, source.length));
  }
  // A write harms nothing durable beside what it writes, even in the page that it shares: every log relies on it (SQLite calls it
  // powersafe overwrite).
  if (!wasCut) for (let at = 0; at < old.length; at += 1) if (old[at] === now[at]) data[at] = old[at]!;
  return data;
}

export function toStat(inode: Inode): Stat {
  const { data, mode, mtimeMs, ctimeMs } = inode.live;
  const subdirectories = [...inode.names.values()].filter((child) => child.kind === "dir").length;
  return {
    kind: inode.kind,
    sizeBytes: inode.kind === "link" ? Buffer.byteLength(inode.target) : data.length,
    mode,
    mtimeMs,
    ctimeMs,
    ino: inode.number,
    dev: 1,
    nlink: inode.kind === "dir" ? 2 + subdirectories : inode.links,
  };
}
