/**
 * SQLite behind the store port, by `node:sqlite`.
 *
 * Invariant: a transaction that has returned is durable (WAL, `synchronous=FULL`, `fullfsync` on macOS); one that was cut off by a
 * crash never happened. POSIX trap: closing *any* descriptor of a file drops every lock that the process holds on it, so nothing in
 * this process may open a database, its `-wal` or its `-shm` by other means than SQLite.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { assert, LIMITS, type SqlValue, type Store } from "../base/index.ts";
import { asStoreError } from "./sqlite-errors.ts";

/** Opens or creates the database at `path`. `STORE_UNAVAILABLE`, `STORE_FULL`, `LOCK_BUSY`; the store's calls throw the same. */
export function openStore(path: string, options: { readOnly?: boolean } = {}): Store {
  return guarded(path, () => {
    const database = connect(path, options.readOnly ?? false);
    try {
      if (!options.readOnly) useWal(database);
      return new SqliteStore(path, database);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

class SqliteStore implements Store {
  readonly path: string;
  readonly #writer: DatabaseSync;
  /** Rows that are read slowly come over a connection of their own: an abandoned reader then never stands in a writer's way. */
  #reader: DatabaseSync | null = null;
  readonly #statements = new Map<string, StatementSync>();
  /** Iterators over rows of the running transaction; they end with it. */
  readonly #iterators = new Set<IterableIterator<unknown>>();
  /** A part of the running transaction failed, so the whole must. */
  #failed = false;

  constructor(path: string, writer: DatabaseSync) {
    this.path = path;
    this.#writer = writer;
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return guarded(this.path, () => this.#prepare(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return guarded(this.path, () => this.#prepare(sql).all(...values) as Row[]);
  }

  *iterate<Row>(sql: string, ...values: SqlValue[]): IterableIterator<Row> {
    const { path } = this;
    const inside = this.inTransaction;
    if (!inside) this.#reader ??= guarded(path, () => connect(path, true));
    const connection = inside ? this.#writer : this.#reader!;
    // Never from the cache: a statement that somebody walks must not be started again by somebody else.
    const rows = guarded(path, () => connection.prepare(sql).iterate(...values));
    if (inside) this.#iterators.add(rows);
    try {
      for (let next = guarded(path, () => rows.next()); !next.done; next = guarded(path, () => rows.next())) {
        yield next.value as Row;
      }
    } finally {
      rows.return?.();
      this.#iterators.delete(rows);
    }
  }

  run(sql: string, ...values: SqlValue[]): { changes: number; lastRowid: number } {
    const { changes, lastInsertRowid } = guarded(this.path, () => this.#prepare(sql).run(...values));
    return { changes: Number(changes), lastRowid: Number(lastInsertRowid) };
  }

  exec(sql: string): void {
    guarded(this.path, () => this.#writer.exec(sql));
  }

  transaction<T>(work: () => T): T {
    return this.inTransaction ? this.#join(work) : this.#transact(work);
  }

  get inTransaction(): boolean {
    return this.#writer.isTransaction;
  }

  copyTo(path: string): void {
    assert(!this.inTransaction, "a store is not copied in the middle of a transaction");
    this.run("VACUUM INTO ?", path);
  }

  close(): void {
    this.#statements.clear();
    this.#reader?.close();
    this.#writer.close();
  }

  #transact<T>(work: () => T): T {
    this.#failed = false;
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      assert(!(result instanceof Promise), "a transaction waits for nothing");
      assert(!this.#failed, "a transaction of which a part failed is not committed");
      this.#endIterators();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#endIterators();
      // A full disk makes SQLite roll back by itself.
      if (this.inTransaction) this.exec("ROLLBACK");
      throw error;
    }
  }

  #join<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  #endIterators(): void {
    for (const rows of this.#iterators) rows.return?.();
    this.#iterators.clear();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#writer.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, {
    readOnly,
    timeout: LIMITS.storeBusyMsMax,
    enableForeignKeyConstraints: true,
  });
  // A mapped file turns a disk error into SIGBUS.
  database.exec("PRAGMA mmap_size=0; PRAGMA synchronous=FULL;");
  if (process.platform === "darwin") database.exec("PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;");
  return database;
}

/** Changing the mode needs the whole file for a moment, and SQLite does not wait for that by itself. */
function useWal(database: DatabaseSync): void {
  const deadlineMs = performance.now() + LIMITS.storeBusyMsMax;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode=WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadlineMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

function guarded<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asStoreError(error, path);
  }
}
