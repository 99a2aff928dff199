/** Unified diffs, git's and others', applied to whole files. `unified-parts.ts` reads them. */

import { applyHunk, finished, type Progress } from "./hunk.ts";
import { byteString, bytesOf, splitLines } from "./lines.ts";
import { patchFailed } from "./patch-failed.ts";
import type { FileContent, PatchedFiles } from "./patched-files.ts";
import { type FilePart, parseUnified } from "./unified-parts.ts";

/** `WO_PATCH_FAILED` naming file, hunk and the patch's line. */
export function applyUnifiedPatch(
  request: { patch: string; path: string | null; fuzz: number },
  files: PatchedFiles,
): void {
  const parts = parseUnified(request.patch);
  for (const part of parts) applyPart(named(part, request.path, parts.length), files, request.fuzz);
}

function applyPart(part: FilePart, files: PatchedFiles, fuzz: number): void {
  const { from, to } = part;
  if (from === null) createFile(part, files, fuzz);
  else if (to === null) removeFile(part, files, fuzz);
  else if (from === to || !part.isRename) changeFile(part, files, fuzz);
  else moveFile(part, files, fuzz);
}

function createFile(part: FilePart, files: PatchedFiles, fuzz: number): void {
  const to = part.to!;
  if (files.read(to)) throw refused(part, `${to} is to be created, and is there already`);
  files.write(to, patched(part, to, { bytes: Buffer.alloc(0), mode: 0o644 }, { files, fuzz }), part.mode);
}

/** Two names that git does not call a rename are one file's old and new copy (`x.orig`, `x`): the one that is there is meant. */
function changeFile(part: FilePart, files: PatchedFiles, fuzz: number): void {
  const path = files.read(part.to!) ? part.to! : part.from!;
  files.write(path, patched(part, path, mustRead(part, path, files), { files, fuzz }), part.mode);
}

function moveFile(part: FilePart, files: PatchedFiles, fuzz: number): void {
  const from = part.from!;
  const to = part.to!;
  const file = mustRead(part, from, files);
  const bytes = patched(part, from, file, { files, fuzz });
  if (files.read(to)) throw refused(part, `${to} is to be the new name of ${from}, and is there already`);
  if (!part.isCopy) files.remove(from);
  files.write(to, bytes, part.mode ?? file.mode);
}

function removeFile(part: FilePart, files: PatchedFiles, fuzz: number): void {
  const from = part.from!;
  const file = mustRead(part, from, files);
  if (patched(part, from, file, { files, fuzz }).length > 0) {
    throw refused(part, `${from} is to be deleted, and holds more than the patch takes away`);
  }
  files.remove(from);
}

function mustRead(part: FilePart, path: string, files: PatchedFiles): FileContent {
  const file = files.read(path);
  if (!file) throw refused(part, `${path} is to be changed, and is not there`);
  return file;
}

function patched(
  part: FilePart,
  path: string,
  file: FileContent,
  { files, fuzz }: { files: PatchedFiles; fuzz: number },
): Buffer {
  const progress: Progress = { lines: splitLines(byteString(file.bytes)), next: 0, shift: 0, output: [] };
  for (const hunk of part.hunks) {
    const warning = applyHunk(hunk, progress, { path, fuzz });
    if (warning !== null) files.warnings.push(warning);
  }
  return bytesOf(finished(progress, path));
}

/** The order may name the file: it must where the patch does not, and may be more exact, but not say something else. */
function named(part: FilePart, path: string | null, parts: number): FilePart {
  if (part.isNameless) {
    if (path === null) throw refused(part, "the patch names no file, and the order neither");
    return { ...part, from: path, to: path };
  }
  if (path === null || parts > 1 || (part.from !== null && part.to !== null && part.from !== part.to)) return part;
  const own = (part.to ?? part.from)!.replace(/^\.\//, "");
  const given = path.replace(/^\.\//, "");
  if (given === own) return part;
  if (!given.endsWith(`/${own}`)) throw refused(part, `the patch is for ${own}, the order names ${given}`);
  if (given.startsWith("/") || given.startsWith("~")) return part;
  return { ...part, from: part.from === null ? null : given, to: part.to === null ? null : given };
}

function refused({ patchLine }: FilePart, message: string): Error {
  return patchFailed(`${message} (line ${patchLine} of the patch)`, { line: patchLine });
}
