/**
 * The databases of this process: its own, the lock, and copies of other people's.
 *
 * A lock ends with its process, however that ends. A backup that a crash cut off leaves a part of a file at `to`; nothing else.
 */

import { DatabaseSync, backup as sqliteBackup } from "node:sqlite";
import { HoldfastError, type Log, type StorePort } from "../base/index.ts";
import { openStore } from "./sqlite.ts";
import { asStoreError } from "./sqlite-errors.ts";

export function realStores(log: Log): StorePort {
  return { open: (path, options) => openStore(path, { ...options, log }), tryLock, backup };
}

/** A database of its own that holds nothing but the lock. SQLite's locks end with the process, and NFS knows them. */
function tryLock(path: string): { release(): void } | null {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const known = asStoreError(error, path);
    if (known instanceof HoldfastError && known.code === "LOCK_BUSY") return null;
    throw known;
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

/** All pages in one step: between two steps another process could write, and SQLite would begin again, for ever on a busy one. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Page by page, so the copy has what the source has, its free pages too, and a hostile schema is never looked at. Runs in a thread.
 * In a source without WAL, writers wait while it is copied. A WAL source gets its `-wal` and `-shm` beside it, as with each reader.
 */
async function backup(from: string, to: string): Promise<boolean> {
  let source: DatabaseSync | null = null;
  try {
    source = new DatabaseSync(from, { readOnly: true, timeout: 0 });
    await sqliteBackup(source, to, { rate: ALL_PAGES });
    return true;
  } catch (error) {
    if (isSqliteError(error)) return false;
    throw error;
  } finally {
    source?.close();
  }
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}
