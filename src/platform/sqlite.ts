/**
 * SQLite behind the store port, by `node:sqlite`.
 *
 * Invariant: a transaction that has returned is durable (WAL, `synchronous=FULL`, `fullfsync` on macOS); one that was cut off by a
 * crash never happened. POSIX trap: closing *any* descriptor of a file drops every lock that the process holds on it, so nothing in
 * this process may open a database or its `-shm` by other means than SQLite. On the `-wal` SQLite holds no lock: `sqlite-wal.ts`.
 */

import { existsSync, statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { assert, LIMITS, type Log, type SqlValue, type Store } from "../base/index.ts";
import { asStoreError, isWithoutSharedMemory } from "./sqlite-errors.ts";
import { WalSync } from "./sqlite-wal.ts";

/** Opens or creates the database at `path`. `STORE_UNAVAILABLE`, `STORE_FULL`, `LOCK_BUSY`; the store's calls throw the same. */
export function openStore(path: string, options: { readOnly?: boolean; log: Log }): Store {
  return guarded(path, () => {
    if (options.readOnly) return openReadOnly(path, options.log);
    const location: Location = { file: path, readOnly: false };
    const database = connect(location);
    try {
      useWal(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return new SqliteStore(path, location, database);
  });
}

/**
 * SQLite's readers need `-shm` beside a WAL database, and cannot make one in a folder that they may not write, or on a full disk. As
 * a last resort the file is read as one that never changes: right for a store that was closed properly, and refused where a `-wal`
 * has more to say.
 */
function openReadOnly(path: string, log: Log): Store {
  const location: Location = { file: path, readOnly: true };
  const database = connect(location);
  try {
    database.exec("SELECT 1 FROM sqlite_schema");
    return new SqliteStore(path, location, database);
  } catch (error) {
    database.close();
    const unwritable = hasCode(error, CANNOT_OPEN) || hasCode(error, READ_ONLY) || isWithoutSharedMemory(error);
    const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (!unwritable || walBytes > 0 || !existsSync(path)) throw error;
  }
  log.warn("a store is read as if nobody could change it, because nothing can be written beside it", { path });
  const immutable = pathToFileURL(path);
  immutable.searchParams.set("immutable", "1");
  const unchanging: Location = { file: immutable, readOnly: true };
  return new SqliteStore(path, unchanging, connect(unchanging));
}

interface Location {
  readonly file: string | URL;
  readonly readOnly: boolean;
}

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BUSY = 5;
const READ_ONLY = 8;
const CANNOT_OPEN = 14;

class SqliteStore implements Store {
  readonly path: string;
  readonly #location: Location;
  readonly #writer: DatabaseSync;
  /** Rows that are read slowly come over a connection of their own: an abandoned reader then never stands in a writer's way. */
  #reader: DatabaseSync | null = null;
  readonly #statements = new Map<string, StatementSync>();
  /** Iterators over rows of the running transaction; they end with it. */
  readonly #iterators = new Set<IterableIterator<unknown>>();
  readonly #wal: WalSync;
  /** A part of the running transaction failed, so the whole must. */
  #failed = false;

  constructor(path: string, location: Location, writer: DatabaseSync) {
    this.path = path;
    this.#location = location;
    this.#writer = writer;
    this.#wal = new WalSync(path);
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
    if (!inside) this.#reader ??= guarded(path, () => connect({ ...this.#location, readOnly: true }));
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

  transaction<T>(work: () => T, { durable = "now" }: { durable?: "now" | "later" } = {}): T {
    if (this.inTransaction) return this.#join(work);
    return durable === "now" ? this.#transact(work) : this.#transactUnsynced(work);
  }

  /** After a failed sync of the log, a second one may say yes to what is lost: then everything is copied into the database instead. */
  async barrier(): Promise<void> {
    try {
      await this.#wal.synced();
    } catch (error) {
      const copied = this.get<{ log: number; checkpointed: number }>("PRAGMA wal_checkpoint(PASSIVE)")!;
      if (copied.log !== copied.checkpointed) throw error;
      this.#wal.copied();
    }
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
    this.#wal.close();
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

  /** SQLite leaves out the sync of its log, and nothing else: `synchronous` cannot be changed inside a transaction. */
  #transactUnsynced<T>(work: () => T): T {
    this.exec("PRAGMA synchronous=NORMAL");
    try {
      const result = this.#transact(work);
      this.#wal.written();
      return result;
    } finally {
      this.exec("PRAGMA synchronous=FULL");
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

function connect(location: Location): DatabaseSync {
  const database = new DatabaseSync(location.file, {
    readOnly: location.readOnly,
    timeout: LIMITS.storeBusyMsMax,
    enableForeignKeyConstraints: true,
  });
  // A mapped file turns a disk error into SIGBUS.
  database.exec("PRAGMA mmap_size=0");
  if (location.readOnly) return database;
  database.exec("PRAGMA synchronous=FULL");
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
      if (!hasCode(error, BUSY) || performance.now() > deadlineMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function hasCode(error: unknown, primaryCode: number): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === primaryCode;
}

function guarded<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asStoreError(error, path);
  }
}
