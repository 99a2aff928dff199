/**
 * The tree as it will be: what an order's operations read and write while it is planned. Nothing reaches the disk.
 *
 * The first look at a path notes its state *before*; later operations of the same order see what earlier ones left.
 */

import {
  ABSENT,
  type Digest,
  type Disk,
  digestOf,
  type Entry,
  HoldfastError,
  LIMITS,
  sameEntry,
} from "../base/index.ts";
import type { Change, TargetPath } from "./change-set.ts";
import { bytesAt, entryAt } from "./entry-at.ts";
import type { Places } from "./target.ts";

interface Drafted {
  before: Entry;
  after: Entry;
  /** Known only when an operation read or wrote it. */
  bytes: Buffer | null;
}

export class Draft {
  readonly #drafted = new Map<TargetPath, Drafted>();
  /** Content that the plan installs, by digest. */
  readonly contents = new Map<Digest, Buffer>();
  readonly #places: Places;
  readonly #disk: Disk;

  constructor(places: Places, disk: Disk) {
    this.#places = places;
    this.#disk = disk;
  }

  /** What will stand at `path` after the operations so far. */
  entry(path: TargetPath): Entry {
    return this.#look(path).after;
  }

  /** The bytes that will be at `path`; only of a file. */
  bytes(path: TargetPath): Buffer {
    const drafted = this.#look(path);
    if (drafted.after.kind !== "file") {
      throw new HoldfastError("WO_PRECONDITION", `${path} is ${inWords(drafted.after)}, not a file`, {
        data: { path },
      });
    }
    drafted.bytes ??= bytesAt(this.#disk, this.#places.absolute(path));
    return drafted.bytes;
  }

  /** Names directly below a folder as it will be, sorted. */
  children(folder: TargetPath): TargetPath[] {
    const names = new Set<TargetPath>();
    if (this.#look(folder).before.kind === "dir") {
      const listing = this.#disk.list(this.#places.absolute(folder));
      if (listing.undecodable.length > 0) {
        throw new HoldfastError(
          "WO_PRECONDITION",
          `${folder} holds a name that is not valid UTF-8: ${listing.undecodable[0]}`,
          {
            data: { path: folder },
          },
        );
      }
      for (const { name } of listing.names) names.add(`${folder}/${name}`);
    }
    for (const path of this.#drafted.keys()) {
      if (path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes("/")) names.add(path);
    }
    return [...names].filter((path) => this.entry(path).kind !== "absent").sort();
  }

  writeFile(path: TargetPath, bytes: Buffer, mode: number | null): void {
    const drafted = this.#look(path);
    if (drafted.after.kind === "dir") throw this.#inTheWay(path, drafted.after);
    this.#makeParents(path);
    const digest = digestOf(bytes);
    const kept = drafted.after.kind === "file" ? drafted.after.mode : 0o644;
    this.contents.set(digest, bytes);
    this.#set(path, { kind: "file", digest, sizeBytes: bytes.length, mode: mode ?? kept }, bytes);
  }

  link(path: TargetPath, target: string): void {
    const drafted = this.#look(path);
    if (drafted.after.kind === "dir") throw this.#inTheWay(path, drafted.after);
    this.#makeParents(path);
    this.#set(path, { kind: "link", target }, null);
  }

  makeFolder(path: TargetPath, mode: number | null): void {
    const { after } = this.#look(path);
    if (after.kind === "file" || after.kind === "link") throw this.#inTheWay(path, after);
    this.#makeParents(path);
    const kept = after.kind === "dir" ? after.mode : 0o755;
    this.#set(path, { kind: "dir", mode: mode ?? kept }, null);
  }

  setMode(path: TargetPath, mode: number): void {
    const { after, bytes } = this.#look(path);
    if (after.kind !== "file" && after.kind !== "dir") {
      throw new HoldfastError("WO_PRECONDITION", `${path} is ${inWords(after)}: it has no mode`, { data: { path } });
    }
    this.#set(path, { ...after, mode }, bytes);
  }

  /** Puts a known state at `path`, its content coming from the vault. */
  place(path: TargetPath, entry: Entry): void {
    if (entry.kind === "absent") {
      this.remove(path);
      return;
    }
    if (this.entry(path).kind === "dir" && entry.kind !== "dir") this.remove(path);
    this.#makeParents(path);
    this.#set(path, entry, null);
  }

  /** A folder goes with everything in it, each path by name. */
  remove(path: TargetPath): void {
    const { after } = this.#look(path);
    if (after.kind === "dir") for (const child of this.children(path)) this.remove(child);
    this.#set(path, ABSENT, null);
  }

  move(from: TargetPath, to: TargetPath): void {
    const entry = this.entry(from);
    if (to === from || to.startsWith(`${from}/`)) {
      throw new HoldfastError("WO_PATH_CONFLICT", `${from} cannot move into itself`, { data: { path: from, to } });
    }
    if (this.entry(to).kind !== "absent") throw this.#inTheWay(to, this.entry(to));
    if (entry.kind === "dir") {
      this.makeFolder(to, entry.mode);
      for (const child of this.children(from)) this.move(child, to + child.slice(from.length));
    } else if (entry.kind === "file") {
      this.writeFile(to, this.bytes(from), entry.mode);
    } else if (entry.kind === "link") {
      this.link(to, entry.target);
    }
    this.#set(from, ABSENT, null);
  }

  /** What differs between now and then, parents before children. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [path, { before, after }] of this.#drafted) {
      if (!sameEntry(before, after)) changes.push({ path, before, after });
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  #look(path: TargetPath): Drafted {
    let drafted = this.#drafted.get(path);
    if (!drafted) {
      if (this.#drafted.size >= LIMITS.orderEffectsMax) {
        throw new HoldfastError("WO_TOO_MANY", `the order touches more than ${LIMITS.orderEffectsMax} paths`);
      }
      const before = this.#isBelowNoFolder(path) ? ABSENT : entryAt(this.#disk, this.#places.absolute(path));
      drafted = { before, after: before, bytes: null };
      this.#drafted.set(path, drafted);
    }
    return drafted;
  }

  /** Under what is no folder on the disk (the order itself will make it one) nothing stands yet. */
  #isBelowNoFolder(path: TargetPath): boolean {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      const above = this.#drafted.get(path.slice(0, cut));
      if (above) return above.before.kind !== "dir";
    }
    return false;
  }

  #set(path: TargetPath, after: Entry, bytes: Buffer | null): void {
    const drafted = this.#look(path);
    drafted.after = after;
    drafted.bytes = bytes;
  }

  /** Folders that are missing on the way appear; a file on the way is refused. */
  #makeParents(path: TargetPath): void {
    const cut = path.lastIndexOf("/");
    if (cut <= 0) return;
    const parent = path.slice(0, cut);
    // Outside the tree only the allowed folder and what is below it is the order's business.
    if (path.startsWith("/") && this.#disk.lstat(parent)?.kind === "dir") return;
    if (this.entry(parent).kind !== "dir") this.makeFolder(parent, null);
  }

  #inTheWay(path: TargetPath, entry: Entry): HoldfastError {
    return new HoldfastError("WO_PRECONDITION", `${path} is ${inWords(entry)} already`, {
      hint: "delete or move it in the same order first",
      data: { path },
    });
  }
}

function inWords(entry: Entry): string {
  return { file: "a file", dir: "a folder", link: "a symbolic link", absent: "not there" }[entry.kind];
}
