/**
 * Exact-match edits on bytes: what was to be found is there exactly as often as was said, or nothing changes.
 *
 * No normalising, no fuzz: line ends, tabs and composed characters must be the file's. When they are not, the hint says so.
 */

import { HoldfastError } from "../../base/index.ts";
import { byteString, byteStringOf, bytesOf, readable } from "./lines.ts";

export interface Edit {
  path: string;
  find: string;
  replace: string;
  /** `null`: exactly one match; `n`: exactly n; `"all"`: at least one. */
  count: number | "all" | null;
  /** Puts `replace` beside the match: whole lines (text that ends in a newline) beside its lines, other text right at it. */
  insert?: "after" | "before";
}

/** `WO_EDIT_NO_MATCH` with the nearest line, `WO_EDIT_MANY_MATCHES` with the lines of all matches. */
export function applyEdit(bytes: Uint8Array, edit: Edit): Buffer {
  const file = byteString(bytes);
  const find = byteStringOf(edit.find);
  const matches = matchesOf(file, find);
  if (matches.length === 0) throw noMatch(file, edit);
  const wanted = edit.count ?? 1;
  if (wanted !== "all" && matches.length !== wanted) throw wrongCount(file, edit, { matches, wanted });
  const pieces: string[] = [];
  let done = 0;
  for (const match of matches) {
    const { from, to, text } = placed(file, edit, { from: match, to: match + find.length });
    // Two matches in one line share the place of an insertion of whole lines: it is made once for each.
    pieces.push(file.slice(done, Math.max(done, from)), text);
    done = Math.max(done, to);
  }
  pieces.push(file.slice(done));
  return bytesOf(pieces.join(""));
}

interface Span {
  from: number;
  to: number;
}

/** What of the file gives way to which text. */
function placed(file: string, edit: Edit, match: Span): Span & { text: string } {
  const text = byteStringOf(edit.replace);
  if (edit.insert === undefined) return { ...match, text };
  const isWholeLines = text.endsWith("\n");
  if (edit.insert === "before") {
    const at = isWholeLines ? file.lastIndexOf("\n", match.from - 1) + 1 : match.from;
    return { from: match.from === 0 ? 0 : at, to: match.from === 0 ? 0 : at, text };
  }
  if (!isWholeLines || file[match.to - 1] === "\n") return { from: match.to, to: match.to, text };
  const lineEnd = file.indexOf("\n", match.to);
  if (lineEnd !== -1) return { from: lineEnd + 1, to: lineEnd + 1, text };
  return { from: file.length, to: file.length, text: `\n${text}` };
}

function matchesOf(file: string, find: string): number[] {
  const matches: number[] = [];
  for (let at = file.indexOf(find); at !== -1; at = file.indexOf(find, at + find.length)) matches.push(at);
  return matches;
}

function wrongCount(
  file: string,
  edit: Edit,
  { matches, wanted }: { matches: number[]; wanted: number },
): HoldfastError {
  const lines = matches.map((match) => lineAt(file, match));
  const shown = lines.slice(0, 20).join(", ") + (lines.length > 20 ? " …" : "");
  const code = matches.length > wanted ? "WO_EDIT_MANY_MATCHES" : "WO_EDIT_NO_MATCH";
  return new HoldfastError(code, `${edit.path}: ${matches.length} matches, ${wanted} expected; in lines ${shown}`, {
    hint: matches.length > wanted ? "give more of the text around it, or `count`" : "correct `count`",
    data: { path: edit.path, matches: matches.length, expected: wanted, lines: lines.slice(0, 1_000) },
  });
}

function noMatch(file: string, edit: Edit): HoldfastError {
  const near = nearest(file, edit.find);
  const hint = near === null ? undefined : { hint: near.why };
  return new HoldfastError(
    "WO_EDIT_NO_MATCH",
    `${edit.path}: the text to find is not there${near?.line ? `; nearest is line ${near.line}` : ""}`,
    {
      ...hint,
      data: { path: edit.path, ...(near?.line ? { nearestLine: near.line } : {}) },
    },
  );
}

/** Why it was missed, where that can be told: line ends, white space, case, composed characters, one differing line. */
function nearest(file: string, find: string): { line: number | null; why: string } | null {
  const wanted = byteStringOf(find);
  const unix = matchesOf(file.replaceAll("\r\n", "\n"), wanted.replaceAll("\r\n", "\n"))[0];
  if (unix !== undefined) {
    const ends = file.includes("\r\n")
      ? "the file's lines end in CRLF, those of the text to find in LF"
      : "the file's lines end in LF, those of the text to find in CRLF";
    return { line: lineAt(file.replaceAll("\r\n", "\n"), unix), why: ends };
  }
  const text = readable(file);
  for (const { fold, why } of FOLDS) {
    const at = fold(text).indexOf(fold(find));
    if (at !== -1 && fold(find).trim() !== "")
      return { line: why.keepsLines ? lineAt(fold(text), at) : null, why: why.says };
  }
  return nearestLine(text, find);
}

const FOLDS = [
  {
    fold: (text: string) =>
      text
        .replace(/[ \t]+/g, " ")
        .replace(/ +$/gm, "")
        .replace(/^ +/gm, ""),
    why: { says: "only white space differs", keepsLines: true },
  },
  { fold: (text: string) => text.toLowerCase(), why: { says: "only upper and lower case differ", keepsLines: true } },
  {
    fold: (text: string) => text.normalize("NFC"),
    why: { says: "only the Unicode form (composed or decomposed) differs", keepsLines: true },
  },
];

/** The line that shares the longest beginning, half of it at least, with the first line to find. */
function nearestLine(text: string, find: string): { line: number; why: string } | null {
  const first =
    find
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? "";
  let best = { shared: 0, line: 0 };
  text.split("\n").forEach((candidate, index) => {
    const trimmed = candidate.trim();
    let shared = 0;
    while (shared < first.length && trimmed[shared] === first[shared]) shared += 1;
    if (shared > best.shared) best = { shared, line: index + 1 };
  });
  if (best.shared === 0 || best.shared < first.length / 2) return null;
  return { line: best.line, why: `line ${best.line} begins alike; compare it with the text to find` };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
