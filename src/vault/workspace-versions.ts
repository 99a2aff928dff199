/**
 * What the vault knows of a workspace's paths: at first what the tree had when the workspace was met, then its own.
 *
 * A workspace costs what differs from the tree, not another tree: it begins as the tree's states at one version, `fork`, and only
 * what is otherwise there is noted. Its versions stand in the one table and the one chain of records, under names that no path of
 * a tree can have: `.git/worktrees/<name>/<path>`. Its beginning and its end are versions too, of `.git/workspaces/<name>`: a link whose
 * target is `V<fork>:<root>`, then absent. So packs alone rebuild it, and the same name used again begins anew.
 */

import type { Entry, PresentEntry, Store, TreePath } from "../base/index.ts";
import type { Version, WorkspaceLife } from "./contract.ts";
import { type EntryRow, toEntry, VersionIndex, type VersionRow } from "./version-index.ts";
import type { KIND_NUMBERS } from "./versions-record.ts";

const LIVES = ".git/workspaces/";
const PATHS = ".git/worktrees/";

export function lifePath(name: string): TreePath {
  return (LIVES + name) as TreePath;
}

export function beginningOf(fork: number, root: string): Entry {
  return { kind: "link", target: `V${fork}:${root}` };
}

/** Whose path this is; `null`: the tree's. */
export function workspaceOf(stored: string): string | null {
  if (!stored.startsWith(PATHS)) return null;
  return stored.slice(PATHS.length, stored.indexOf("/", PATHS.length));
}

/** The last life of each workspace, by name. */
export function workspaceLives(store: Store): WorkspaceLife[] {
  const rows = store.all<EntryRow & { path: string; number: number }>(
    `SELECT path, number, kind, mode, digest, size_bytes, target FROM vault_version
     WHERE path >= '${LIVES}' AND path < '${LIVES.slice(0, -1)}0' ORDER BY path, number`,
  );
  const lives = new Map<string, WorkspaceLife>();
  for (const row of rows) {
    const name = row.path.slice(LIVES.length);
    const begun = begins(name, row);
    const last = lives.get(name);
    if (begun !== null) lives.set(name, begun);
    else if (last !== undefined) lives.set(name, { ...last, until: row.number });
  }
  return [...lives.values()];
}

function begins(name: string, row: EntryRow & { number: number }): WorkspaceLife | null {
  const entry = toEntry(row);
  const said = entry.kind === "link" ? /^V(\d+):(.*)$/s.exec(entry.target) : null;
  if (said === null) return null;
  return { name, since: row.number, until: null, fork: Number(said[1]), root: said[2]! };
}

export class WorkspaceVersions extends VersionIndex {
  readonly #store: Store;
  readonly #name: string;
  readonly #prefix: string;

  constructor(store: Store, name: string) {
    super(store);
    this.#store = store;
    this.#name = name;
    this.#prefix = `${PATHS}${name}/`;
  }

  override stored(path: TreePath): TreePath {
    return (this.#prefix + path) as TreePath;
  }

  override entryAt(path: TreePath, upTo: number): Entry | null {
    const life = this.#lifeAt(upTo);
    if (life === null) return null;
    const own = this.#store.get<EntryRow>(
      `SELECT kind, mode, digest, size_bytes, target FROM vault_version
       WHERE path = ? AND number > ? AND number <= ? ORDER BY number DESC LIMIT 1`,
      this.stored(path),
      life.since,
      upTo,
    );
    return own === undefined ? super.entryAt(path, life.fork) : toEntry(own);
  }

  override lastOfKind(path: TreePath, kind: keyof typeof KIND_NUMBERS): Entry | null {
    return super.lastOfKind(this.stored(path), kind) ?? super.lastOfKind(path, kind);
  }

  /** Its own of the last life, then those of the tree up to the fork. */
  override versions(path: TreePath, options: { limit: number; beforeMs: number }): Version[] {
    const life = workspaceLives(this.#store).find(({ name }) => name === this.#name);
    if (life === undefined) return [];
    const own = super.versions(this.stored(path), options).filter(({ number }) => number > life.since);
    const inherited = super.versions(path, { ...options, limit: -1 }).filter(({ number }) => number <= life.fork);
    const all = [...own.map((version) => ({ ...version, path })), ...inherited];
    return options.limit < 0 ? all : all.slice(0, options.limit);
  }

  override *statesAt(upTo: number, under: TreePath | null): IterableIterator<{ path: TreePath; entry: PresentEntry }> {
    const life = this.#lifeAt(upTo);
    if (life === null) return;
    const own = this.#ownStates(life.since, upTo, under);
    let next = own.next();
    for (const inherited of super.statesAt(life.fork, under)) {
      for (; !next.done && isBefore(next.value.path, inherited.path); next = own.next()) yield* present(next.value);
      if (!next.done && next.value.path === inherited.path) {
        yield* present(next.value);
        next = own.next();
      } else yield inherited;
    }
    for (; !next.done; next = own.next()) yield* present(next.value);
  }

  override pathsBetween(from: number, to: number): TreePath[] {
    return this.#store
      .all<{ path: string }>(
        "SELECT DISTINCT path FROM vault_version WHERE number > ? AND number <= ? AND path > ? AND path < ? ORDER BY path",
        from,
        to,
        this.#prefix,
        end(this.#prefix),
      )
      .map(({ path }) => path.slice(this.#prefix.length) as TreePath);
  }

  #lifeAt(upTo: number): WorkspaceLife | null {
    const row = this.#store.get<EntryRow & { number: number }>(
      `SELECT number, kind, mode, digest, size_bytes, target FROM vault_version
       WHERE path = ? AND number <= ? ORDER BY number DESC LIMIT 1`,
      lifePath(this.#name),
      upTo,
    );
    return row === undefined ? null : begins(this.#name, row);
  }

  /** What is noted of it, absent paths too. Sorted by path, bytewise. */
  *#ownStates(since: number, upTo: number, under: TreePath | null): IterableIterator<{ path: TreePath; entry: Entry }> {
    const base = under === null ? this.#prefix : this.stored(under);
    const [scope, values] =
      under === null
        ? ["path > ? AND path < ?", [base, end(base)]]
        : ["(path = ? OR (path > ? AND path < ?))", [base, `${base}/`, `${base}0`]];
    const rows = this.#store.iterate<VersionRow>(
      `SELECT v.path, v.kind, v.mode, v.digest, v.size_bytes, v.target
       FROM (SELECT path, max(number) AS newest FROM vault_version WHERE number > ? AND number <= ? AND ${scope} GROUP BY path) AS last
       JOIN vault_version v ON v.number = last.newest ORDER BY last.path`,
      since,
      upTo,
      ...values,
    );
    for (const row of rows) yield { path: row.path.slice(this.#prefix.length) as TreePath, entry: toEntry(row) };
  }
}

/** Paths below `folder/` sort before this. */
function end(folder: string): string {
  return `${folder.slice(0, -1)}0`;
}

/** As SQLite sorts: by bytes, which is not by UTF-16 units. */
function isBefore(a: string, b: string): boolean {
  return a !== b && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

function* present({
  path,
  entry,
}: {
  path: TreePath;
  entry: Entry;
}): Iterable<{ path: TreePath; entry: PresentEntry }> {
  if (entry.kind !== "absent") yield { path, entry };
}
