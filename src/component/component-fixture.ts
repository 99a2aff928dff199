/** A temporary tree with store, ledger, vault and baselines. For tests of this room. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TreeId } from "../base/index.ts";
import { ledgerMigrations, openLedger } from "../ledger/index.ts";
import { realPorts } from "../platform/index.ts";
import { defaultConfig, PathSet, stateFolder, type Tree } from "../tree/index.ts";
import { openVault, vaultMigrations } from "../vault/index.ts";
import type { AcceptWorld } from "./accept.ts";
import { componentMigrations, openBaselines } from "./baseline.ts";
import { membershipOf } from "./membership.ts";

export interface ComponentWorld extends AcceptWorld {
  root: string;
  close(): void;
}

export function temporaryComponents(): ComponentWorld {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-components-")));
  const root = join(base, "tree");
  mkdirSync(root);
  const ports = realPorts();
  const state = stateFolder(join(base, "state"), "t1" as TreeId, ports.process);
  for (const folder of [state.dir, state.packs, state.segments, state.scratch]) mkdirSync(folder, { recursive: true });
  const tree: Tree = { id: "t1" as TreeId, root, state, git: null };
  const store = ports.stores.open(state.db);
  for (const { sql } of [...ledgerMigrations, ...vaultMigrations, ...componentMigrations]) store.exec(sql);
  const config = defaultConfig();
  const vault = openVault({ store, ports, tree, config: () => config, protectedPaths: () => new PathSet() });
  return {
    root,
    store,
    vault,
    ledger: openLedger({ store, ports, tree: tree.id, segmentsDir: state.segments }),
    baselines: openBaselines(store),
    membership: () => membershipOf(config),
    branch: () => null,
    close() {
      vault.close();
      store.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
