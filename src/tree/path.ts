/**
 * The spelling of paths inside a tree: pure, no disk. What stands on the disk is looked at by `path-check.ts`.
 *
 * Invariant: a `TreePath` joined to the root names something below the root, and never git's own folder, on every file system
 * that Holdfast runs on – case-insensitive and Unicode-folding ones too. Names are kept byte for byte: NFC and NFD stay as they are.
 */

import { HoldfastError, LIMITS, printableLine, type TreePath } from "../base/index.ts";

/**
 * A relative path as somebody wrote it. A leading `./` and a trailing `/` are taken off; everything else must be canonical already.
 *
 * Throws `PATH_INVALID` (empty, NUL, too long, not valid Unicode, `a//b`, `a/./b`), `PATH_ESCAPES` (absolute, `..`),
 * `PATH_FORBIDDEN` (a segment that some file system takes for `.git`).
 */
export function parseTreePath(text: string): TreePath {
  if (text.startsWith("/")) throw pathError("PATH_ESCAPES", text, "is absolute");
  const path = text.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (path === "" || path === ".") throw pathError("PATH_INVALID", text, "names no path inside the tree");
  checkCharacters(path);
  for (const segment of path.split("/")) checkSegment(segment, path);
  return path as TreePath;
}

/** True when `path` is `folder` or stands below it. Both in one form: two tree paths, or two absolute ones. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/**
 * A name as the most forgiving file system compares it: without code points that HFS+ ignores, in compatibility form (full-width
 * letters), in one case, without the trailing dots and spaces that SMB drops. Two names that differ here differ everywhere.
 */
export function foldedName(name: string): string {
  const visible = name.replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return visible
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[. ]+$/, "");
}

export function pathError(
  code: "PATH_INVALID" | "PATH_ESCAPES" | "PATH_FORBIDDEN" | "PATH_THROUGH_LINK",
  path: string,
  why: string,
): HoldfastError {
  return new HoldfastError(code, `"${shortened(path)}" ${why}`, { data: { path: shortened(path) } });
}

/** Also used for paths outside the tree, which obey the same rules below their allowed folder. */
export function checkSegment(segment: string, path: string): void {
  if (segment === "") throw pathError("PATH_INVALID", path, "has an empty segment");
  if (segment === "..") throw pathError("PATH_ESCAPES", path, 'has a ".." segment');
  if (segment === ".") throw pathError("PATH_INVALID", path, 'has a "." segment');
  if (Buffer.byteLength(segment) > LIMITS.nameLengthBytesMax) {
    throw pathError("PATH_INVALID", path, `has a name longer than ${LIMITS.nameLengthBytesMax} bytes`);
  }
  if (isGitName(segment)) throw pathError("PATH_FORBIDDEN", path, "belongs to git");
}

export function checkCharacters(path: string): void {
  if (path.includes("\0")) throw pathError("PATH_INVALID", path, "contains NUL");
  // A lone surrogate has no UTF-8 form: Node would write U+FFFD instead, which is another name.
  if (!path.isWellFormed()) throw pathError("PATH_INVALID", path, "is not valid Unicode");
  if (Buffer.byteLength(path) > LIMITS.pathLengthBytesMax) {
    throw pathError("PATH_INVALID", path, `is longer than ${LIMITS.pathLengthBytesMax} bytes`);
  }
}

/** `.git` in any disguise: `.GIT`, `.g\u200cit` (HFS+), `.ｇｉｔ`, `.git. .` and `.git::$INDEX_ALLOCATION` (NTFS over SMB), `git~1` (its short name). */
function isGitName(segment: string): boolean {
  const bare = foldedName(segment).replace(/[. ]*:.*$/s, "");
  return bare === ".git" || /^git~\d+$/.test(bare);
}

/** Messages stay one readable line, whatever the path holds. */
function shortened(path: string): string {
  const line = printableLine(path.slice(0, 200).toWellFormed());
  return path.length > 200 ? `${line}…` : line;
}
