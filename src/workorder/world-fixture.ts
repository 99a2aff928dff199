/** For tests of this room: a tree with a layout, and everything that carries orders out, over real ports. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports, TreeId } from "../base/index.ts";
import { componentMigrations, membershipOf, openBaselines } from "../component/index.ts";
import { type LedgerRecord, ledgerMigrations, openLedger } from "../ledger/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Config, headOf, PathSet, parseConfig, type Tree } from "../tree/index.ts";
import { openVault, vaultMigrations } from "../vault/index.ts";
import { openJournal } from "./journal.ts";
import { openOrderBook, orderMigrations } from "./order-book.ts";
import { placesOf } from "./target.ts";
import type { OrderWorld } from "./world.ts";

export const LAYOUT = `
layout: { inbox: bridge/inbox, outbox: bridge/outbox, archive: bridge/archive, failed: bridge/failed, state: g/followup/state,
  dashboard: apps/dashboard/data/followup.json, telemetry: g/telemetry/unified.jsonl, mls: mls/ledger, reports: g/reports, logs: logs }
agents:
  CLC: { run: builtin }
  Mary: { run: manual }
`;

export interface TestTree {
  /** Holds the tree, its state folder and whatever a test puts beside them. */
  readonly base: string;
  readonly root: string;
  config: Config;
  /** Opens the same tree, as a process that was just started does. The ports are this process's. */
  open(ports?: Partial<Ports>): OrderWorld;
  place(path: string): string;
  text(path: string): string;
  /** Names in a folder, sorted; empty when it is missing. */
  names(folder: string): string[];
  end(): void;
}

export function makeTestTree(options: { config?: string; make?: (root: string) => void } = {}): TestTree {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-orders-")));
  const root = join(base, "tree");
  mkdirSync(root);
  mkdirSync(join(base, "state"), { mode: 0o700 });
  options.make?.(root);
  const opened: OrderWorld[] = [];
  const testTree: TestTree = {
    base,
    root,
    config: parseConfig(`v: 1\n${options.config ?? LAYOUT}`),
    open(ports = {}) {
      const world = openWorld(root, join(base, "state"), { ...realPorts(), ...ports }, () => testTree.config);
      opened.push(world);
      return world;
    },
    place: (path) => join(root, path),
    text: (path) => readFileSync(join(root, path), "utf8"),
    names: (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort() : []),
    end() {
      for (const { vault, store } of opened.splice(0).reverse()) {
        vault.close();
        store.close();
      }
      rmSync(base, { recursive: true, force: true });
    },
  };
  return testTree;
}

function openWorld(root: string, dir: string, ports: Ports, config: () => Config): OrderWorld {
  const tree = treeAt(root, dir, ports);
  const isNew = ports.disk.lstat(tree.state.db) === null;
  const store = ports.stores.open(tree.state.db);
  if (isNew)
    for (const { sql } of [...ledgerMigrations, ...vaultMigrations, ...componentMigrations, ...orderMigrations])
      store.exec(sql);
  const ledger = openLedger({ store, ports, tree: tree.id, segmentsDir: tree.state.segments });
  const vault = openVault({ store, ports, tree, config, protectedPaths: () => new PathSet() });
  return {
    ports,
    tree,
    config,
    store,
    ledger,
    vault,
    book: openOrderBook({ store, ledger, vault }),
    journal: openJournal(store, ports.clock),
    places: placesOf(tree, config, ports),
    baselines: openBaselines(store),
    membership: () => membershipOf(config()),
    branch: () => headOf(tree, ports.git)?.branch ?? null,
  };
}

function treeAt(root: string, dir: string, ports: Ports): Tree {
  const at = (name: string) => join(dir, name);
  return {
    id: "tree-under-test" as TreeId,
    root,
    git: ports.git.locate(root),
    state: {
      dir,
      db: at("holdfast.db"),
      lock: at("lock.db"),
      holder: at("holder"),
      packs: at("packs"),
      segments: at("ledger"),
      log: at("log"),
      scratch: at("scratch"),
      signatures: at("signatures"),
      projections: at("projections"),
      socket: at("socket"),
      hookSocket: "",
    },
  };
}

export function recordsOf({ ledger }: OrderWorld, event: LedgerRecord["event"]): LedgerRecord[] {
  return [...ledger.read({ events: [event] })];
}
