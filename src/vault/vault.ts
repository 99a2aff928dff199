/**
 * Opens the vault of a tree: wires its parts, holds no logic of its own.
 *
 * Nothing of it is global: several instances, in several threads and processes, may work on one vault at a time. Each writes into
 * packs of its own, and SQLite orders their commits. What walks the tree or rewrites packs is loaded when it is asked for: a verb
 * that only reads the index starts in half the time.
 */

import { type Ports, type Store, type TreePath, Turns } from "../base/index.ts";
import type { Config, ProtectedPaths, Tree } from "../tree/index.ts";
import { Batch, type BatchParts } from "./batch.ts";
import { ContentIndex } from "./content-index.ts";
import { ContentReader } from "./content-reader.ts";
import type { Vault, Version } from "./contract.ts";
import { FileIntake } from "./file-intake.ts";
import { PackReader } from "./pack-files.ts";
import { PackWriter } from "./pack-writer.ts";
import type { Rememberer } from "./remember.ts";
import { SnapshotIndex, takeSnapshot } from "./snapshots.ts";
import { vaultStats } from "./stats.ts";
import { VersionIndex } from "./version-index.ts";
import { WorkspaceVersions } from "./workspace-versions.ts";
import { openWorkspaces } from "./workspaces.ts";

export interface VaultParts {
  /** With `vaultMigrations` applied. */
  readonly store: Store;
  readonly ports: Pick<Ports, "disk" | "clock" | "random" | "stores" | "git" | "process" | "threads" | "log">;
  readonly tree: Tree;
  readonly config: () => Config;
  /** Remembered whatever the configuration excludes: components' paths. */
  readonly protectedPaths: () => ProtectedPaths;
}

export function openVault(parts: VaultParts): Vault {
  const { store, ports, tree } = parts;
  const contents = new ContentIndex(store);
  const writer = new PackWriter(tree.state.packs, ports, () => contents.lastRemovedPack());
  const packs = new PackReader(tree.state.packs, ports.disk);
  const reader = new ContentReader(contents, packs);
  /** Removed packs leave the disk when nobody holds them open any more. */
  const letGo = (): void => {
    writer.endPack();
    packs.close();
    reader.clear();
  };
  const shared: Shared = {
    ...{ contents, writer, packs, reader, snapshots: new SnapshotIndex(store), commits: new Turns() },
    wholePacks: overPacks({ store, ports, packsDir: tree.state.packs }, letGo),
    workspaces: openWorkspaces({ store, begin: () => own.begin(), head: () => own.versionHead(), vaultOf }),
  };
  function vaultOf(name: string, workspace: Tree): Vault {
    return vaultOver({ ...parts, tree: workspace }, shared, new WorkspaceVersions(store, name));
  }
  const own = vaultOver(parts, shared, new VersionIndex(store));
  return {
    ...own,
    close() {
      own.close();
      writer.close();
      packs.close();
    },
  };
}

interface Shared {
  readonly contents: ContentIndex;
  readonly writer: PackWriter;
  readonly packs: PackReader;
  readonly reader: ContentReader;
  readonly snapshots: SnapshotIndex;
  readonly commits: Turns;
  readonly wholePacks: Pick<Vault, "verify" | "prune" | "forget">;
  readonly workspaces: Pick<Vault, "workspaces" | "workspace" | "beginWorkspace" | "endWorkspace">;
}

/** Over the tree's own versions, or a workspace's. */
function vaultOver(parts: VaultParts, shared: Shared, versions: VersionIndex): Vault {
  const { store, ports, tree } = parts;
  const { contents, writer, packs, reader, snapshots, commits } = shared;
  const intake = new FileIntake({ root: tree.root, scratch: tree.state.scratch }, ports);
  const inside: BatchParts = { store, ports, contents, versions, writer, intake, commits };
  const remembering = rememberingOnDemand(parts, inside);
  const list = (path: TreePath, options: { limit?: number; beforeMs?: number } = {}): Version[] =>
    versions.versions(path, { limit: options.limit ?? -1, beforeMs: options.beforeMs ?? Number.MAX_SAFE_INTEGER });

  return {
    ...shared.wholePacks,
    ...shared.workspaces,
    begin: () => new Batch(inside),
    has: (digest) => contents.has(digest),
    read: (digest) => reader.read(digest),
    readPieces: (digest) => reader.pieces(digest),
    streamPieces: (digest) => reader.stream(digest),
    versions: list,
    latest: (path) => list(path, { limit: 1 })[0] ?? null,
    latestEntry: (path) => versions.entryAt(path, versions.head()),
    statesAt: ({ upTo, under } = {}) => versions.statesAt(upTo ?? versions.head(), under ?? null),
    changesBetween: (from, to) => versions.changesBetween(from, to),
    pathsBetween: (from, to) => versions.pathsBetween(from, to),
    changesInSlices: (from, to) => versions.changesInSlices(from, to, ports.clock),
    notedBetween: (from, to) => versions.notedBetween(from, to),
    touchedInSlices: (from, to) => versions.touchedInSlices(from, to, ports.clock),
    versionHead: () => versions.head(),
    versionAtTime: (unixMs) => versions.headAt(unixMs),
    remember: async ({ paths, deep, progress, alsoCommit, durable }) =>
      (await remembering.open()).remember({
        paths: paths ?? null,
        anySize: false,
        deep: deep ?? false,
        progress,
        alsoCommit,
        durable: durable ?? "now",
      }),
    barrier: () => store.barrier(),
    glance: async () => (await remembering.open()).glance(),
    snapshot: async (request) => takeSnapshot(request, { rememberer: await remembering.open(), snapshots, ports }),
    snapshots: () => snapshots.all(),
    findSnapshot: (text) => snapshots.find(text),
    async diff(from, to) {
      const { diffSnapshots, diffTree } = await import("./diff.ts");
      const before = snapshots.find(from);
      return to === "tree"
        ? diffTree(versions, await remembering.open(), before)
        : diffSnapshots(versions, before, snapshots.find(to));
    },
    planRestore: async (request) =>
      (await import("./restore-plan.ts")).planRestore(request, {
        versions,
        contents,
        intake,
        root: tree.root,
        disk: ports.disk,
      }),
    readMany: async (digests, take) =>
      (await import("./read-many.ts")).readMany(digests, take, { index: contents, reader, packs, clock: ports.clock }),
    stats: () => vaultStats(store),
    close: () => remembering.close(),
  };
}

/** What goes over whole packs. `letGo`: closes those that this instance holds open. */
function overPacks(
  files: Pick<VaultParts, "store" | "ports"> & { packsDir: string },
  letGo: () => void,
): Pick<Vault, "verify" | "prune" | "forget"> {
  return {
    verify: async ({ progress } = {}) => (await import("./verify.ts")).verifyVault(files, progress),
    prune: async (options) => (await import("./prune.ts")).pruneVault(files, options, letGo),
    forget: async (digests) => (await import("./forget.ts")).forgetContents(files, digests, letGo),
  };
}

/** Opened by the first verb that walks the tree; only an opened one has signatures to keep. */
function rememberingOnDemand(parts: VaultParts, inside: BatchParts): { open(): Promise<Rememberer>; close(): void } {
  let rememberer: Rememberer | null = null;
  return {
    async open() {
      const { Rememberer } = await import("./remember.ts");
      rememberer ??= new Rememberer(parts, inside);
      return rememberer;
    },
    close: () => rememberer?.close(),
  };
}
