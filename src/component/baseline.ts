/**
 * The accepted state of components, path by path.
 *
 * Entries move only in a commit that also appends the ledger record which vouches for them (`wo.accepted`, `component.accepted`,
 * `tree.config-accepted`); replaying those records makes the same table again.
 */

import { assert, type Digest, type Entry, type Migration, type Store, type TreePath } from "../base/index.ts";
import type { ProtectedPaths } from "../tree/index.ts";
import { NamedPaths } from "./named-paths.ts";

export const componentMigrations: readonly Migration[] = [
  {
    room: "component",
    version: 1,
    sql: `
      CREATE TABLE baseline (
        path TEXT NOT NULL, branch TEXT NOT NULL, component TEXT NOT NULL,
        kind TEXT NOT NULL, digest TEXT, size INTEGER, mode INTEGER, target TEXT, seq INTEGER NOT NULL,
        PRIMARY KEY (path, branch)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX baseline_component ON baseline (component);`,
  },
  {
    room: "component",
    version: 2,
    sql: "CREATE TABLE accepted_config (digest TEXT PRIMARY KEY, format INTEGER NOT NULL, config TEXT NOT NULL, text TEXT NOT NULL) STRICT",
  },
  {
    room: "component",
    version: 3,
    sql: `
      CREATE TABLE baseline_let_go (
        path TEXT NOT NULL, branch TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (path, branch)
      ) STRICT, WITHOUT ROWID;`,
  },
];

export interface BaselineEntry {
  path: string;
  /** The branch that was checked out when it was accepted; `null` outside git or detached. */
  branch: string | null;
  component: string;
  entry: Entry;
  /** The ledger record that vouches for it. */
  seq: number;
}

/** A path whose absence was accepted on one branch, while another still has it. */
export interface LetGo {
  path: string;
  branch: string | null;
  seq: number;
}

export interface Baselines {
  /**
   * Moves entries to what was accepted. A path accepted as absent keeps no entry: nothing has to hold of it. Where another branch has
   * one, that is remembered as let go here, so that the other's does not hold here instead.
   */
  move(
    entries: Iterable<{ path: string; entry: Entry }>,
    how: { branch: string | null; seq: number; componentOf: (path: string) => string },
  ): void;
  of(component: string): BaselineEntry[];
  at(path: string, branch: string | null): BaselineEntry | null;
  /** Newest first: what was accepted of a path, on whatever branch. */
  everywhere(path: string): BaselineEntry[];
  all(): BaselineEntry[];
  letGo(): LetGo[];
  /** Every path that some baseline names. */
  paths(): TreePath[];
  /** The same, for asking often. Good until a baseline moves. */
  named(): ProtectedPaths;
  /** Every digest that a baseline counts on: never evicted. */
  digests(): Set<Digest>;
  remove(component: string): void;
  clear(): void;
}

interface Row {
  path: string;
  branch: string;
  component: string;
  kind: Entry["kind"];
  digest: Digest | null;
  size: number | null;
  mode: number | null;
  target: string | null;
  seq: number;
}

export function openBaselines(store: Store): Baselines {
  const named = new NamedPaths(store);
  const select = "SELECT path, branch, component, kind, digest, size, mode, target, seq FROM baseline";
  return {
    move(entries, { branch, seq, componentOf }) {
      assert(store.inTransaction, "a baseline moves with its ledger record");
      for (const { path, entry } of entries) {
        if (entry.kind === "absent") letGo(store, path, branch ?? "", seq);
        else put(store, path, branch ?? "", componentOf(path), entry, seq);
        named.moved(path);
      }
    },
    of: (component) => store.all<Row>(`${select} WHERE component = ? ORDER BY path`, component).map(fromRow),
    at(path, branch) {
      const row = store.get<Row>(`${select} WHERE path = ? AND branch = ?`, path, branch ?? "");
      return row ? fromRow(row) : null;
    },
    everywhere: (path) => store.all<Row>(`${select} WHERE path = ? ORDER BY seq DESC`, path).map(fromRow),
    all: () => store.all<Row>(`${select} ORDER BY path`).map(fromRow),
    letGo: () =>
      store
        .all<LetGo & { branch: string }>("SELECT path, branch, seq FROM baseline_let_go ORDER BY path, branch")
        .map(({ path, branch, seq }) => ({ path, branch: branch || null, seq })),
    paths: () => store.all<{ path: TreePath }>("SELECT DISTINCT path FROM baseline").map(({ path }) => path),
    named: () => named.current(),
    digests: () =>
      new Set(
        store
          .all<{ digest: Digest }>("SELECT DISTINCT digest FROM baseline WHERE digest IS NOT NULL")
          .map(({ digest }) => digest),
      ),
    remove(component) {
      store.run("DELETE FROM baseline WHERE component = ?", component);
      store.run("DELETE FROM baseline_let_go WHERE path NOT IN (SELECT path FROM baseline)");
      named.forget();
    },
    clear() {
      store.exec("DELETE FROM baseline; DELETE FROM baseline_let_go");
      named.forget();
    },
  };
}

function put(store: Store, path: string, branch: string, component: string, entry: Entry, seq: number): void {
  store.run(
    "INSERT OR REPLACE INTO baseline (path, branch, component, kind, digest, size, mode, target, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    path,
    branch,
    component,
    entry.kind,
    entry.kind === "file" ? entry.digest : null,
    entry.kind === "file" ? entry.sizeBytes : null,
    entry.kind === "file" || entry.kind === "dir" ? entry.mode : null,
    entry.kind === "link" ? entry.target : null,
    seq,
  );
  store.run("DELETE FROM baseline_let_go WHERE path = ? AND branch = ?", path, branch);
}

function letGo(store: Store, path: string, branch: string, seq: number): void {
  store.run("DELETE FROM baseline WHERE path = ? AND branch = ?", path, branch);
  if (store.get("SELECT 1 FROM baseline WHERE path = ?", path) === undefined)
    store.run("DELETE FROM baseline_let_go WHERE path = ?", path);
  else store.run("INSERT OR REPLACE INTO baseline_let_go (path, branch, seq) VALUES (?, ?, ?)", path, branch, seq);
}

function fromRow(row: Row): BaselineEntry {
  return { path: row.path, branch: row.branch || null, component: row.component, seq: row.seq, entry: entryOf(row) };
}

function entryOf(row: Row): Entry {
  switch (row.kind) {
    case "file":
      return { kind: "file", digest: row.digest!, sizeBytes: row.size!, mode: row.mode! };
    case "dir":
      return { kind: "dir", mode: row.mode! };
    case "link":
      return { kind: "link", target: row.target! };
    case "absent":
      return { kind: "absent" };
  }
}
