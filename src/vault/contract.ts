/** What other rooms may ask of the vault. Times are Unix milliseconds, sizes bytes. */

import type { Digest, Entry, PresentEntry, Progress, SnapshotId, Stat, TreePath } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";

export interface Vault {
  /** Opens a batch: what it puts becomes durable, and visible, with its commit; until then its lease keeps prune away. */
  begin(): VaultBatch;

  has(digest: Digest): boolean;
  /** The bytes, checked against their digest. `DIGEST_UNKNOWN`, `VAULT_CORRUPT`. For content that fits in memory. */
  read(digest: Digest): Buffer;
  /** The same in pieces of at most 1 MiB, for content of any size; the digest is checked at the end (throws `VAULT_CORRUPT`). */
  readPieces(digest: Digest): IterableIterator<Buffer>;
  /** The same in bounded memory: each piece is good only until the next is asked for, and not to be changed. */
  streamPieces(digest: Digest): IterableIterator<Buffer>;

  /** Newest first: every state that was remembered at exactly this path. */
  versions(path: TreePath, options?: { limit?: number; beforeMs?: number }): Version[];
  /** The last remembered state of a path, `ABSENT` when it was seen gone, `null` when the vault never saw it. */
  latest(path: TreePath): Version | null;
  /** The same without what it costs to tell when, and whether its bytes are kept. */
  latestEntry(path: TreePath): Entry | null;
  /** Every present path as it was at version `upTo` (default: now), below `under` when given. Sorted by path. */
  statesAt(options?: { upTo?: number; under?: TreePath }): IterableIterator<{ path: TreePath; entry: PresentEntry }>;
  /** Every path whose state differs between two points, with both states. Grows with the versions in between, not with the tree. */
  changesBetween(from: number, to: number): { path: TreePath; before: Entry; after: Entry }[];
  /** Every path of which something was noted in between, also what came and went again. */
  pathsBetween(from: number, to: number): TreePath[];
  /** The same in slices, between which other work of the process runs. */
  changesInSlices(from: number, to: number): Promise<{ path: TreePath; before: Entry; after: Entry }[]>;
  /** What was noted after `from`, up to `to`, in the order in which it was. */
  notedBetween(from: number, to: number): IterableIterator<{ path: TreePath; entry: Entry }>;
  /**
   * Every path of which something was noted after `from`, up to `to`, those that are again as they were too: what counts on a state may
   * have come in between. In slices, between which other work of the process runs.
   */
  touchedInSlices(from: number, to: number): Promise<{ path: TreePath; before: Entry; after: Entry }[]>;
  /** The newest version number: a point in time of the whole tree. */
  versionHead(): number;
  /** The newest version number at or before a moment. */
  versionAtTime(unixMs: number): number;

  /**
   * Remembers the settled state of the whole tree, or of `paths` (files, or folders with all below them). Cost grows with the
   * change: unchanged signatures are not read again. `alsoCommit` runs inside the same transaction.
   */
  remember(request: RememberRequest): Promise<Remembered>;
  /** What was remembered to be durable later is durable when it resolves. */
  barrier(): Promise<void>;
  /** A look at single paths without reading them, good until something else is remembered. */
  glance(): Promise<Glance>;
  /** Remembers, then names the state. */
  snapshot(request: {
    paths?: readonly TreePath[];
    note?: string;
    progress?: Progress;
    record?: (taken: Snapshot) => void;
  }): Promise<Snapshot>;
  snapshots(): Snapshot[];
  /** By id or unambiguous prefix of it. `SNAPSHOT_UNKNOWN`. */
  findSnapshot(text: string): Snapshot;
  /** Sorted by path. `to: "tree"` looks at the disk, digests and all. */
  diff(from: SnapshotId, to: SnapshotId | "tree"): Promise<PathDifference[]>;

  /** What a restore would change; nothing is. `before` is what the disk holds now, digested. */
  planRestore(request: RestoreRequest): Promise<RestorePlan>;
  /**
   * Many contents at once, in the order in which they lie in the packs, each block read once: for writing out a tree. Checked like
   * `read`. `pieces` are at most 1 MiB each, and each is good only until the next is asked for.
   */
  readMany(digests: Iterable<Digest>, take: (digest: Digest, pieces: Iterable<Uint8Array>) => void): Promise<void>;

  /** The last life of every workspace that was ever met. */
  workspaces(): WorkspaceLife[];
  /**
   * The vault as a workspace sees it: the same contents, its own paths and versions, which it begins with as the tree's. `tree`: as the
   * canonical one, but for its root, its git, and a file of signatures of its own.
   */
  workspace(name: string, tree: Tree): Vault;
  /** From now on it lives: it begins as the tree is remembered now. Nothing happens when it does already. */
  beginWorkspace(name: string, root: string, alsoCommit: (fork: number) => void): Promise<void>;
  /** It is over: nothing stands there any more. What it had stays known, and its bytes become old. */
  endWorkspace(name: string, alsoCommit: () => void): Promise<void>;

  verify(options?: { progress?: Progress }): Promise<VaultVerification>;
  prune(options: {
    maxBytes: number;
    maxAgeMs: number;
    pinned: ReadonlySet<Digest>;
    dryRun?: boolean;
  }): Promise<Pruned>;
  stats(): VaultStats;
  /** Removes bytes for good (a leaked secret): the records are rewritten without them, the digest history stays. */
  forget(digests: readonly Digest[]): Promise<{ forgotten: Digest[]; bytes: number }>;
  close(): void;
}

/** One life of a workspace, by version numbers. The same name may live again. */
export interface WorkspaceLife {
  readonly name: string;
  readonly since: number;
  /** The version that noted its end; `null`: it lives. */
  readonly until: number | null;
  /** The version of the tree that it began as. */
  readonly fork: number;
  /** Where it stood when it was met. */
  readonly root: string;
}

export interface VaultBatch {
  /** Puts bytes; returns at once. Content that is there already costs nothing. */
  put(bytes: Uint8Array): Digest;
  /**
   * Reads the file at `path` (streamed, any size), puts it and returns the state that was read: a file that changes while it is
   * read is read again, at most `LIMITS.unstableReadsMax` times, then kept as read and marked unstable. `ABSENT` when it is gone.
   */
  putPath(path: TreePath): Promise<{ entry: Entry; unstable: boolean }>;
  /**
   * Notes that `path` was in this state; a state equal to the last one is not noted again. `isNewsAt`: a version at which the last state
   * is known to be another; while none is newer, it is not looked up.
   */
  note(path: TreePath, entry: Entry, isNewsAt?: number): void;
  /**
   * Makes everything durable in the packs (one barrier), then runs one transaction: index, versions, and `alsoCommit`.
   * When it throws, nothing became visible. A batch commits at most once. `alongside`: what else has to last before the transaction,
   * waited for together with the packs.
   */
  commit<T>(alsoCommit?: () => T, alongside?: () => Promise<void>): Promise<T>;
  /** Gives up what was put. Harmless after a commit. */
  abort(): void;
}

export interface Version {
  /** Grows with each version in this vault. */
  readonly number: number;
  readonly path: TreePath;
  readonly entry: Entry;
  readonly seenAtMs: number;
  /** False when the bytes were pruned or forgotten; the digest stays known. */
  readonly bytesKept: boolean;
}

/** What stands in the tree against what was remembered of it, by names and `lstat`. Nothing in it follows later changes. */
export interface Glance {
  /** A database's sidecar is answered with its database. Throws what `lstat` throws (`EACCES` …). */
  at(path: TreePath): Glimpse;
  /** Every folder that was walked, those only passed through too; the root is `""`. */
  folders(): Iterable<TreePath | "">;
  /** The names that were remembered in a folder. */
  names(folder: TreePath | ""): Iterable<string>;
}

/**
 * `nothing`: neither there nor remembered. `left-out`: excluded, or not rememberable. `same`: the signature vouches for it.
 * `content`: anything but the mode, or it cannot be told without reading.
 */
export interface Glimpse {
  readonly path: TreePath;
  readonly kind: "nothing" | "gone" | "left-out" | "same" | "new" | "content" | "mode" | "type";
  readonly stat: Stat | null;
}

export interface RememberRequest {
  paths?: readonly TreePath[];
  /** Reads every file in scope, whatever its signature says. */
  deep?: boolean;
  progress?: Progress;
  alsoCommit?: (remembered: Remembered) => void;
  /** `later`: bytes are durable when it resolves, what tells of them after the store's next barrier. Default `now`. */
  durable?: "now" | "later";
}

export interface Remembered {
  /** Present files in scope, and their bytes. */
  files: number;
  bytes: number;
  /** What had to be read and stored. */
  changedPaths: number;
  newBytes: number;
  skipped: Skipped[];
  /** Files in scope that have further names (hard links). */
  linked: TreePath[];
  upTo: number;
  elapsedMs: number;
}

/** A path that was not remembered, and why: `over maxFile (12 MB)`, `name is not valid UTF-8`, `permission denied`, `changed while read`. */
export interface Skipped {
  path: string;
  why: string;
}

export interface Snapshot {
  id: SnapshotId;
  atMs: number;
  note: string;
  paths: TreePath[] | null;
  upTo: number;
  files: number;
  bytes: number;
  newBytes: number;
  skipped: Skipped[];
  elapsedMs: number;
}

export interface RestoreRequest {
  /** Files, or folders with all that was below them; `null`: the whole tree. */
  paths: readonly TreePath[] | null;
  /** A moment of the tree; a content for exactly the paths named; or each path as it was before it went. */
  from: { upTo: number } | { digest: Digest } | "last-present";
  /** Also remove what is remembered there now and was not there then. Default false: going back takes nothing away. */
  exact?: boolean;
}

export interface RestorePlan {
  /** Sorted by path; what is already as wanted is left out. Sidecars of a restored database become absent. */
  effects: { path: TreePath; before: Entry; after: Entry }[];
  missing: { path: TreePath; why: string }[];
}

export interface PathDifference {
  path: TreePath;
  kind: "added" | "removed" | "modified" | "mode-changed" | "type-changed";
  from: Entry;
  to: Entry;
}

export interface VaultVerification {
  ok: boolean;
  packs: number;
  records: number;
  bytes: number;
  corrupt: { pack: string; offset: number; digests: Digest[]; paths: TreePath[]; why: string }[];
  /** Referenced by a version whose bytes should be kept, and found in no pack. */
  missing: { digest: Digest; paths: TreePath[] }[];
}

export interface Pruned {
  digests: number;
  bytes: number;
  packsRewritten: number;
  keptBytes: number;
}

export interface VaultStats {
  packs: number;
  packBytes: number;
  contents: number;
  contentBytes: number;
  versions: number;
  paths: number;
  snapshots: number;
  oldestMs: number | null;
}
