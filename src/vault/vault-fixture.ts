/** For tests of this room: a tree and a vault in a temporary folder. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports, Store, TreeId, TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Config, PathSet, type Tree } from "../tree/index.ts";
import { openVault, type Vault, vaultMigrations } from "./index.ts";

export interface World {
  readonly root: string;
  readonly tree: Tree;
  readonly store: Store;
  readonly ports: Ports;
  readonly vault: Vault;
  config: Config["remember"];
  protectedPaths: TreePath[];
  /** Another instance on the same vault, over a store connection of its own. */
  another(): { vault: Vault; store: Store };
  end(): void;
}

export function makeWorld(options: { ports?: Ports; root?: string } = {}): World {
  const base = mkdtempSync(join(tmpdir(), "holdfast-vault-"));
  const root = options.root ?? join(base, "tree");
  mkdirSync(root, { recursive: true });
  mkdirSync(join(base, "state"));
  const ports = options.ports ?? realPorts();
  const tree = makeTree(root, join(base, "state"), ports);
  const store = ports.stores.open(tree.state.db);
  for (const { sql } of vaultMigrations) store.exec(sql);
  const opened: { close(): void }[] = [];
  const world: World = {
    root,
    tree,
    store,
    ports,
    config: { exclude: [], precious: [], maxFileBytes: 8 << 20, keep: { sizeBytes: 5e9, ageMs: 14 * 86_400_000 } },
    protectedPaths: [],
    vault: null as never,
    another() {
      const otherStore = ports.stores.open(tree.state.db);
      const vault = open(otherStore);
      return { vault, store: otherStore };
    },
    end() {
      for (const one of opened.reverse()) one.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
  const open = (onStore: Store): Vault => {
    const config = () => ({ remember: world.config }) as Config;
    const vault = openVault({
      store: onStore,
      ports,
      tree,
      config,
      protectedPaths: () => new PathSet(world.protectedPaths),
    });
    opened.push(onStore, vault);
    return vault;
  };
  (world as { vault: Vault }).vault = open(store);
  return world;
}

export function makeTree(root: string, dir: string, ports: Ports): Tree {
  return {
    id: "tree-under-test" as TreeId,
    root,
    git: ports.git.locate(root),
    state: {
      dir,
      db: join(dir, "holdfast.db"),
      lock: join(dir, "lock.db"),
      holder: join(dir, "holder"),
      packs: join(dir, "packs"),
      segments: join(dir, "ledger"),
      log: join(dir, "log"),
      scratch: join(dir, "scratch"),
      signatures: join(dir, "signatures"),
      projections: join(dir, "projections"),
      socket: join(dir, "socket"),
      hookSocket: "",
    },
  };
}
