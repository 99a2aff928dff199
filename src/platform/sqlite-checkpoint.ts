/**
 * The second thread's part of a store: what its log holds is copied into the database here, so that no commit has to wait for it.
 *
 * SQLite takes its locks for this connection as for any other of the process. Whoever reads an older state stands in the way of a part
 * only: what is left is copied the next time. Crash: the log is still there, and is read first.
 */

import { DatabaseSync } from "node:sqlite";

export function checkpointJob({ database }: { database: string }): null {
  const connection = new DatabaseSync(database, { timeout: 0 });
  try {
    if (process.platform === "darwin") connection.exec("PRAGMA checkpoint_fullfsync=ON");
    connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    connection.close();
  }
  return null;
}
