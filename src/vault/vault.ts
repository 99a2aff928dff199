/**
 * Opens the vault of a tree: wires its parts, holds no logic of its own.
 *
 * Nothing of it is global: several instances, in several threads and processes, may work on one vault at a time. Each writes into
 * packs of its own, and SQLite orders their commits.
 */

import { assertNever, type Ports, type Store, type TreePath } from "../base/index.ts";
import type { Config, Tree } from "../tree/index.ts";
import { Batch, type BatchParts } from "./batch.ts";
import { ContentIndex } from "./content-index.ts";
import { ContentReader } from "./content-reader.ts";
import type { Snapshot, Vault, Version } from "./contract.ts";
import { FileIntake } from "./file-intake.ts";
import { PackReader } from "./pack-files.ts";
import { PackWriter } from "./pack-writer.ts";
import { Rememberer } from "./remember.ts";
import { newSnapshot, SnapshotIndex } from "./snapshots.ts";
import { VersionIndex } from "./version-index.ts";

export interface VaultParts {
  /** With `vaultMigrations` applied. */
  readonly store: Store;
  readonly ports: Pick<Ports, "disk" | "clock" | "random" | "stores" | "git" | "process">;
  readonly tree: Tree;
  readonly config: () => Config;
  /** Remembered whatever the configuration excludes: components' paths. */
  readonly protectedPaths: () => readonly TreePath[];
}

export function openVault(parts: VaultParts): Vault {
  const { store, ports, tree } = parts;
  const contents = new ContentIndex(store);
  const versions = new VersionIndex(store);
  const writer = new PackWriter(tree.state.packs, ports);
  const packs = new PackReader(tree.state.packs, ports.disk);
  const reader = new ContentReader(contents, packs);
  const intake = new FileIntake({ root: tree.root, scratch: tree.state.scratch }, ports);
  const inside: BatchParts = { store, ports, contents, versions, writer, intake };
  const rememberer = new Rememberer(parts, inside);
  const snapshots = new SnapshotIndex(store, versions);
  const begin = (): Batch => new Batch(inside);
  const list = (path: TreePath, options: { limit?: number; beforeMs?: number } = {}): Version[] =>
    versions.versions(path, { limit: options.limit ?? -1, beforeMs: options.beforeMs ?? Number.MAX_SAFE_INTEGER });
  const notBuilt = (): never => assertNever("not built yet" as never);

  return {
    begin,
    has: (digest) => contents.has(digest),
    read: (digest) => reader.read(digest),
    readPieces: (digest) => reader.pieces(digest),
    versions: list,
    latest: (path) => list(path, { limit: 1 })[0] ?? null,
    statesAt: ({ upTo, under } = {}) => versions.statesAt(upTo ?? versions.head(), under ?? null),
    changesBetween: (from, to) => versions.changesBetween(from, to),
    versionHead: () => versions.head(),
    versionAtTime: (unixMs) => versions.headAt(unixMs),
    remember: ({ paths, progress, alsoCommit }) =>
      rememberer.remember({ paths: paths ?? null, anySize: false, progress, alsoCommit }),
    async snapshot(request) {
      let taken: ((upTo: number) => Snapshot) | null = null;
      const remembered = await rememberer.remember({
        paths: request.paths ?? null,
        anySize: true,
        progress: request.progress,
        extra(soFar) {
          taken = newSnapshot(request, soFar, ports);
          return snapshots.extra(taken);
        },
        alsoCommit: ({ upTo }) => request.record?.(taken!(upTo)),
      });
      return taken!(remembered.upTo);
    },
    snapshots: () => snapshots.all(),
    findSnapshot: (text) => snapshots.find(text),
    diff: notBuilt,
    verify: notBuilt,
    prune: notBuilt,
    stats: notBuilt,
    forget: notBuilt,
    close() {
      rememberer.close();
      writer.close();
      packs.close();
    },
  };
}
