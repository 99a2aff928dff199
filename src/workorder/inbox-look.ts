/**
 * What lies in the inboxes, and since when it has not changed. Opens nothing.
 *
 * A folder that did not change since it was listed is not listed again: one lstat. A folder that changed within the last two seconds
 * is listed each time, because its time may be too coarse to tell (git's rule for racy timestamps).
 */

import { type Disk, digestOf, type FileKind, isSystemError, LIMITS, type Stat } from "../base/index.ts";

export interface Lying {
  /** Whose inbox it lies in; `null` for what lies beside the agents' folders. */
  agent: string | null;
  name: string;
  /** From the tree's root. */
  path: string;
  place: string;
  kind: FileKind | "undecodable";
  /** `null` when it cannot be addressed. */
  stat: Stat | null;
  /** The same as long as nobody changes it. */
  signature: string;
  /** As seen from here, on a clock that does not jump. */
  unchangedMs: number;
}

export interface LookWorld {
  disk: Disk;
  clock: { now(): number; monotonicMs(): number };
}

/** By name: since when, on the monotonic clock, it has looked like this. */
type Sightings = Map<string, { signature: string; sinceMs: number }>;

const RACY_MS = 2_000;

export class InboxLook {
  readonly #world: LookWorld;
  readonly #folders = new Map<string, { signature: string; isSettled: boolean }>();
  /** By folder; what is gone is forgotten with the next listing. */
  readonly #sightings = new Map<string, Sightings>();

  constructor(world: LookWorld) {
    this.#world = world;
  }

  /**
   * The folders' contents, oldest first in each; without those folders that did not change and that `mayPass` (nothing is awaited
   * there). `inbox`: absolute, a real folder; `path`: the same from the tree's root.
   */
  look(inbox: { place: string; path: string }, mayPass: (folder: string) => boolean): Lying[] {
    const found: Lying[] = [];
    const beside: string[] = [];
    for (const { name, kind } of this.#world.disk.list(inbox.place).names) {
      if (isIgnored(name)) continue;
      const folder = { place: `${inbox.place}/${name}`, path: `${inbox.path}/${name}` };
      if (kind !== "dir") beside.push(name);
      else if (this.#changed(folder.place) || !mayPass(folder.path)) found.push(...this.#list(name, folder));
    }
    return [...found, ...this.#sight(beside, null, inbox)];
  }

  #list(agent: string, folder: { place: string; path: string }): Lying[] {
    const listing = listOrNothing(this.#world.disk, folder.place);
    const names = listing.names.map(({ name }) => name).filter((name) => !isIgnored(name));
    const nameless = listing.undecodable.map((name): Lying => {
      const at = { path: `${folder.path}/${name}`, place: `${folder.place}/${name}` };
      return { agent, name, ...at, kind: "undecodable", stat: null, signature: name, unchangedMs: 0 };
    });
    return [...this.#sight(names, agent, folder), ...nameless];
  }

  #sight(names: readonly string[], agent: string | null, folder: { place: string; path: string }): Lying[] {
    const nowMs = this.#world.clock.monotonicMs();
    const before = this.#sightings.get(folder.path);
    const sightings: Sightings = new Map();
    this.#sightings.set(folder.path, sightings);
    const lying = names.flatMap((name): Lying[] => {
      const at = { agent, name, place: `${folder.place}/${name}`, path: `${folder.path}/${name}` };
      const stat = this.#world.disk.lstat(at.place);
      const signature = signatureAt(this.#world.disk, at.place);
      if (stat === null || signature === null) return [];
      const seen = before?.get(name);
      const sinceMs = seen?.signature === signature ? seen.sinceMs : nowMs;
      sightings.set(name, { signature, sinceMs });
      return [{ ...at, kind: stat.kind, stat, signature, unchangedMs: nowMs - sinceMs }];
    });
    return lying.sort(byAge);
  }

  #changed(folder: string): boolean {
    const stat = this.#world.disk.lstat(folder);
    if (stat === null) return false;
    const signature = ofStat(stat);
    const known = this.#folders.get(folder);
    this.#folders.set(folder, { signature, isSettled: Math.abs(this.#world.clock.now() - stat.mtimeMs) > RACY_MS });
    return known === undefined || known.signature !== signature || !known.isSettled;
  }
}

/** Dot-files and what editors, browsers and downloads call unfinished. */
export function isIgnored(name: string): boolean {
  return /^\.|\.tmp$|\.part$|~$/.test(name);
}

/** `null` when nothing is there. Of a folder order, it moves with each of its files. */
export function signatureAt(disk: Disk, place: string): string | null {
  const stat = disk.lstat(place);
  if (stat === null) return null;
  if (stat.kind !== "dir") return ofStat(stat);
  const parts = [ofStat(stat)];
  addFolder(place, parts);
  return digestOf(parts.join("\n"));

  function addFolder(folder: string, into: string[]): void {
    for (const { name, kind } of listOrNothing(disk, folder).names) {
      if (into.length > LIMITS.orderFolderFilesMax) return;
      const found = disk.lstat(`${folder}/${name}`);
      into.push(`${name} ${found === null ? "gone" : ofStat(found)}`);
      if (kind === "dir") addFolder(`${folder}/${name}`, into);
    }
  }
}

function ofStat(stat: Stat): string {
  return `${stat.kind} ${stat.dev}:${stat.ino} ${stat.sizeBytes} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

/** A folder that is gone by now, or may not be read, holds nothing for us; that it may not be read shows in what lies there: itself. */
function listOrNothing(disk: Disk, folder: string): ReturnType<Disk["list"]> {
  try {
    return disk.list(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return { names: [], undecodable: [] };
    throw error;
  }
}

function byAge(a: Lying, b: Lying): number {
  return (a.stat?.mtimeMs ?? 0) - (b.stat?.mtimeMs ?? 0) || (a.name < b.name ? -1 : 1);
}
