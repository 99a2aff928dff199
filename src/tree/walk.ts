/**
 * Walks a tree folder by folder, parents first, names sorted, and says what is remembered of it.
 *
 * Reads folders and `lstat`s names; never opens a file but `.gitignore`, never follows a link, never enters `.git`. A folder that
 * has not moved since the last walk (`known`) is not read again: its names are taken over, and only looked at one by one. Rules are
 * asked only where something is listed.
 */

import { join } from "node:path";
import {
  type Disk,
  type Fd,
  isOwnName,
  isSystemError,
  type Listing,
  printableLine,
  type Stat,
  type TreePath,
} from "../base/index.ts";
import { belongsToGit, type RememberRules, type RuleScope, type Verdict } from "./ignore-rules.ts";

export interface WalkRequest {
  readonly root: string;
  readonly disk: Disk;
  readonly rules: RememberRules;
  /** Whether `.gitignore` files count: the tree is in a git repository. */
  readonly useIgnoreFiles: boolean;
  /** Where to begin: a folder below the root. Default: the root. */
  readonly under?: TreePath;
  /**
   * What the last walk kept of a folder, when the rules are the same and the folder has not moved since. Asked before each listing,
   * not for folders below an ignore file that changed.
   */
  readonly known?: (path: FolderPath, stat: Stat) => Listed | null;
  /**
   * Asked for folders that are known: those in it, when somebody has looked at all its names and none of them has moved. `null`: look
   * at each.
   */
  readonly unmoved?: (path: FolderPath) => readonly WalkedName[] | null;
  /** Of the ignore files that the last walk met: their signature by folder. */
  readonly knownIgnoreFiles?: ReadonlyMap<FolderPath, string>;
}

/** A tree path, or `""` for the root. */
export type FolderPath = TreePath | "";

/** A folder's names that are kept or passed through, and what of it cannot be remembered, as the last walk found it. */
export interface Listed {
  readonly names: Iterable<readonly [string, { readonly verdict: KeptVerdict }]>;
  readonly skipped: readonly SkippedName[];
}

export type KeptVerdict = Exclude<Verdict, "drop">;

/** Present, but not rememberable, and why. */
export interface SkippedName {
  readonly path: string;
  readonly why: string;
}

export interface WalkedName {
  readonly name: string;
  readonly verdict: KeptVerdict;
  readonly path: TreePath;
  readonly stat: Stat;
}

export interface WalkedFolder {
  readonly path: FolderPath;
  readonly stat: Stat;
  /** What is kept or passed through; what vanished since the listing is left out. None of what has not moved. */
  readonly names: readonly WalkedName[];
  /** The folders among all its names: where the walk goes on. */
  readonly folders: readonly WalkedName[];
  /** Not: what the rules leave out. */
  readonly skipped: readonly SkippedName[];
  /** The names are those that `known` gave, in their order, but for what has vanished. */
  readonly isKnown: boolean;
  /** It is as `known` and `unmoved` gave it, name by name. */
  readonly isUnmoved: boolean;
  /** False when it could not be listed: `names` is empty then, whatever is in it. */
  readonly readable: boolean;
  /** The signature of its `.gitignore`, if it has one. */
  readonly ignoreFile: string | null;
}

/** Synchronous, a folder at a time: the caller breathes between them. A folder that cannot be read is yielded without names. */
export function* walkTree(request: WalkRequest): Generator<WalkedFolder> {
  const start = request.under ?? "";
  const stat = request.disk.lstat(join(request.root, start));
  if (stat?.kind !== "dir") return;
  const entered = scopeOf(request, start);
  if (entered === null) return;
  const stack: Visit[] = [{ path: start, stat, ...entered }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const folder = lookInto(request, visit);
    yield folder;
    for (const { path, stat: own } of folder.folders.toReversed())
      stack.push({ path, stat: own, ...enter(request, visit, { path, stat: own }) });
  }
}

/** How one path would be judged by a walk from the root; what it is need not exist. */
export function judgePath(request: WalkRequest, path: TreePath, isFolder: boolean): Verdict {
  return pathJudge(request)(path, isFolder);
}

/** The same for many paths of one moment: each folder's ignore file is looked at once. */
export function pathJudge(request: WalkRequest): (path: TreePath, isFolder: boolean) => Verdict {
  const known = new Map<FolderPath, Entered | null>();
  return (path, isFolder) => {
    const entered = scopeOf(request, parentOf(path), known);
    return entered === null ? "drop" : request.rules.judge(entered.scope(), path, isFolder);
  };
}

function parentOf(path: TreePath): FolderPath {
  return path.includes("/") ? (path.slice(0, path.lastIndexOf("/")) as TreePath) : "";
}

interface Entered {
  /** Made when it is asked for: most folders of a walk are as they were, and nobody asks. */
  readonly scope: () => RuleScope;
  readonly ignoreFile: string | null;
  /** No ignore file on the way down has changed since the last walk. */
  readonly trusted: boolean;
}
interface Visit extends Entered {
  readonly path: FolderPath;
  readonly stat: Stat;
}

/** The scope inside `folder`, from the root down; `null` when the rules drop it. */
function scopeOf(
  request: WalkRequest,
  folder: FolderPath,
  known = new Map<FolderPath, Entered | null>(),
): Entered | null {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const entered = folder === "" ? rootScope(request) : scopeBelow(request, folder, known);
  known.set(folder, entered);
  return entered;
}

function rootScope(request: WalkRequest): Entered {
  const root: Entered = { scope: lazily(() => request.rules.root()), ignoreFile: null, trusted: true };
  return withOwnIgnoreFile(request, root, { path: "", stat: null });
}

function scopeBelow(request: WalkRequest, folder: TreePath, known: Map<FolderPath, Entered | null>): Entered | null {
  const above = scopeOf(request, parentOf(folder), known);
  if (above === null || request.rules.judge(above.scope(), folder, true) === "drop") return null;
  return enter(request, above, { path: folder, stat: null });
}

/** `stat` when it is known, else `null`. */
interface Place {
  readonly path: FolderPath;
  readonly stat: Stat | null;
}

function enter(request: WalkRequest, above: Entered, place: Place): Entered {
  const scope = lazily(() => request.rules.enter(above.scope(), place.path as TreePath, null));
  return withOwnIgnoreFile(request, { scope, ignoreFile: null, trusted: above.trusted }, place);
}

function withOwnIgnoreFile(request: WalkRequest, entered: Entered, { path, stat }: Place): Entered {
  const { root, disk, rules, knownIgnoreFiles } = request;
  if (!request.useIgnoreFiles) return entered;
  const before = knownIgnoreFiles?.get(path) ?? null;
  // A folder that has not moved has not got an ignore file either.
  if (before === null && entered.trusted && stat !== null && (request.known?.(path, stat) ?? null) !== null)
    return entered;
  // Inside what is kept or excluded as a whole, no ignore file has a say.
  const { inside } = entered.scope();
  if (inside === "kept" || inside === "excluded") return entered;
  const file = join(root, path, ".gitignore");
  const found = disk.lstat(file);
  const ignoreFile = found?.kind === "file" ? ignoreFileSignature(found) : null;
  const trusted = entered.trusted && before === ignoreFile;
  if (ignoreFile === null) return { ...entered, trusted };
  const below = path === "" ? 0 : path.length + 1;
  const scope = lazily(() => rules.withIgnoreFile(entered.scope(), below, () => readText(disk, file)));
  return { scope, ignoreFile, trusted };
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

export function ignoreFileSignature(stat: Stat): string {
  return [stat.ino, stat.sizeBytes, stat.mtimeMs, stat.ctimeMs].join(":");
}

function lookInto(request: WalkRequest, visit: Visit): WalkedFolder {
  const { path: folderPath, stat: folderStat, ignoreFile } = visit;
  const known = visit.trusted ? (request.known?.(folderPath, folderStat) ?? null) : null;
  const unmoved = known === null ? null : (request.unmoved?.(folderPath) ?? null);
  const own = { path: folderPath, stat: folderStat, ignoreFile };
  if (known !== null && unmoved !== null) {
    const { skipped } = known;
    return { ...own, names: [], folders: unmoved, skipped, readable: true, isKnown: true, isUnmoved: true };
  }
  const listed = known ?? listAndJudge(request, visit);
  const skipped = [...listed.skipped];
  const prefix = visit.path === "" ? "" : `${visit.path}/`;
  const absolute = `${request.root}/${prefix}`;
  const names: WalkedName[] = [];
  for (const [name, { verdict }] of listed.names) {
    const path = (prefix + name) as TreePath;
    const stat = lstatOrSkip(request.disk, absolute + name, path, skipped);
    if (stat === null) continue;
    if (stat.kind === "other") skipped.push({ path, why: "a fifo, a socket or a device" });
    else if (verdict === "keep" || stat.kind === "dir") names.push({ name, verdict, path, stat });
  }
  return {
    ...own,
    names,
    folders: names.filter(({ stat }) => stat.kind === "dir"),
    skipped,
    readable: !("unreadable" in listed),
    isKnown: known !== null,
    isUnmoved: false,
  };
}

function listAndJudge(request: WalkRequest, visit: Visit): Listed | (Listed & { unreadable: true }) {
  const prefix = visit.path === "" ? "" : `${visit.path}/`;
  let listing: Listing;
  try {
    listing = request.disk.list(join(request.root, visit.path));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return NOTHING_LISTED;
    if (!isSystemError(error, "EACCES", "EPERM", "EIO")) throw error;
    return { ...NOTHING_LISTED, skipped: [{ path: visit.path || ".", why: skipReason(error) }], unreadable: true };
  }
  const skipped = listing.undecodable.map(
    (name): SkippedName => ({ path: prefix + name, why: "name is not valid UTF-8" }),
  );
  const judged: [string, { verdict: KeptVerdict }][] = [];
  for (const { name, kind } of listing.names) {
    if (isOwnName(name)) continue;
    if (belongsToGit(name)) {
      if (name !== ".git") skipped.push({ path: prefix + name, why: "its name belongs to git" });
      continue;
    }
    const verdict = request.rules.judge(visit.scope(), (prefix + name) as TreePath, kind === "dir");
    if (verdict !== "drop") judged.push([name, { verdict }]);
  }
  return { names: new Map(judged.sort(([a], [b]) => (a < b ? -1 : 1))), skipped };
}

const NOTHING_LISTED: Listed = { names: new Map(), skipped: [] };

function lstatOrSkip(disk: Disk, absolute: string, path: TreePath, skipped: SkippedName[]): Stat | null {
  try {
    return disk.lstat(absolute);
  } catch (error) {
    if (!isSystemError(error, "EACCES", "EPERM", "EIO", "ENAMETOOLONG")) throw error;
    skipped.push({ path, why: skipReason(error) });
    return null;
  }
}

/** A failed system call, as the reason why a path was not remembered. */
export function skipReason(error: NodeJS.ErrnoException): string {
  return error.code === "EACCES" || error.code === "EPERM" ? "permission denied" : printableLine(error.message);
}

/** The text of an ignore file. One that cannot be read rules nothing, as with git. */
export function readText(disk: Disk, path: string): string {
  let fd: Fd;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error)) return "";
    throw error;
  }
  try {
    const bytes = Buffer.alloc(Math.min(disk.fstat(fd).sizeBytes, IGNORE_FILE_BYTES_MAX));
    return bytes.subarray(0, disk.read(fd, bytes, 0, bytes.length, 0)).toString("utf8");
  } finally {
    disk.close(fd);
  }
}

/** Git reads ignore files of any size; nobody writes larger ones. */
const IGNORE_FILE_BYTES_MAX = 1 << 20;
