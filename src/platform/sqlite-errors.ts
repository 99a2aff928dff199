import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type ErrorCode, HoldfastError, isSystemError } from "../base/index.ts";

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that say something of the world, not of our SQL. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  3: "STORE_UNAVAILABLE", // SQLITE_PERM
  5: "LOCK_BUSY", // SQLITE_BUSY
  6: "LOCK_BUSY", // SQLITE_LOCKED
  8: "STORE_UNAVAILABLE", // SQLITE_READONLY
  10: "STORE_UNAVAILABLE", // SQLITE_IOERR
  11: "STORE_UNAVAILABLE", // SQLITE_CORRUPT
  13: "STORE_FULL", // SQLITE_FULL
  14: "STORE_UNAVAILABLE", // SQLITE_CANTOPEN
  23: "STORE_UNAVAILABLE", // SQLITE_AUTH
  26: "STORE_UNAVAILABLE", // SQLITE_NOTADB
};
const IOERR = 10;
/** SQLite says `IOERR` where its shared memory does not fit any more; so little room means that the disk is full. */
const FREE_BYTES_OF_A_FULL_DISK = 64 * 1024;

/** What a failed SQLite call means. Wrong SQL and broken constraints stay as they are: they are defects. */
export function asStoreError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const primary = Number(error.errcode) & 0xff;
  const code = primary === IOERR && isFull(path) ? "STORE_FULL" : CODES[primary];
  if (code === undefined) return error;
  return new HoldfastError(code, `${path}: ${error.message}`, {
    data: { path, sqliteCode: error.errcode },
    cause: error,
  });
}

function isFull(path: string): boolean {
  try {
    const found = statfsSync(dirname(path));
    return found.bavail * found.bsize < FREE_BYTES_OF_A_FULL_DISK;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** `SQLITE_IOERR_SHMOPEN`, `_SHMSIZE`, `_SHMMAP`: there was no room for, or no way to, the memory that connections share. */
const SHARED_MEMORY: readonly number[] = [4_618, 4_874, 5_386];

export function isWithoutSharedMemory(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && SHARED_MEMORY.includes(Number(error.errcode));
}
