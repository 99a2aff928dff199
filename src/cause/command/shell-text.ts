/**
 * Splits a shell's text into simple commands: quotes, `;`, `&&`, `|`, redirections, here-documents, `$(…)`.
 *
 * Not a shell: control flow is flattened, every branch is taken to run, and what only the running shell knows (`$x`, `$(date)`)
 * becomes an unknown part of a word. One pass, no backtracking: the time grows with the length of the text.
 */

import { UNKNOWN_PART } from "./operands.ts";
import { WordReader } from "./shell-words.ts";

export interface SimpleCommand {
  readonly kind: "command";
  /** Unknown parts are `UNKNOWN_PART`. Keywords such as `then`, and assignments, are still in front. */
  readonly words: readonly string[];
  /** Files that the shell itself opens for writing. */
  readonly writes: readonly { readonly file: string; readonly append: boolean }[];
  /** Reads a pipe, a file or a here-document. */
  readonly isFed: boolean;
  /** Where it ends in the text; `null` inside `$(…)`. */
  readonly endsAt: number | null;
}

/** A subshell begins or ends: its `cd` is its own. `pattern`: a `)` that closes nothing, as in `case`. */
export interface Bracket {
  readonly kind: "open" | "close" | "pattern";
}

export type ShellPiece = SimpleCommand | Bracket;

/** Yields the pieces in order. `lookup` is asked for each `$name` when its command is reached, so that earlier assignments count. */
export function* splitShell(text: string, lookup: (name: string) => string | null, depth = 0): Generator<ShellPiece> {
  if (depth <= DEPTH_MAX) yield* new ShellReader(text, lookup, depth).pieces();
  else yield { kind: "command", words: [UNKNOWN_PART], writes: [], isFed: false, endsAt: null };
}

/** `$(…)` inside `$(…)`. */
const DEPTH_MAX = 8;

interface Draft {
  words: string[];
  writes: { file: string; append: boolean }[];
  isFed: boolean;
}

const freshDraft = (isFed: boolean): Draft => ({ words: [], writes: [], isFed });

class ShellReader {
  readonly #words: WordReader;
  readonly #lookup: (name: string) => string | null;
  readonly #depth: number;
  #brackets = 0;
  /** Between `[[` and `]]`, where `&&` and `>` are no operators. */
  #inTest = false;
  #draft = freshDraft(false);
  /** What the words so far need to be followed by: a redirection's target. */
  #redirect: "write" | "append" | "read" | "here-string" | null = null;
  readonly #hereDocuments: { end: string; tabs: boolean }[] = [];

  constructor(text: string, lookup: (name: string) => string | null, depth: number) {
    this.#depth = depth;
    this.#words = new WordReader(text, lookup);
    this.#lookup = lookup;
  }

  *pieces(): Generator<ShellPiece> {
    while (this.#words.at < this.#words.text.length) {
      const character = this.#words.text[this.#words.at]!;
      if (character === " " || character === "\t" || character === "\r") this.#words.at += 1;
      else if (character === "\\" && this.#words.text[this.#words.at + 1] === "\n") this.#words.at += 2;
      else if (character === "#") this.#skipComment();
      else if (this.#inTest && "&|()<>".includes(character)) this.#words.at += 1;
      else if (character === "\n") {
        this.#words.at += 1;
        yield* this.#finish(false);
        this.#skipHereDocuments();
      } else if (";&|".includes(character)) yield* this.#operator(character);
      else if (character === "(" || character === ")") yield* this.#bracket(character);
      else if (character === "<" || character === ">") this.#redirection();
      else this.#word();
    }
    yield* this.#finish(false);
  }

  *#finish(nextIsFed: boolean): Generator<ShellPiece> {
    const draft = this.#draft;
    this.#draft = freshDraft(nextIsFed);
    this.#redirect = null;
    this.#inTest = false;
    const isEmpty = draft.words.length === 0 && draft.writes.length === 0;
    const endsAt = this.#depth === 0 ? this.#words.at : null;
    if (!isEmpty) yield { kind: "command", ...draft, endsAt };
    for (const text of this.#words.inner.splice(0)) {
      yield { kind: "open" };
      yield* splitShell(text, this.#lookup, this.#depth + 1);
      yield { kind: "close" };
    }
  }

  *#operator(character: string): Generator<ShellPiece> {
    const next = this.#words.text[this.#words.at + 1];
    // `&>file` and `&>>file` are redirections, `2>&1` was taken with its `>`.
    if (character === "&" && next === ">") {
      this.#words.at += 1;
      this.#redirection();
      return;
    }
    const pipes = character === "|" && next !== "|";
    this.#words.at += next === character || (character === "|" && next === "&") ? 2 : 1;
    yield* this.#finish(pipes);
  }

  *#bracket(character: string): Generator<ShellPiece> {
    const next = this.#words.text[this.#words.at + 1];
    if (character === "(" && next === "(" && this.#draft.words.length === 0) {
      this.#words.skipArithmetic();
      return;
    }
    if (character === "(" && next === ")" && this.#draft.words.length === 1) {
      // `name()`: said to the reader as `function name`.
      this.#words.at += 2;
      this.#draft.words.unshift("function");
      yield* this.#finish(false);
      return;
    }
    this.#words.at += 1;
    if (character === "(") {
      yield* this.#finish(false);
      this.#brackets += 1;
      yield { kind: "open" };
    } else if (this.#brackets === 0) {
      this.#draft = freshDraft(false);
      yield { kind: "pattern" };
    } else {
      yield* this.#finish(false);
      this.#brackets -= 1;
      yield { kind: "close" };
    }
  }

  #redirection(): void {
    // A number right before it is a descriptor, not an argument.
    if (
      this.#words.at > 0 &&
      /\d/.test(this.#words.text[this.#words.at - 1]!) &&
      /^\d+$/.test(this.#draft.words.at(-1) ?? "")
    )
      this.#draft.words.pop();
    const rest = this.#words.text.slice(this.#words.at, this.#words.at + 3);
    const operator =
      ["<<<", "<<-", "&>>", "<<", ">>", ">&", "<&", ">|", "<>", "<(", ">("].find((one) => rest.startsWith(one)) ??
      rest[0]!;
    this.#words.at += operator.length;
    switch (operator) {
      case "<<":
      case "<<-":
        this.#hereDocuments.push({ end: this.#hereDocumentEnd(), tabs: operator === "<<-" });
        this.#draft.isFed = true;
        break;
      case "<(":
      case ">(":
        this.#words.at -= 1;
        this.#draft.words.push(this.#words.substitution());
        break;
      case "<":
      case "<<<":
      case "<&":
        this.#draft.isFed = true;
        this.#redirect = operator === "<<<" ? "here-string" : "read";
        break;
      default:
        this.#redirect = operator === ">>" || operator === "&>>" ? "append" : "write";
    }
  }

  #word(): void {
    const word = this.#words.readWord();
    const redirect = this.#redirect;
    this.#redirect = null;
    if (redirect === "write" || redirect === "append") {
      // `>&2` and `>&-` name a descriptor.
      if (!/^(?:\d+|-)$/.test(word)) this.#draft.writes.push({ file: word, append: redirect === "append" });
      return;
    }
    if (redirect !== null) return;
    this.#draft.words.push(word);
    if (word === "[[") this.#inTest = true;
    else if (word === "]]") this.#inTest = false;
  }

  #skipComment(): void {
    const end = this.#words.text.indexOf("\n", this.#words.at);
    this.#words.at = end < 0 ? this.#words.text.length : end;
  }

  #hereDocumentEnd(): string {
    while (this.#words.text[this.#words.at] === " " || this.#words.text[this.#words.at] === "\t") this.#words.at += 1;
    return this.#words.readWord();
  }

  #skipHereDocuments(): void {
    for (const { end, tabs } of this.#hereDocuments.splice(0)) {
      while (this.#words.at < this.#words.text.length) {
        const lineEnd = this.#words.text.indexOf("\n", this.#words.at);
        const line = this.#words.text.slice(this.#words.at, lineEnd < 0 ? undefined : lineEnd);
        this.#words.at = lineEnd < 0 ? this.#words.text.length : lineEnd + 1;
        if ((tabs ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
  }
}
