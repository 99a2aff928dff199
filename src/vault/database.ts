/**
 * SQLite databases in the tree. One with a live `-wal` or `-journal` beside it is not what its file alone says: it is remembered as
 * a consistent copy made by SQLite, and its sidecars are no truth of their own.
 */

import { basename, join } from "node:path";
import { LIMITS, type Ports, type Stat, type TreePath } from "../base/index.ts";

const MAGIC = Buffer.from("SQLite format 3\0");
/** In the order in which a restore has to put them out of the way. `-shm` is an index over `-wal` and carries nothing. */
export const SIDECAR_SUFFIXES = ["-wal", "-journal", "-shm"] as const;
/** Those that hold content which the database's own file may not have yet. */
export const LIVE_SUFFIXES = ["-wal", "-journal"] as const;
const COPY_ATTEMPTS = 3;
const COPY_DELAY_MS = 20;

export function isDatabase(head: Buffer): boolean {
  return head.length >= MAGIC.length && head.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) === 0;
}

/** The sidecars of the database at `absolute` that hold something not yet in it. */
export function liveSidecars(absolute: string, disk: Ports["disk"]): string[] {
  return sidecarsOf(absolute, LIVE_SUFFIXES).filter((path) => (disk.lstat(path)?.sizeBytes ?? 0) > 0);
}

/** Where a database's sidecars would lie. One whose name would be too long for the file system cannot be there. */
export function sidecarsOf(path: string, suffixes: readonly string[]): string[] {
  const nameBytes = Buffer.byteLength(basename(path));
  return suffixes
    .filter((suffix) => nameBytes + suffix.length <= LIMITS.nameLengthBytesMax)
    .map((suffix) => path + suffix);
}

/** The path of a consistent copy, which the caller removes; `null` when SQLite cannot make one. */
export async function copyDatabase(
  absolute: string,
  scratch: string,
  ports: Pick<Ports, "disk" | "stores" | "random" | "clock">,
): Promise<string | null> {
  const { disk, stores, random, clock } = ports;
  if (disk.lstat(scratch) === null) disk.mkdir(scratch, 0o700);
  const copy = join(scratch, `database-${random.bytes(8).toString("hex")}`);
  for (let attempt = 1; attempt <= COPY_ATTEMPTS; attempt += 1) {
    if (await stores.backup(absolute, copy)) return copy;
    if (disk.lstat(copy) !== null) disk.unlink(copy);
    if (attempt < COPY_ATTEMPTS) await clock.sleep(COPY_DELAY_MS);
  }
  return null;
}

interface NamedStat {
  readonly name: string;
  readonly stat: Stat;
}

/** The database that a name would be a sidecar of; `null` when it is none by its name. */
export function databaseNameOf(name: string): string | null {
  const suffix = SIDECAR_SUFFIXES.find((one) => name.endsWith(one) && name.length > one.length);
  return suffix === undefined ? null : name.slice(0, -suffix.length);
}

/** The names in a folder that are sidecars of a database beside them. */
export function sidecarsIn(
  folder: TreePath | "",
  names: readonly NamedStat[],
  reader: { beginsAsDatabase(path: TreePath): boolean },
): Set<string> {
  const found = new Set<string>();
  for (const { name } of names) {
    const database = databaseNameOf(name);
    if (database === null || !names.some((other) => other.name === database && other.stat.kind === "file")) continue;
    const path = (folder === "" ? database : `${folder}/${database}`) as TreePath;
    if (reader.beginsAsDatabase(path)) found.add(name);
  }
  return found;
}

export function liveSidecarStats(names: readonly NamedStat[], database: string): Stat[] {
  const live: readonly string[] = LIVE_SUFFIXES.map((suffix) => database + suffix);
  return names.filter(({ name }) => live.includes(name)).map(({ stat }) => stat);
}

/** A database looks as it and its live sidecars do together: what is written goes there first. */
export function withSidecars(stat: Stat, sidecars: readonly Stat[]): Stat {
  if (sidecars.length === 0) return stat;
  const all = [stat, ...sidecars];
  return {
    ...stat,
    sizeBytes: all.reduce((sum, one) => sum + one.sizeBytes, 0),
    mtimeMs: Math.max(...all.map(({ mtimeMs }) => mtimeMs)),
    ctimeMs: Math.max(...all.map(({ ctimeMs }) => ctimeMs)),
  };
}
