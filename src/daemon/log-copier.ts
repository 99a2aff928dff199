/**
 * Keeps the store's log short without anybody waiting for it: SQLite would copy it into the database in the middle of a commit, with
 * two barriers on the main loop.
 *
 * Where there is no second thread, or it does not keep up, SQLite does it by itself, later than usual.
 */

import { LIMITS, type Ports, type Store } from "../base/index.ts";

/** What it returns is to be called now and then. */
export function logCopier(store: Store, { threads, log }: Pick<Ports, "threads" | "log">): () => Promise<void> {
  store.exec(`PRAGMA wal_autocheckpoint=${LIMITS.storeLogPagesMax}`);
  return async () => {
    // Looks only: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    const now = store.get<{ log: number; checkpointed: number }>("PRAGMA wal_checkpoint(NOOP)")!;
    if (now.log - now.checkpointed < LIMITS.storeLogPagesCopied) return;
    try {
      await threads.start("checkpoint", { database: store.path });
    } catch (error) {
      log.warn("the store's log could not be copied aside", { why: (error as Error).message });
    }
  };
}
