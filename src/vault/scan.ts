/**
 * Compares the tree with its signatures and takes in what changed: the gathering half of remembering.
 *
 * Nothing is noted or committed here, and the old signatures are not touched: whoever commits the result installs the new ones.
 * What changes during the scan is found by the next one, because its times are then doubtful.
 */

import { join } from "node:path";
import {
  ABSENT,
  type Entry,
  humanBytes,
  isSystemError,
  type PresentEntry,
  type Stat,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import {
  type FolderPath,
  isAtOrBelow,
  pathJudge,
  skipReason,
  type WalkedFolder,
  type WalkedName,
  type WalkRequest,
  walkTree,
} from "../tree/index.ts";
import type { Skipped } from "./contract.ts";
import { databaseNameOf, liveSidecarStats, sidecarsIn, withSidecars } from "./database.ts";
import type { ContentTaker, FileIntake } from "./file-intake.ts";
import { PackedFolder } from "./packed-folder.ts";
import { type Reading, readEntry } from "./read-entry.ts";
import {
  doubtfulSignature,
  entryOf,
  type FolderSignature,
  folderOf,
  joinedPath,
  lookOf,
  looksSame,
  type Signature,
  type Signatures,
  signatureOf,
  splitPath,
  UNKNOWN_LOOK,
} from "./signatures.ts";
import { type Standing, withOwnSidecars } from "./standing.ts";

export interface ScanParts {
  readonly walk: WalkRequest;
  readonly standing: Standing;
  readonly before: Signatures;
  /** Filled by the scan. */
  readonly after: Signatures;
  readonly intake: FileIntake;
  readonly sink: ContentTaker;
  /** Of files that are neither tracked nor protected nor precious; larger ones are skipped. */
  readonly maxFileBytes: number;
  readonly isTracked: (paths: readonly TreePath[]) => Promise<ReadonlySet<string>>;
  readonly clock: { now(): number; monotonicMs(): number; breathe(): Promise<void> };
  readonly onProgress: (files: number) => void;
  /** Read everything, whatever its signature says. */
  readonly deep?: boolean;
}

export class Scan {
  readonly #parts: ScanParts;
  readonly changed: { path: TreePath; entry: Entry }[] = [];
  readonly skipped: Skipped[] = [];
  readonly linked: TreePath[] = [];
  files = 0;
  bytes = 0;
  /** Those whose names are complete in `after`. */
  readonly walkedFolders = new Set<FolderPath>();
  readonly #oversized: WalkedName[] = [];
  readonly #judge: ReturnType<typeof pathJudge>;
  #sliceBeganMs: number;

  constructor(parts: ScanParts) {
    this.#parts = parts;
    this.#judge = pathJudge(parts.walk);
    this.#sliceBeganMs = parts.clock.monotonicMs();
  }

  /** Everything below a folder, and what is gone from there since the old signatures. */
  async folder(under: TreePath | null): Promise<void> {
    const { walk, before } = this.#parts;
    for (const walked of walkTree(under === null ? walk : { ...walk, under })) await this.#walked(walked);
    await this.#takeOversized();
    for (const [path, folder] of under === null || before.folders.has(under) ? before.folders : []) {
      if (under === null || isAtOrBelow(path, under)) this.#lookForGone(path, folder);
      if (this.#isSliceOver()) await this.#breathe();
    }
  }

  /** One path: a file, a link, a folder with all below it, or nothing (any more). */
  async path(path: TreePath): Promise<void> {
    const { walk, before } = this.#parts;
    const { folder, name } = splitPath(path);
    const database = databaseNameOf(name);
    if (database !== null && this.#parts.intake.beginsAsDatabase(joinedPath(folder, database)))
      return this.path(joinedPath(folder, database));
    const stat = this.#parts.standing.at(path);
    if (stat?.kind !== "dir" && before.folders.has(path)) {
      for (const [below, names] of before.folders) if (isAtOrBelow(below, path)) this.#lookForGone(below, names);
    }
    if (stat === null) return this.#gone(path);
    const verdict = this.#judge(path, stat.kind === "dir");
    if (verdict === "drop" || stat.kind === "other") {
      this.skipped.push({ path, why: verdict === "drop" ? "excluded" : "a fifo, a socket or a device" });
      return;
    }
    await this.#name({ name, path, stat: withOwnSidecars(path, stat, walk), verdict }, folder);
    if (stat.kind === "dir") await this.folder(path);
    await this.#takeOversized();
    if (this.#isSliceOver()) await this.#breathe();
  }

  async #walked(walked: WalkedFolder): Promise<void> {
    const { after, clock } = this.#parts;
    this.skipped.push(...walked.skipped);
    if (walked.ignoreFile !== null) after.ignoreFiles.set(walked.path, walked.ignoreFile);
    this.walkedFolders.add(walked.path);
    for (const { path, stat } of walked.names) if (stat.nlink > 1 && stat.kind === "file") this.linked.push(path);
    if (this.#takeOver(walked)) return this.#isSliceOver() ? this.#breathe() : undefined;
    const look = walked.readable ? lookOf(walked.stat, clock.now()) : UNKNOWN_LOOK;
    const own: FolderSignature = { look, names: new Map(), skipped: walked.skipped };
    after.folders.set(walked.path, own);
    const sidecars = sidecarsIn(walked.path, walked.names, this.#parts.intake);
    let kept = false;
    for (const name of walked.names) {
      if (sidecars.has(name.name)) {
        // It stays among the names, so that the next scan sees it beside its database again.
        own.names.set(name.name, doubtfulSignature(name.verdict));
        continue;
      }
      const beside =
        sidecars.size === 0 ? name.stat : withSidecars(name.stat, liveSidecarStats(walked.names, name.name));
      const work = this.#name(beside === name.stat ? name : { ...name, stat: beside }, walked.path);
      if (work !== null) await work;
      if (this.#isSliceOver()) await this.#breathe();
      kept ||= name.verdict === "keep";
    }
    if (kept) this.#keepFolder(walked.path, walked.stat);
    if (this.#isSliceOver()) await this.#breathe();
  }

  /** A folder of which nothing has moved goes over as it is, without a look at its names one by one. */
  #takeOver(walked: WalkedFolder): boolean {
    const { before, after, deep } = this.#parts;
    const known = before.folders.get(walked.path);
    if (deep || !walked.isKnown || !(known instanceof PackedFolder) || known.packed === null) return false;
    if (!walked.isUnmoved && !known.vouchesFor(walked.names)) return false;
    after.folders.set(walked.path, known);
    const { files, bytes } = known.totals();
    this.files += files;
    this.bytes += bytes;
    if (known.count > 0) this.#keepFolder(walked.path, walked.stat);
    return true;
  }

  #isSliceOver(): boolean {
    return this.#parts.clock.monotonicMs() - this.#sliceBeganMs > SLICE_MS;
  }

  async #breathe(): Promise<void> {
    this.#parts.onProgress(this.files);
    await this.#parts.clock.breathe();
    this.#sliceBeganMs = this.#parts.clock.monotonicMs();
  }

  /** Compares one name with its signature. Only what cannot be done at once answers with a promise. */
  #name(name: WalkedName, folder: FolderPath): Promise<void> | null {
    const { stat } = name;
    const known = this.#parts.before.folders.get(folder)?.names.get(name.name) ?? null;
    if (stat.kind === "dir") {
      const entry: PresentEntry = { kind: "dir", mode: name.verdict === "pass" ? -1 : stat.mode };
      this.#found(name, folder, known, entry, stat);
      return null;
    }
    const vouched =
      known !== null && known.kind === stat.kind && looksSame(known.look, stat) && entryOf(known) !== null;
    if (vouched && !this.#parts.deep) {
      this.#count(known);
      folderOf(this.#parts.after, folder).names.set(name.name, known);
      return null;
    }
    if (this.#isOversized(name)) {
      this.#oversized.push(name);
      return null;
    }
    return this.#read(name, folder, known);
  }

  #read(name: WalkedName, folder: FolderPath, known: Signature | null): Promise<void> | null {
    const reading = readEntry(name, this.#parts, this.#parts.deep && known !== null ? entryOf(known) : null);
    if (reading instanceof Promise) return reading.then((later) => this.#took(name, folder, known, later));
    this.#took(name, folder, known, reading);
    return this.#parts.sink.full ? this.#parts.sink.drained() : null;
  }

  #took(name: WalkedName, folder: FolderPath, known: Signature | null, reading: Reading): void {
    if (reading === null) return;
    if ("skip" in reading) {
      this.#skip(name, folder, reading.skip);
      return;
    }
    const { entry, stat, readAtMs, remark } = reading.read;
    if (remark !== null) this.skipped.push({ path: name.path, why: remark });
    this.#found(name, folder, known, entry, stat, readAtMs);
  }

  /** `stat: null`: what was read does not belong to any one look of the file. */
  #found(
    name: WalkedName,
    folder: FolderPath,
    known: Signature | null,
    entry: PresentEntry,
    stat: Stat | null,
    readAtMs = 0,
  ): void {
    const look = stat === null ? UNKNOWN_LOOK : lookOf(stat, readAtMs);
    const signature = signatureOf(entry, look, name.verdict);
    folderOf(this.#parts.after, folder).names.set(name.name, signature);
    this.#count(signature);
    const before = known === null ? null : entryOf(known);
    const now = entryOf(signature);
    if (now !== null && (before === null || !sameEntry(before, now)))
      this.changed.push({ path: name.path, entry: now });
  }

  #count(signature: Signature): void {
    if (signature.kind === "dir") return;
    this.files += 1;
    this.bytes += signature.sizeBytes;
  }

  /** A folder that is walked through only, and holds something kept, is remembered for its mode. */
  #keepFolder(path: FolderPath, stat: Stat): void {
    const { after, before, walk } = this.#parts;
    if (path === "") return;
    const { folder, name } = splitPath(path);
    const above = after.folders.get(folder);
    // A folder that was taken over passes through nothing.
    if (above instanceof PackedFolder && above.packed !== null) return;
    const own = above?.names.get(name);
    if (own?.verdict !== "pass" || own.mode !== -1) return;
    this.#found(
      { name, path, stat, verdict: "pass" },
      folder,
      before.folders.get(folder)?.names.get(name) ?? null,
      { kind: "dir", mode: stat.mode },
      stat,
    );
    const parent = folder === "" ? null : walk.disk.lstat(join(walk.root, folder));
    if (parent !== null) this.#keepFolder(folder, parent);
  }

  #isOversized({ path, stat, verdict }: WalkedName): boolean {
    const { maxFileBytes, walk } = this.#parts;
    return verdict === "keep" && stat.kind === "file" && stat.sizeBytes > maxFileBytes && !walk.rules.isOfAnySize(path);
  }

  async #takeOversized(): Promise<void> {
    if (this.#oversized.length === 0) return;
    const oversized = this.#oversized.splice(0);
    const tracked = await this.#parts.isTracked(oversized.map(({ path }) => path));
    for (const name of oversized) {
      const { folder } = splitPath(name.path);
      if (tracked.has(name.path))
        await this.#read(name, folder, this.#parts.before.folders.get(folder)?.names.get(name.name) ?? null);
      else this.#skip(name, folder, `over maxFile (${humanBytes(name.stat.sizeBytes)})`);
    }
  }

  #lookForGone(path: FolderPath, folder: FolderSignature): void {
    if (this.#parts.after.folders.get(path) === folder) return;
    const now = this.#parts.after.folders.get(path)?.names;
    for (const name of folder.names.keys()) if (now?.has(name) !== true) this.#gone(joinedPath(path, name));
  }

  /** Notes that a path is absent, if it is: what the rules now leave out is still there, and keeps its last version. */
  #gone(path: TreePath): void {
    try {
      if (this.#parts.standing.at(path) === null) this.changed.push({ path, entry: ABSENT });
    } catch (error) {
      if (!isSystemError(error, "EACCES", "EPERM", "EIO")) throw error;
      this.skipped.push({ path, why: skipReason(error) });
    }
  }

  /** It stays among the signatures, so that the next scan looks again even if its folder does not move. */
  #skip(name: WalkedName, folder: FolderPath, why: string): void {
    this.skipped.push({ path: name.path, why });
    folderOf(this.#parts.after, folder).names.set(name.name, doubtfulSignature(name.verdict));
  }
}

const SLICE_MS = 4;
