/**
 * Everything of one tree, opened: store, vault, ledger, baselines, orders.
 *
 * Crash: opening a writable house recovers first, so that whoever writes next finds the tree either as before or as after.
 */

import { alertMigrations } from "../alerts/index.ts";
import { HoldfastError, type Ports, type Store } from "../base/index.ts";
import {
  type Baselines,
  type Configuration,
  componentMigrations,
  openBaselines,
  openConfiguration,
} from "../component/index.ts";
import { judgementMigrations, lookedMigrations } from "../guard/index.ts";
import { type Ledger, ledgerMigrations, openLedger } from "../ledger/index.ts";
import { rollbackMigrations } from "../rollback/index.ts";
import { type Config, headOf, type Tree } from "../tree/index.ts";
import { openVault, type Vault, vaultMigrations } from "../vault/index.ts";
import {
  type Journal,
  type OrderBook,
  type OrderWorld,
  openJournal,
  openOrderBook,
  orderMigrations,
  type Places,
  placesOf,
} from "../workorder/index.ts";
import { migrate, storeIsCurrent } from "./migrate.ts";
import { namedPaths } from "./named-paths.ts";

/** `membership` is a writer's: its pattern library costs a reading verb more than the verb. */
export interface House extends Omit<OrderWorld, "membership"> {
  readonly ports: Ports;
  readonly tree: Tree;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly configuration: Configuration;
  readonly baselines: Baselines;
  readonly book: OrderBook;
  readonly journal: Journal;
  readonly places: Places;
  config(): Config;
  branch(): string | null;
  close(): void;
}

export const MIGRATIONS = [
  ...ledgerMigrations,
  ...vaultMigrations,
  ...componentMigrations,
  ...orderMigrations,
  ...lookedMigrations,
  ...judgementMigrations,
  ...rollbackMigrations,
  ...alertMigrations,
];

/** `STORE_UNAVAILABLE` when there is no store yet, `STORE_NEWER` when a newer Holdfast wrote it. */
export async function openHouse(tree: Tree, ports: Ports, { readOnly }: { readOnly: boolean }): Promise<House> {
  if (readOnly && ports.disk.lstat(tree.state.db) === null) {
    throw new HoldfastError("STORE_UNAVAILABLE", "the tree's database is missing", {
      hint: "any writing command builds it again from packs and segments: holdfast up --once",
    });
  }
  const store = ports.stores.open(tree.state.db, { readOnly });
  try {
    if (readOnly) storeIsCurrent(store, MIGRATIONS);
    else migrate(store, MIGRATIONS);
    const house = assemble(tree, ports, store);
    await house.configuration.load();
    return house;
  } catch (error) {
    store.close();
    throw error;
  }
}

function assemble(tree: Tree, ports: Ports, store: Store): House {
  const ledger = openLedger({ store, ports, tree: tree.id, segmentsDir: tree.state.segments });
  const baselines = openBaselines(store);
  const named = namedPaths(
    () => baselines.named(),
    () => configuration.current(),
  );
  const vault: Vault = openVault({
    store,
    ports,
    tree,
    config: () => configuration.current(),
    protectedPaths: named,
  });
  const configuration = openConfiguration({ store, ledger, vault, baselines });
  const config = () => configuration.current();
  return {
    ports,
    tree,
    store,
    ledger,
    vault,
    configuration,
    baselines,
    config,
    book: openOrderBook({ store, ledger, vault }),
    journal: openJournal(store, ports.clock),
    places: placesOf(tree, config, ports),
    branch: () => headOf(tree, ports.git)?.branch ?? null,
    close() {
      vault.close();
      store.close();
    },
  };
}
