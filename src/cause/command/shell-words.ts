/** Reads single words of a shell's text: quotes, `$name`, `$(…)`. The time grows with the length of the text, whatever stands in it. */

import { posix } from "node:path";
import { alternatives, eachOf } from "./alternatives.ts";
import { UNKNOWN_PART } from "./operands.ts";

const ENDS_WORD = new Set([" ", "\t", "\n", "\r", ";", "&", "|", "(", ")", "<", ">"]);

const ELEMENTS_MAX = 64;
const OWN_FOLDER_LENGTH_MAX = 256;
/** Asked of `lookup` for the root of the git work tree. */
export const WORK_TREE = "0git";

/** A place in a text that moves forward. */
export class WordReader {
  readonly text: string;
  at = 0;
  /** The texts inside `$(…)`, `<(…)` and backquotes, in order: commands that run before the one they stand in. */
  readonly inner: string[] = [];
  readonly #lookup: (name: string) => string | null;
  readonly #isArray: boolean;

  constructor(text: string, lookup: (name: string) => string | null, isArray = false) {
    this.text = text;
    this.#lookup = lookup;
    this.#isArray = isArray;
  }

  readWord(): string {
    let word = "";
    while (this.at < this.text.length) {
      const character = this.text[this.at]!;
      if (ENDS_WORD.has(character)) {
        // An array: NAME=(a b c).
        if (character !== "(" || !/^[A-Za-z_]\w*\+?=$/.test(word)) break;
        word += this.#array();
      } else if (character === "\\") {
        if (this.text[this.at + 1] !== "\n") word += this.text[this.at + 1] ?? "";
        this.at += 2;
      } else if (character === "'") word += this.#singleQuoted();
      else if (character === '"') word += this.#doubleQuoted();
      else if (character === "$" || character === "`") word += this.#expansion();
      else {
        word += character;
        this.at += 1;
      }
    }
    return word;
  }

  /** `(a "b c" $d)`: its elements. */
  #array(): string {
    const start = this.at + 1;
    this.#skipBrackets();
    // There are no arrays of arrays, and text that looks like them must not lead deeper and deeper.
    if (this.#isArray) return UNKNOWN_PART;
    const elements = new WordReader(this.text.slice(start, this.at - 1), this.#lookup, true);
    const values: string[] = [];
    while (elements.at < elements.text.length && values.length <= ELEMENTS_MAX) {
      const character = elements.text[elements.at]!;
      if (character === "#") {
        const end = elements.text.indexOf("\n", elements.at);
        elements.at = end < 0 ? elements.text.length : end;
      } else if (ENDS_WORD.has(character)) elements.at += 1;
      else values.push(elements.readWord());
    }
    this.inner.push(...elements.inner);
    return values.length === 0 ? "" : alternatives(values);
  }

  #singleQuoted(): string {
    const end = this.text.indexOf("'", this.at + 1);
    const text = this.text.slice(this.at + 1, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 1;
    return text;
  }

  #doubleQuoted(): string {
    let text = "";
    this.at += 1;
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      const character = this.text[this.at]!;
      if (character === "\\") {
        const next = this.text[this.at + 1] ?? "";
        text += next === "\n" ? "" : '"\\$`'.includes(next) ? next : `\\${next}`;
        this.at += 2;
      } else if (character === "$" || character === "`") text += this.#expansion();
      else {
        text += character;
        this.at += 1;
      }
    }
    this.at += 1;
    return text;
  }

  /** `$name`, `${name}`: its value where it is known. Everything else is not. */
  #expansion(): string {
    const rest = this.text.slice(this.at, this.at + 128);
    if (rest.startsWith("$((")) {
      this.at += 1;
      this.skipArithmetic();
      return UNKNOWN_PART;
    }
    if (rest.startsWith("$(") || rest.startsWith("`")) return this.substitution();
    if (rest.startsWith("$'")) {
      this.at += 1;
      return this.#singleQuoted();
    }
    const simple = /^\$(?:\{([A-Za-z_]\w*|0)(?:\[[@*0]\])?\}|([A-Za-z_]\w*|0)|[1-9@*#?$!-])/.exec(rest);
    if (simple !== null) {
      this.at += simple[0].length;
      const name = simple[1] ?? simple[2];
      return (name === undefined ? null : this.#lookup(name)) ?? UNKNOWN_PART;
    }
    // The folder of the script itself: `${0%/*}`, `${BASH_SOURCE[0]%/*}`, zsh's `${0:A:h}`.
    const folder = /^\$\{(0|BASH_SOURCE)(?:\[0\])?(?:%\/\*|(?::[aA])?:h)\}/.exec(rest);
    if (folder !== null) {
      this.at += folder[0].length;
      return folderOf(this.#lookup(folder[1]!));
    }
    // `${NAME:-…}`: its own value where there is one.
    const named = /^\$\{([A-Za-z_]\w*)(:?[-=?])?/.exec(rest);
    const value = named === null ? null : this.#lookup(named[1]!);
    if (named?.[2] !== undefined && value !== null && value !== "") {
      const end = this.text.indexOf("}", this.at);
      this.at = end < 0 ? this.text.length : end + 1;
      return value;
    }
    if (rest.startsWith("${")) {
      const end = this.text.indexOf("}", this.at);
      this.at = end < 0 ? this.text.length : end + 1;
      return UNKNOWN_PART;
    }
    this.at += 1;
    return "$";
  }

  /** Keeps the text inside `$(…)`, `<(…)` or backquotes for later; the word gets an unknown part. */
  substitution(): string {
    if (this.text[this.at] === "`") {
      const end = this.text.indexOf("`", this.at + 1);
      const text = this.text.slice(this.at + 1, end < 0 ? undefined : end);
      this.at = end < 0 ? this.text.length : end + 1;
      return this.#output(text);
    }
    const isProcess = this.text[this.at] !== "$";
    if (!isProcess) this.at += 1;
    const start = this.at + 1;
    this.#skipBrackets();
    const text = this.text.slice(start, this.at - 1);
    if (!isProcess) return this.#output(text);
    this.inner.push(text);
    return UNKNOWN_PART;
  }

  /** What `$(text)` leaves in its place, for the few ways in which scripts find their own folder; the text is read all the same. */
  #output(text: string): string {
    this.inner.push(text);
    if (text.length > OWN_FOLDER_LENGTH_MAX) return UNKNOWN_PART;
    if (/^\s*pwd(?:\s+-P)?\s*$/.test(text)) return this.#lookup("PWD") ?? UNKNOWN_PART;
    if (/^\s*git rev-parse --show-toplevel(?:\s+2>\s*\/dev\/null)?\s*$/.test(text))
      return this.#lookup(WORK_TREE) ?? UNKNOWN_PART;
    const dirname = /^\s*dirname\s+(?:--\s+)?(?=\S)/.exec(text);
    if (dirname !== null) return folderOf(this.#onlyWord(text.slice(dirname[0].length)));
    const cd = /^\s*(?:builtin\s+)?cd\s+(?:-P\s+)?(?:--\s+)?(?=\S)/.exec(text);
    const pwd = /\s*(?:>\s*\/dev\/null\s*(?:2>&1)?\s*)?(?:&&|;)\s*pwd(?:\s+-P)?\s*$/.exec(text);
    if (cd === null || pwd === null) return UNKNOWN_PART;
    const folder = this.#onlyWord(text.slice(cd[0].length, pwd.index));
    const base = this.#lookup("PWD");
    if (folder === null || (base === null && !folder.startsWith("/"))) return UNKNOWN_PART;
    return posix.resolve(base ?? "/", folder);
  }

  /** The value of a text that is one word; `null` for more, and for what is not known. */
  #onlyWord(text: string): string | null {
    const reader = new WordReader(text, this.#lookup, true);
    const word = reader.readWord();
    const isAll = text.slice(reader.at).trim() === "";
    return isAll && !word.includes(UNKNOWN_PART) && eachOf(word).length === 1 ? word : null;
  }

  /** From an opening bracket to behind the closing one; quotes hide brackets. */
  #skipBrackets(): void {
    let depth = 0;
    for (; this.at < this.text.length; this.at += 1) {
      const character = this.text[this.at]!;
      if (character === "\\") this.at += 1;
      else if (character === "'") {
        this.#singleQuoted();
        this.at -= 1;
      } else if (character === "(") depth += 1;
      else if (character === ")" && --depth <= 0) break;
    }
    this.at = Math.min(this.at + 1, this.text.length);
  }

  skipArithmetic(): void {
    const end = this.text.indexOf("))", this.at);
    this.at = end < 0 ? this.text.length : end + 2;
  }
}

function folderOf(path: string | null): string {
  return path === null || path.includes(UNKNOWN_PART) || path === "" ? UNKNOWN_PART : posix.dirname(path);
}
