/**
 * Makes commits durable that SQLite did not wait for: syncs its write-ahead log, aside.
 *
 * Invariant: what `written` told of before `synced` was called is durable when that resolves. SQLite locks the database and its
 * `-shm`, never the `-wal`, so a descriptor of ours on it may be closed. The log keeps its inode as long as a connection is open, and a
 * checkpoint syncs it before it is begun anew.
 * Crash: a beginning of the log survives, for each frame is bound to those before it by its checksum.
 */

import { closeSync, openSync } from "node:fs";
import { HoldfastError, isSystemError } from "../base/index.ts";
import { fdatasyncAside } from "./sync.ts";

export class WalSync {
  readonly #database: string;
  #fd: number | null = null;
  #writtenCount = 0;
  #syncedCount = 0;
  #running: Promise<void> = Promise.resolve();
  /** Begins when the one under way has ended. */
  #next: Promise<void> | null = null;
  #inFlight = 0;
  #isClosed = false;

  constructor(database: string) {
    this.#database = database;
  }

  /** A commit was written that nobody waited for. */
  written(): void {
    this.#writtenCount += 1;
  }

  /** Many that ask at once share one sync. `STORE_UNAVAILABLE`. */
  synced(): Promise<void> {
    if (this.#syncedCount === this.#writtenCount) return Promise.resolve();
    this.#next ??= this.#running.then(
      () => this.#sync(),
      () => this.#sync(),
    );
    return this.#next;
  }

  /** All of the log is in the database, durably. */
  copied(): void {
    this.#syncedCount = this.#writtenCount;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#inFlight === 0) this.#closeFd();
  }

  async #sync(): Promise<void> {
    this.#running = this.#next!;
    this.#next = null;
    // What is written from here on may or may not be covered.
    const count = this.#writtenCount;
    if (this.#isClosed) return;
    this.#inFlight += 1;
    try {
      this.#fd ??= openSync(`${this.#database}-wal`, "r");
      await fdatasyncAside(this.#fd);
      this.#syncedCount = count;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const data = { path: this.#database, syscall: error.code };
      throw new HoldfastError("STORE_UNAVAILABLE", `${this.#database}: ${error.message}`, { data, cause: error });
    } finally {
      this.#inFlight -= 1;
      if (this.#isClosed && this.#inFlight === 0) this.#closeFd();
    }
  }

  #closeFd(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
