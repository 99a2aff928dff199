/** For tests of this room: eyes over a real tree, with a judge that only writes down what it is told. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ports, Store, TreeId, TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { defaultConfig, PathSet, stateFolder, type Tree } from "../tree/index.ts";
import { openVault, type Vault, vaultMigrations } from "../vault/index.ts";
import type { Change, Eyes, Judge, RootTrouble, Settled } from "./contract.ts";
import { openEyes } from "./eyes.ts";
import { lookedMigrations, lookedOfTree } from "./looked.ts";

export interface EyesWorld {
  readonly base: string;
  readonly root: string;
  readonly vault: Vault;
  readonly store: Store;
  eyes: Eyes;
  readonly settled: Settled[];
  readonly troubles: (RootTrouble | null)[];
  firstSights: number;
  gitMoves: number;
  protectedPaths: TreePath[];
  /** Called with everything that is judged. */
  onJudge: (settled: Settled) => Promise<void> | void;
  /** Everything handed over so far, as `path: before → after`. */
  changes(): string[];
  /** New eyes on the same store, as after a restart. */
  reopen(): Eyes;
  end(): Promise<void>;
}

export function eyesWorld(
  options: { ports?: Partial<Ports>; base?: string; before?: (root: string) => void } = {},
): EyesWorld {
  const base = options.base ?? realpathSync(mkdtempSync(join(tmpdir(), "holdfast-eyes-")));
  const root = join(base, "tree");
  mkdirSync(root, { recursive: true });
  options.before?.(root);
  const ports: Ports = { ...realPorts(), ...options.ports };
  const state = stateFolder(join(base, "state"), "t1" as TreeId, ports.process);
  for (const folder of [state.dir, state.packs, state.segments, state.scratch]) mkdirSync(folder, { recursive: true });
  const tree: Tree = { id: "t1" as TreeId, root, state, git: ports.git.locate(root) };
  const store = ports.stores.open(state.db);
  for (const { sql } of [...vaultMigrations, ...lookedMigrations]) store.exec(sql);
  const config = defaultConfig();
  const world: EyesWorld = {
    base,
    root,
    store,
    vault: openVault({
      store,
      ports,
      tree,
      config: () => config,
      protectedPaths: () => new PathSet(world.protectedPaths),
    }),
    eyes: null as never,
    settled: [],
    troubles: [],
    firstSights: 0,
    gitMoves: 0,
    protectedPaths: [],
    onJudge: () => {},
    changes: () => world.settled.flatMap(({ changes }) => changes.map(told)),
    reopen: () => {
      world.eyes = openEyes(parts());
      return world.eyes;
    },
    async end() {
      await world.eyes.stop();
      world.vault.close();
      store.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
  const judge: Judge = {
    firstSight() {
      world.firstSights += 1;
    },
    async judge(settled) {
      world.settled.push(settled);
      await world.onJudge(settled);
    },
    async gitMoved() {
      world.gitMoves += 1;
    },
    rootTrouble: async (trouble) => void world.troubles.push(trouble),
  };
  const parts = () => ({
    tree,
    looked: lookedOfTree(store),
    ports,
    vault: world.vault,
    judge,
    protectedPaths: () => world.protectedPaths,
    sweepMs: () => 300_000,
  });
  world.reopen();
  return world;
}

function told({ path, before, after }: Change): string {
  return `${path}: ${before.kind} → ${after.kind}`;
}

/** Waits for what must come to be, for at most ten seconds. */
export async function until(check: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 10_000; !check(); ) {
    if (Date.now() > endMs) throw new Error("it did not come to this");
    await new Promise((again) => setTimeout(again, 10));
  }
}
