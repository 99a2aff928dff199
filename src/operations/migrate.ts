/** The store's schema: each room brings its own tables, each migration runs once, in one transaction with the note that it did. */

import { HoldfastError, type Migration, type Store } from "../base/index.ts";

/**
 * Applies what is missing. `STORE_NEWER` when the store has migrations that this version does not know.
 *
 * `user_version` holds their number, so that the ordinary case costs one pragma.
 */
export function migrate(store: Store, migrations: readonly Migration[]): void {
  if (appliedCount(store) === migrations.length) return;
  refuseNewer(store, migrations);
  store.transaction(() => {
    store.exec(
      "CREATE TABLE IF NOT EXISTS schema_migrations (room TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (room, version)) STRICT",
    );
    for (const { room, version, sql } of migrations) {
      if (store.get("SELECT 1 FROM schema_migrations WHERE room = ? AND version = ?", room, version)) continue;
      store.exec(sql);
      store.run("INSERT INTO schema_migrations (room, version) VALUES (?, ?)", room, version);
    }
    store.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** For a reader, which must not write: a store of another version is refused with what to do. */
export function storeIsCurrent(store: Store, migrations: readonly Migration[]): void {
  const applied = appliedCount(store);
  if (applied === migrations.length) return;
  refuseNewer(store, migrations);
  throw new HoldfastError(
    "STORE_UNAVAILABLE",
    "the store was written by an older Holdfast and is not brought up to date yet",
    {
      hint: "holdfast up --once",
    },
  );
}

function refuseNewer(store: Store, migrations: readonly Migration[]): void {
  const applied = appliedCount(store);
  if (applied <= migrations.length) return;
  throw new HoldfastError(
    "STORE_NEWER",
    `the store has ${applied} migrations, this Holdfast knows ${migrations.length}`,
  );
}

function appliedCount(store: Store): number {
  return store.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
}
