/**
 * Which state each path was seen in, and when, in SQLite. Numbers grow by one with each version of any path, so a number is a
 * moment of the whole tree, and naming a moment costs nothing. All writes happen inside the caller's transaction.
 *
 * What begins with `.git/` is no path of the tree but a workspace's (`workspace-versions.ts`), and is left out here.
 */

import {
  ABSENT,
  type Clock,
  type Digest,
  digestBytes,
  digestFromBytes,
  type Entry,
  LIMITS,
  type PresentEntry,
  type Store,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { Version } from "./contract.ts";
import { KIND_NUMBERS, MOMENT_ID_BYTES, type Note } from "./versions-record.ts";

export interface EntryRow {
  kind: number;
  mode: number;
  digest: Uint8Array | null;
  size_bytes: number;
  target: string | null;
}
export interface VersionRow extends EntryRow {
  number: number;
  path: string;
  seen_at_ms: number;
  kept: number;
}

interface MomentRow {
  up_to: number;
  at_ms: number;
}

/** Identifies one committed record of versions; zeroes before the first. */
export const NO_MOMENT = Buffer.alloc(MOMENT_ID_BYTES);

export class VersionIndex {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The name under which a path's versions stand. */
  stored(path: TreePath): TreePath {
    return path;
  }

  head(): number {
    return this.#store.get<{ head: number | null }>("SELECT max(up_to) AS head FROM vault_moment")!.head ?? 0;
  }

  /** The moment that ends at version `upTo`. */
  momentId(upTo: number): Buffer | null {
    const row = this.#store.get<{ id: Uint8Array }>("SELECT id FROM vault_moment WHERE up_to = ?", upTo);
    return row === undefined ? null : Buffer.from(row.id);
  }

  /** The newest version number that was seen at or before a time. */
  headAt(unixMs: number): number {
    return (
      this.#store.get<{ head: number | null }>("SELECT max(up_to) AS head FROM vault_moment WHERE at_ms <= ?", unixMs)!
        .head ?? 0
    );
  }

  /** The newest version number before the commit that noted this version. */
  headBefore({ number, seenAtMs }: Version): number {
    const sql = "SELECT up_to, at_ms FROM vault_moment WHERE up_to < ? ORDER BY up_to DESC LIMIT 1";
    let before = this.#store.get<MomentRow>(sql, number);
    for (;;) {
      const earlier = this.#store.get<MomentRow>(sql, before?.up_to ?? 0);
      // A commit of very many notes is several moments, full ones but for the last.
      const isSame = before?.at_ms === seenAtMs && before.up_to - (earlier?.up_to ?? 0) === LIMITS.versionsPerRecordMax;
      if (!isSame) return before?.up_to ?? 0;
      before = earlier;
    }
  }

  /** The last state of `path` in which it was of that kind. */
  lastOfKind(path: TreePath, kind: keyof typeof KIND_NUMBERS): Entry | null {
    const row = this.#store.get<EntryRow>(
      "SELECT kind, mode, digest, size_bytes, target FROM vault_version WHERE path = ? AND kind = ? ORDER BY number DESC LIMIT 1",
      path,
      KIND_NUMBERS[kind],
    );
    return row === undefined ? null : toEntry(row);
  }

  /** The last state of `path` as of version `upTo`; `null` when it had never been seen by then. */
  entryAt(path: TreePath, upTo: number): Entry | null {
    const row = this.#store.get<EntryRow>(
      "SELECT kind, mode, digest, size_bytes, target FROM vault_version WHERE path = ? AND number <= ? ORDER BY number DESC LIMIT 1",
      path,
      upTo,
    );
    return row === undefined ? null : toEntry(row);
  }

  versions(path: TreePath, options: { limit: number; beforeMs: number }): Version[] {
    return this.#store
      .all<VersionRow>(
        `SELECT v.*, EXISTS (SELECT 1 FROM vault_piece p WHERE p.digest = v.digest)
                  OR EXISTS (SELECT 1 FROM vault_run r WHERE r.digest = v.digest) AS kept
         FROM vault_version v WHERE path = ? AND seen_at_ms < ? ORDER BY number DESC LIMIT ?`,
        path,
        options.beforeMs,
        options.limit,
      )
      .map(toVersion);
  }

  /** Sorted by path, bytewise. */
  *statesAt(upTo: number, under: TreePath | null): IterableIterator<{ path: TreePath; entry: PresentEntry }> {
    const [scope, values] =
      under === null
        ? [`AND ${OF_TREE}`, []]
        : ["AND (path = ? OR (path > ? AND path < ?))", [under, `${under}/`, `${under}0`]];
    const rows = this.#store.iterate<VersionRow>(
      `SELECT v.path, v.kind, v.mode, v.digest, v.size_bytes, v.target
       FROM (SELECT path, max(number) AS newest FROM vault_version WHERE number <= ? ${scope} GROUP BY path) AS last
       JOIN vault_version v ON v.number = last.newest WHERE v.kind <> 0 ORDER BY last.path`,
      upTo,
      ...values,
    );
    for (const row of rows) yield { path: row.path as TreePath, entry: toEntry(row) as PresentEntry };
  }

  /** The paths of which something was noted after `from`, up to `to`. Sorted. */
  pathsBetween(from: number, to: number): TreePath[] {
    return this.#store
      .all<{ path: string }>(
        `SELECT DISTINCT path FROM vault_version WHERE number > ? AND number <= ? AND ${OF_TREE} ORDER BY path`,
        from,
        to,
      )
      .map(({ path }) => path as TreePath);
  }

  /** What was noted after `from`, up to `to`, in the order in which it was. */
  *notedBetween(from: number, to: number): Generator<{ path: TreePath; entry: Entry }> {
    const rows = this.#store.iterate<EntryRow & { path: string }>(
      "SELECT path, kind, mode, digest, size_bytes, target FROM vault_version WHERE number > ? AND number <= ? ORDER BY number",
      from,
      to,
    );
    for (const row of rows) yield { path: row.path as TreePath, entry: toEntry(row) };
  }

  /** Every path whose state differs between two moments, in either direction. Sorted. */
  changesBetween(from: number, to: number): PathChange[] {
    return this.pathsBetween(Math.min(from, to), Math.max(from, to))
      .map((path) => this.#change(path, from, to))
      .filter(({ before, after }) => !sameEntry(before, after));
  }

  async changesInSlices(from: number, to: number, clock: Pick<Clock, "breathe">): Promise<PathChange[]> {
    const touched = await this.touchedInSlices(from, to, clock);
    return touched.filter(({ before, after }) => !sameEntry(before, after));
  }

  /** Every path of which something was noted, those that are again as they were too; a slice of versions at a time. */
  async touchedInSlices(from: number, to: number, clock: Pick<Clock, "breathe">): Promise<PathChange[]> {
    const paths = new Set<TreePath>();
    for (let at = from; at < to; at += SLICE_VERSIONS) {
      for (const path of this.pathsBetween(at, Math.min(to, at + SLICE_VERSIONS))) paths.add(path);
      if (at + SLICE_VERSIONS < to) await clock.breathe();
    }
    const changes: PathChange[] = [];
    let looked = 0;
    for (const path of paths) {
      changes.push(this.#change(path, from, to));
      if (++looked % SLICE_VERSIONS === 0) await clock.breathe();
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #change(path: TreePath, from: number, to: number): PathChange {
    return { path, before: this.entryAt(path, from) ?? ABSENT, after: this.entryAt(path, to) ?? ABSENT };
  }

  /** Every path that was ever noted with `digest`. Reads all versions: for reports, not for the way. */
  pathsOf(digests: ReadonlySet<Digest>): Map<Digest, TreePath[]> {
    const found = new Map<Digest, TreePath[]>();
    for (const row of this.#store.iterate<{ path: string; digest: Uint8Array }>(
      "SELECT DISTINCT path, digest FROM vault_version WHERE digest IS NOT NULL",
    )) {
      const digest = digestFromBytes(row.digest);
      if (digests.has(digest)) found.set(digest, [...(found.get(digest) ?? []), row.path as TreePath]);
    }
    return found;
  }

  add(notes: readonly Note[], firstNumber: number, seenAtMs: number): void {
    let number = firstNumber;
    for (const { path, entry } of notes) {
      const file = entry.kind === "file";
      this.#store.run(
        "INSERT INTO vault_version VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        number,
        path,
        KIND_NUMBERS[entry.kind],
        file || entry.kind === "dir" ? entry.mode : 0,
        file ? digestBytes(entry.digest) : null,
        file ? entry.sizeBytes : 0,
        entry.kind === "link" ? entry.target : null,
        seenAtMs,
      );
      number += 1;
    }
  }

  addMoment(upTo: number, id: Buffer, atMs: number): void {
    this.#store.run("INSERT INTO vault_moment VALUES (?, ?, ?)", upTo, id, atMs);
  }
}

interface PathChange {
  path: TreePath;
  before: Entry;
  after: Entry;
}

const OF_TREE = "(path < '.git/' OR path >= '.git0')";

/** Takes about a millisecond. */
const SLICE_VERSIONS = 100;

function toVersion(row: VersionRow): Version {
  const entry = toEntry(row);
  return {
    number: row.number,
    path: row.path as TreePath,
    entry,
    seenAtMs: row.seen_at_ms,
    bytesKept: entry.kind !== "file" || row.kept === 1,
  };
}

export function toEntry(row: EntryRow): Entry {
  if (row.kind === KIND_NUMBERS.file) {
    return { kind: "file", digest: digestFromBytes(row.digest!), sizeBytes: row.size_bytes, mode: row.mode };
  }
  if (row.kind === KIND_NUMBERS.dir) return { kind: "dir", mode: row.mode };
  return row.kind === KIND_NUMBERS.link ? { kind: "link", target: row.target! } : ABSENT;
}
