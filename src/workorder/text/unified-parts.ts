/**
 * Reads a unified diff: which files, which hunks.
 *
 * A hunk's header says how many lines it has; a body with others is refused, since nobody can say which of both was meant.
 */

import type { Hunk } from "./hunk.ts";
import { byteStringOf, readable, splitLines } from "./lines.ts";
import { patchFailed } from "./patch-failed.ts";

/** What a patch says of one file. */
export interface FilePart {
  /** `null`: it is created. */
  from: string | null;
  /** `null`: it is deleted. */
  to: string | null;
  /** Hunks without any header above them: the order has to name the file. */
  isNameless: boolean;
  /** By git's word, not by two different names alone. */
  isRename: boolean;
  isCopy: boolean;
  /** Permission bits that the file shall have; `null`: not said. */
  mode: number | null;
  hunks: Hunk[];
  patchLine: number;
}

export function parseUnified(patch: string): FilePart[] {
  const reader = new UnifiedReader(splitLines(byteStringOf(patch)));
  const parts: FilePart[] = [];
  while (!reader.isAtEnd) {
    const part = reader.part();
    if (part) parts.push(part);
  }
  if (parts.length > 0) return parts;
  throw patchFailed(
    "the patch has no hunk: no line begins with `@@ -`",
    {},
    "give a unified diff, or the `*** Begin Patch` form",
  );
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

class UnifiedReader {
  readonly #lines: string[];
  #at = 0;

  constructor(lines: string[]) {
    this.#lines = lines;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#lines.length;
  }

  /** The next file's part, or `null` after a line that is neither header nor hunk (a commit's message, `Index:`). */
  part(): FilePart | null {
    const line = this.#line();
    const patchLine = this.#at + 1;
    if (line.startsWith("diff --git ")) return this.#gitPart(line, patchLine);
    if (line.startsWith("--- ") && this.#line(1).startsWith("+++ ")) {
      const part = emptyPart(patchLine);
      this.#names(part);
      part.hunks = this.#hunks();
      if (part.hunks.length === 0)
        throw patchFailed(`the part for ${part.to ?? part.from} has no hunk`, { line: patchLine });
      return part;
    }
    if (line.startsWith("@@")) return { ...emptyPart(patchLine), isNameless: true, hunks: this.#hunks() };
    if (line.startsWith("Binary files ") || line.startsWith("GIT binary patch")) throw binary(patchLine);
    this.#at += 1;
    return null;
  }

  #line(ahead = 0): string {
    return (this.#lines[this.#at + ahead] ?? "").replace(/\r?\n$/, "");
  }

  #gitPart(first: string, patchLine: number): FilePart {
    const part = emptyPart(patchLine);
    const both = namesOfGitLine(first.slice("diff --git ".length));
    if (both) Object.assign(part, both);
    this.#at += 1;
    while (!this.isAtEnd && this.#gitHeader(part)) this.#at += 1;
    if (this.#line().startsWith("--- ") && this.#line(1).startsWith("+++ ")) this.#names(part);
    part.hunks = this.#hunks();
    if (part.from === null && part.to === null)
      throw patchFailed("a part of the patch names no file", { line: patchLine });
    return part;
  }

  /** True for a line of git's extended header. */
  #gitHeader(part: FilePart): boolean {
    const line = this.#line();
    const [, word = "", value = ""] =
      /^(new file mode|deleted file mode|old mode|new mode|rename from|rename to|copy from|copy to|similarity index|dissimilarity index|index) (.*)$/.exec(
        line,
      ) ?? [];
    if (line.startsWith("Binary files ") || line.startsWith("GIT binary patch")) throw binary(this.#at + 1);
    if (word === "") return false;
    if (word === "new file mode") Object.assign(part, { from: null, mode: permissions(value, this.#at + 1) });
    if (word === "new mode") part.mode = permissions(value, this.#at + 1);
    if (word === "deleted file mode") part.to = null;
    if (word === "rename from" || word === "copy from") part.from = unquoted(value);
    if (word === "rename to" || word === "copy to") part.to = unquoted(value);
    if (word === "rename from" || word === "copy from") part.isRename = true;
    if (word === "copy from") part.isCopy = true;
    return true;
  }

  /** From `--- ` and `+++ `. What git's own header said of creation, deletion and renames holds. */
  #names(part: FilePart): void {
    const from = headerName(this.#line().slice(4));
    const to = headerName(this.#line(1).slice(4));
    this.#at += 2;
    const [strippedFrom, strippedTo] = withoutPrefixes(from, to);
    if (part.isRename) return;
    part.from = strippedFrom;
    part.to = strippedTo;
  }

  #hunks(): Hunk[] {
    const hunks: Hunk[] = [];
    while (this.#line().startsWith("@@")) hunks.push(this.#hunk(hunks.length + 1));
    return hunks;
  }

  #hunk(number: number): Hunk {
    const patchLine = this.#at + 1;
    const match = HUNK.exec(this.#line());
    if (!match) {
      throw patchFailed(
        `hunk ${number} (line ${patchLine} of the patch) has no line numbers`,
        { hunk: number, line: patchLine },
        "write it as `@@ -12,3 +12,4 @@`",
      );
    }
    const said = { old: Number(match[2] ?? 1), new: Number(match[4] ?? 1) };
    this.#at += 1;
    const bodyAt = this.#at;
    const lines: Hunk["lines"] = [];
    const left = { ...said };
    while (left.old > 0 || left.new > 0) {
      const line = this.#bodyLine();
      if (line) {
        if (line.kind !== "+") left.old -= 1;
        if (line.kind !== "-") left.new -= 1;
      }
      if (!line || left.old < 0 || left.new < 0) throw this.#countsLie(number, patchLine, bodyAt, said);
      lines.push(line);
      this.#noEnd(lines);
    }
    if (/^[ +-]/.test(this.#line()) && !this.#isHeader()) throw this.#countsLie(number, patchLine, bodyAt, said);
    // A hunk without old lines names the line that it goes after.
    return { number, patchLine, start: said.old === 0 ? Number(match[1]) : Number(match[1]) - 1, lines };
  }

  #bodyLine(): Hunk["lines"][number] | null {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    // Editors and models strip the one space of an empty context line.
    const text = line === "\n" || line === "\r\n" ? ` ${line}` : line;
    const kind = text[0];
    if (kind !== " " && kind !== "+" && kind !== "-") return null;
    this.#at += 1;
    return { kind, text: text.slice(1).endsWith("\n") ? text.slice(1) : `${text.slice(1)}\n` };
  }

  /** `\ No newline at end of file` speaks of the line before it. */
  #noEnd(lines: Hunk["lines"]): void {
    if (!this.#line().startsWith("\\")) return;
    this.#at += 1;
    const last = lines.at(-1);
    if (last) last.text = last.text.replace(/\r?\n$/, (end) => (end === "\r\n" ? "\r" : ""));
  }

  /** After a complete hunk, `--- x` and `+++ y` begin the next file. */
  #isHeader(): boolean {
    return (this.#line().startsWith("--- ") && this.#line(1).startsWith("+++ ")) || this.#line() === "-- ";
  }

  #countsLie(hunk: number, patchLine: number, bodyAt: number, said: { old: number; new: number }): Error {
    this.#at = bodyAt;
    const real = { old: 0, new: 0 };
    for (
      let line = this.#bodyLine();
      line && !(line.kind === "-" && this.#line(-1).startsWith("--- "));
      line = this.#bodyLine()
    ) {
      if (line.kind !== "+") real.old += 1;
      if (line.kind !== "-") real.new += 1;
    }
    const header = `hunk ${hunk} (line ${patchLine} of the patch) says ${said.old} old and ${said.new} new lines`;
    return patchFailed(
      `${header}, its body has ${real.old} and ${real.new}`,
      { hunk, line: patchLine, said, real },
      "correct the counts after `@@`",
    );
  }
}

function emptyPart(patchLine: number): FilePart {
  return { from: null, to: null, isNameless: false, isRename: false, isCopy: false, mode: null, hunks: [], patchLine };
}

function binary(line: number): Error {
  return patchFailed(
    `the patch changes a binary file (line ${line})`,
    { line },
    "write the file with `files` and `encoding: base64`",
  );
}

/** `100755` → 0o755. Links and submodules are no files. */
function permissions(mode: string, line: number): number {
  if (/^100[0-7]{3}$/.test(mode.trim())) return Number.parseInt(mode.trim().slice(3), 8);
  throw patchFailed(
    `the patch makes something that is no regular file: mode ${mode} (line ${line})`,
    { line },
    "use the operation symlink",
  );
}

/** `a/src/x.ts<TAB>2025-01-01 …` → `a/src/x.ts`; `/dev/null` → `null`. */
function headerName(text: string): string | null {
  const name = text.startsWith('"')
    ? unquoted(text.replace(/\t.*$/, ""))
    : readable(text.replace(/\t.*$/, "").trimEnd());
  return name === "/dev/null" ? null : name;
}

/** C-style quotes as git writes them: `"a/\303\244.txt"`. The octal escapes are bytes. */
function unquoted(text: string): string {
  const quoted = /^"(.*)"$/.exec(text.trim());
  if (!quoted) return readable(text.trimEnd());
  const letters: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
  return readable(
    quoted[1]!.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code),
    ),
  );
}

/** `a/x` and `b/x` as git writes them; other names are what they are. */
function withoutPrefixes(from: string | null, to: string | null): [string | null, string | null] {
  const isPrefixed =
    (from === null || /^[aciow]\//.test(from)) && (to === null || /^[bciow]\//.test(to)) && from?.[0] !== to?.[0];
  return isPrefixed ? [from?.slice(2) ?? null, to?.slice(2) ?? null] : [from, to];
}

/** `a/x b/x`: both names are the same here, or a later header tells them; names may hold spaces. */
function namesOfGitLine(text: string): { from: string; to: string } | null {
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(text);
  const half = (text.length - 1) / 2;
  const pair = quoted
    ? [quoted[1]!, quoted[2]!]
    : Number.isInteger(half)
      ? [text.slice(0, half), text.slice(half + 1)]
      : null;
  if (!pair) return null;
  const [from, to] = withoutPrefixes(unquoted(pair[0]!), unquoted(pair[1]!));
  return { from: from!, to: to! };
}
