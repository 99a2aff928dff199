/**
 * The `*** Begin Patch` form that coding agents write: files named, no line numbers, context instead.
 *
 * A hunk goes to the first place below the one before it where its `@@` lines, then its old lines stand. Without an `@@` line that place
 * must be the only one.
 */

import { byteString, byteStringOf, bytesOf, readable, splitLines } from "./lines.ts";
import { patchFailed } from "./patch-failed.ts";
import type { PatchedFiles } from "./patched-files.ts";

export function isBeginPatch(patch: string): boolean {
  return /^\s*\*\*\* Begin Patch\s*(\r?\n|$)/.test(patch);
}

/** `WO_PATCH_FAILED` naming file, hunk and the patch's line. */
export function applyBeginPatch(patch: string, files: PatchedFiles): void {
  for (const part of new BeginReader(patch).parts()) {
    const file = files.read(part.path);
    if (part.kind === "add") {
      if (file) throw refused(part, `${part.path} is to be added, and is there already`);
      files.write(part.path, bytesOf(part.added.join("")), null);
      continue;
    }
    if (!file) throw refused(part, `${part.path} is not there`);
    if (part.kind === "delete") {
      files.remove(part.path);
      continue;
    }
    const bytes = bytesOf(updated(part, byteString(file.bytes)));
    if (part.moveTo === null) {
      files.write(part.path, bytes, null);
      continue;
    }
    if (files.read(part.moveTo)) throw refused(part, `${part.moveTo} is to be moved to, and is there already`);
    files.remove(part.path);
    files.write(part.moveTo, bytes, file.mode);
  }
}

interface Part {
  kind: "add" | "update" | "delete";
  path: string;
  moveTo: string | null;
  /** Lines of a new file, with their ends. */
  added: string[];
  chunks: Chunk[];
  patchLine: number;
}

interface Chunk {
  number: number;
  patchLine: number;
  /** What stands after `@@`: lines that the chunk is below. */
  headings: string[];
  /** Lines without their ends. */
  old: string[];
  new: string[];
  isAtEnd: boolean;
}

function updated(part: Part, file: string): string {
  const end = file.includes("\r\n") ? "\r\n" : "\n";
  const hasLastEnd = file === "" || file.endsWith("\n");
  const lines = splitLines(file).map((line) => line.replace(/\n$/, ""));
  let from = 0;
  for (const chunk of part.chunks) {
    for (const heading of chunk.headings) from = below(part, chunk, { lines, from, heading });
    const at = chunk.old.length === 0 ? insertionPoint(chunk, lines, from) : place(part, chunk, { lines, from });
    // New lines end as those around them do; a file that mixes ends keeps each old line's own.
    const added = chunk.new.map((line) =>
      end === "\r\n" && !line.endsWith("\r") && chunk.old.length === 0 ? `${line}\r` : line,
    );
    lines.splice(at, chunk.old.length, ...added);
    from = at + added.length;
  }
  return lines.length === 0 ? "" : lines.join("\n") + (hasLastEnd ? "\n" : "");
}

function insertionPoint(chunk: Chunk, lines: string[], from: number): number {
  return chunk.headings.length > 0 && !chunk.isAtEnd ? from : lines.length;
}

function below(
  part: Part,
  chunk: Chunk,
  { lines, from, heading }: { lines: string[]; from: number; heading: string },
): number {
  const exact = lines.indexOf(heading, from);
  const at = exact === -1 ? lines.findIndex((line, index) => index >= from && line.trim() === heading.trim()) : exact;
  if (at !== -1) return at + 1;
  throw chunkRefused(part, chunk, `the line ${JSON.stringify(readable(heading))} after @@ is not in the file`);
}

function place(part: Part, chunk: Chunk, { lines, from }: { lines: string[]; from: number }): number {
  const { old } = chunk;
  const fits = (at: number) => old.every((line, index) => lines[at + index] === line);
  if (chunk.isAtEnd) {
    const at = lines.length - old.length;
    if (at >= from && fits(at)) return at;
    throw chunkRefused(part, chunk, "its lines are not at the end of the file");
  }
  const places: number[] = [];
  for (let at = from; at + old.length <= lines.length; at += 1) if (fits(at)) places.push(at);
  if (places.length === 0) throw chunkRefused(part, chunk, missing(lines, old), lineEndHint(lines, old));
  if (places.length > 1 && chunk.headings.length === 0) {
    const shown = places.slice(0, 10).map((at) => at + 1);
    throw chunkRefused(
      part,
      chunk,
      `its lines stand in several places: lines ${shown.join(", ")}`,
      "give more context, or an `@@` line",
    );
  }
  return places[0]!;
}

function missing(lines: string[], old: string[]): string {
  const absent = old.find((line) => !lines.includes(line));
  return absent === undefined
    ? "its lines are not together in the file"
    : `the line ${JSON.stringify(readable(absent))} is not in the file`;
}

function lineEndHint(lines: string[], old: string[]): string | undefined {
  if (!lines.some((line) => line.endsWith("\r")) || old.some((line) => line.endsWith("\r"))) return undefined;
  return "the file's lines end in CRLF, the patch's in LF";
}

const PART = /^\*\*\* (Add|Update|Delete) File: (.+)$/;

class BeginReader {
  readonly #lines: string[];
  #at = 0;

  constructor(patch: string) {
    this.#lines = splitLines(byteStringOf(patch)).map((line) => line.replace(/\n$/, ""));
  }

  parts(): Part[] {
    while (this.#directive() !== "*** Begin Patch") this.#at += 1;
    this.#at += 1;
    const parts: Part[] = [];
    while (this.#directive() !== "*** End Patch") {
      if (this.#at >= this.#lines.length) throw this.#refuse("the patch ends without `*** End Patch`");
      if (this.#directive() === "") this.#at += 1;
      else parts.push(this.#part());
    }
    return parts;
  }

  /** The line that may be a directive, without white space at its end. */
  #directive(): string {
    return (this.#lines[this.#at] ?? "").trimEnd();
  }

  #part(): Part {
    const match = PART.exec(this.#directive());
    if (!match) throw this.#refuse(`expected a file's header, found ${JSON.stringify(readable(this.#directive()))}`);
    const kind = match[1]!.toLowerCase() as Part["kind"];
    const part: Part = {
      kind,
      path: readable(match[2]!.trim()),
      moveTo: null,
      added: [],
      chunks: [],
      patchLine: this.#at + 1,
    };
    this.#at += 1;
    if (kind === "add") {
      for (; this.#lines[this.#at]?.startsWith("+"); this.#at += 1)
        part.added.push(`${this.#lines[this.#at]!.slice(1)}\n`);
      return part;
    }
    if (kind === "delete") return part;
    const move = /^\*\*\* Move to: (.+)$/.exec(this.#directive());
    if (move) {
      part.moveTo = readable(move[1]!.trim());
      this.#at += 1;
    }
    while (this.#at < this.#lines.length && !/^\*\*\* (End Patch|(Add|Update|Delete) File: )/.test(this.#directive())) {
      part.chunks.push(this.#chunk(part.chunks.length + 1));
    }
    if (part.chunks.length === 0 && part.moveTo === null)
      throw this.#refuse(`the part for ${part.path} changes nothing`);
    return part;
  }

  #chunk(number: number): Chunk {
    const chunk: Chunk = { number, patchLine: this.#at + 1, headings: [], old: [], new: [], isAtEnd: false };
    for (; this.#lines[this.#at]?.startsWith("@@"); this.#at += 1) {
      const heading = this.#lines[this.#at]!.replace(/^@@ ?/, "").replace(/ ?@@\s*$/, "");
      if (heading.trim() !== "") chunk.headings.push(heading);
    }
    const first = this.#at;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at]!;
      if (line.startsWith("@@") || line.startsWith("*** ")) break;
      // Models strip the one space of an empty context line.
      const kind = line === "" ? " " : line[0];
      if (kind !== " " && kind !== "+" && kind !== "-")
        throw this.#refuse(`a line must begin with a space, + or -: ${JSON.stringify(readable(line))}`);
      if (kind !== "+") chunk.old.push(line.slice(1));
      if (kind !== "-") chunk.new.push(line.slice(1));
    }
    if (this.#at === first) throw this.#refuse(`hunk ${number} has no lines`);
    if (this.#directive() === "*** End of File") {
      chunk.isAtEnd = true;
      this.#at += 1;
    }
    return chunk;
  }

  #refuse(message: string): Error {
    return patchFailed(`${message} (line ${this.#at + 1} of the patch)`, { line: this.#at + 1 });
  }
}

function refused({ path, patchLine }: Part, message: string): Error {
  return patchFailed(`${message} (line ${patchLine} of the patch)`, { path, line: patchLine });
}

function chunkRefused({ path }: Part, { number, patchLine }: Chunk, message: string, hint?: string): Error {
  return patchFailed(
    `${path}: hunk ${number} (line ${patchLine} of the patch): ${message}`,
    { path, hunk: number, line: patchLine },
    hint,
  );
}
