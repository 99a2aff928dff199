/**
 * What each remembered path looked like when it was last read: a cache, like git's index. The truth is in the store.
 *
 * Invariant: a signature that equals the file's present one vouches for the noted state. So one whose times lie within a clock
 * tick of the reading is *doubtful* (the file may be written again without its times moving) and never equals anything.
 */

import type { Digest, PresentEntry, Stat, TreePath } from "../base/index.ts";
import type { FolderPath, KeptVerdict, SkippedName } from "../tree/index.ts";
import type { PackedFile } from "./packed-folder.ts";

export interface Signature {
  readonly verdict: KeptVerdict;
  readonly kind: "file" | "dir" | "link";
  /** -1: not known, or a folder that is only passed through and not noted. */
  readonly mode: number;
  /** Of the content as remembered (a copied database has another size than its file). */
  readonly sizeBytes: number;
  readonly look: Look;
  /** Of a file; `null` for others, and for what must be noted whatever it is. */
  readonly digest: Digest | null;
  readonly target: string | null;
}

/** What `lstat` told. `mtimeMs` is NaN when it is doubtful: equal to nothing, itself included. */
export interface Look {
  readonly ino: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** In the order of their numbers in the signatures' file. */
export const signatureKinds = ["file", "dir", "link"] as const;

export interface FolderSignature {
  readonly look: Look;
  readonly names: Map<string, Signature>;
  /** What could not be remembered of it, named again with each walk. */
  readonly skipped: readonly SkippedName[];
}

export interface Signatures {
  /** The vault's head when they were taken, and that moment's id: others of another vault vouch for nothing. */
  upTo: number;
  momentId: string;
  /** Of rules and settings: with another key, no listing is taken over. */
  rulesKey: string;
  folders: Map<FolderPath, FolderSignature>;
  ignoreFiles: Map<FolderPath, string>;
  /** What the walk keeps beside (`GitIgnoring`), as it gave it. */
  extra: unknown;
  /** That they were read from, or last written to; `null`: none. */
  file: PackedFile | null;
}

export function noSignatures(): Signatures {
  return { upTo: 0, momentId: "", rulesKey: "", folders: new Map(), ignoreFiles: new Map(), extra: null, file: null };
}

/** The kernel's clock moves in steps of up to 10 ms, and lags behind ours by as much. */
const CLOCK_TICK_MS = 20;
/** File systems that keep whole seconds keep them in steps of up to two. */
const COARSE_TICK_MS = 2_010;

/** `readAtMs`: a moment before the first byte was read. */
export function lookOf(stat: Stat, readAtMs: number): Look {
  const { ino, sizeBytes, mtimeMs, ctimeMs } = stat;
  const coarse = Number.isInteger(mtimeMs / 1_000) && Number.isInteger(ctimeMs / 1_000);
  const doubtful = Math.max(mtimeMs, ctimeMs) > readAtMs - (coarse ? COARSE_TICK_MS : CLOCK_TICK_MS);
  return { ino, sizeBytes, mtimeMs: doubtful ? Number.NaN : mtimeMs, ctimeMs };
}

export const UNKNOWN_LOOK: Look = { ino: 0, sizeBytes: 0, mtimeMs: Number.NaN, ctimeMs: 0 };

export function looksSame(look: Look, stat: Stat): boolean {
  return (
    look.mtimeMs === stat.mtimeMs &&
    look.ctimeMs === stat.ctimeMs &&
    look.ino === stat.ino &&
    look.sizeBytes === stat.sizeBytes
  );
}

export function entryOf(signature: Signature): PresentEntry | null {
  if (signature.mode === -1) return null;
  if (signature.kind === "dir") return { kind: "dir", mode: signature.mode };
  if (signature.kind === "link") return signature.target === null ? null : { kind: "link", target: signature.target };
  const { digest, sizeBytes, mode } = signature;
  return digest === null ? null : { kind: "file", digest, sizeBytes, mode };
}

export function signatureOf(entry: PresentEntry, look: Look, verdict: KeptVerdict = "keep"): Signature {
  return {
    verdict,
    kind: entry.kind,
    look,
    mode: entry.kind === "link" ? 0 : entry.mode,
    sizeBytes: entry.kind === "file" ? entry.sizeBytes : 0,
    digest: entry.kind === "file" ? entry.digest : null,
    target: entry.kind === "link" ? entry.target : null,
  };
}

/** Of something that is there and was not remembered: looked at again with each scan. */
export function doubtfulSignature(verdict: KeptVerdict): Signature {
  return { verdict, kind: "file", mode: -1, sizeBytes: 0, look: UNKNOWN_LOOK, digest: null, target: null };
}

/** All that is known from the store alone: every state, and no look that vouches for it. */
export function signaturesFromStates(states: Iterable<{ path: TreePath; entry: PresentEntry }>): Signatures {
  const signatures = noSignatures();
  for (const { path, entry } of states) {
    folderOf(signatures, splitPath(path).folder).names.set(splitPath(path).name, signatureOf(entry, UNKNOWN_LOOK));
  }
  return signatures;
}

/** Something else noted a state of `path`: whatever is found there is noted again, and the store tells whether it is news. */
export function doubt(signatures: Signatures, path: TreePath): void {
  const { folder, name } = splitPath(path);
  const { names } = folderOf(signatures, folder);
  const known = names.get(name);
  // Unknown here does not mean gone: it came since the last look, and may have gone again.
  if (known === undefined) names.set(name, doubtfulSignature("keep"));
  else names.set(name, { ...known, look: UNKNOWN_LOOK, digest: null, target: null, mode: -1 });
}

/** Made with all folders above it when it is new: so a path that is no key has nothing below it either. */
export function folderOf(signatures: Pick<Signatures, "folders">, path: FolderPath): FolderSignature {
  let folder = signatures.folders.get(path);
  if (folder === undefined) {
    if (path !== "") folderOf(signatures, splitPath(path).folder);
    folder = { look: UNKNOWN_LOOK, names: new Map(), skipped: [] };
    signatures.folders.set(path, folder);
  }
  return folder;
}

export function splitPath(path: TreePath): { folder: FolderPath; name: string } {
  const at = path.lastIndexOf("/");
  return at < 0 ? { folder: "", name: path } : { folder: path.slice(0, at) as TreePath, name: path.slice(at + 1) };
}

export function joinedPath(folder: FolderPath, name: string): TreePath {
  return (folder === "" ? name : `${folder}/${name}`) as TreePath;
}
