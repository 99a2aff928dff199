/** A whole order world over a real temporary tree: store, ledger, vault, baselines. For tests. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports, Store, TreeId } from "../base/index.ts";
import { componentMigrations, membershipOf, openBaselines } from "../component/index.ts";
import { ledgerMigrations, openLedger } from "../ledger/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Config, defaultConfig, PathSet, stateFolder, type Tree } from "../tree/index.ts";
import { openVault, vaultMigrations } from "../vault/index.ts";
import { openJournal } from "./journal.ts";
import { openOrderBook, orderMigrations } from "./order-book.ts";
import { placesOf } from "./target.ts";
import type { OrderWorld } from "./world.ts";

export interface TestWorld extends OrderWorld {
  root: string;
  close(): void;
}

/** A temporary tree with a state folder beside it, removed by `close`. */
export function temporaryWorld(options: { config?: Partial<Config>; ports?: Ports } = {}): TestWorld {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-orders-")));
  const root = join(base, "tree");
  mkdirSync(root);
  const ports = options.ports ?? realPorts();
  const state = stateFolder(join(base, "state"), "t1" as TreeId, ports.process);
  for (const folder of [state.dir, state.packs, state.segments, state.scratch, state.projections])
    mkdirSync(folder, { recursive: true });
  const tree: Tree = { id: "t1" as TreeId, root, state, git: null };
  const store = ports.stores.open(state.db);
  for (const { sql } of [...ledgerMigrations, ...vaultMigrations, ...componentMigrations, ...orderMigrations])
    store.exec(sql);
  const world = worldOver({ tree, ports, store, config: { ...defaultConfig(), ...options.config } });
  return {
    ...world,
    root,
    close() {
      world.vault.close();
      store.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

export function worldOver({
  tree,
  ports,
  store,
  config,
}: {
  tree: Tree;
  ports: Ports;
  store: Store;
  config: Config;
}): OrderWorld {
  const ledger = openLedger({ store, ports, tree: tree.id, segmentsDir: tree.state.segments });
  const baselines = openBaselines(store);
  const vault = openVault({ store, ports, tree, config: () => config, protectedPaths: () => new PathSet() });
  return {
    ports,
    tree,
    store,
    ledger,
    vault,
    baselines,
    config: () => config,
    book: openOrderBook({ store, ledger, vault }),
    journal: openJournal(store, ports.clock),
    places: placesOf(tree, () => config, ports),
    membership: () => membershipOf(config),
    branch: () => null,
  };
}
