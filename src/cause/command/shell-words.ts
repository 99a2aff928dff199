/** Reads single words of a shell's text: quotes, `$name`, `$(…)`. The time grows with the length of the text, whatever stands in it. */

import { UNKNOWN_PART } from "./operands.ts";

const ENDS_WORD = new Set([" ", "\t", "\n", "\r", ";", "&", "|", "(", ")", "<", ">"]);

/** A place in a text that moves forward. */
export class WordReader {
  readonly text: string;
  at = 0;
  /** The texts inside `$(…)`, `<(…)` and backquotes, in order: commands that run before the one they stand in. */
  readonly inner: string[] = [];
  readonly #lookup: (name: string) => string | null;

  constructor(text: string, lookup: (name: string) => string | null) {
    this.text = text;
    this.#lookup = lookup;
  }

  readWord(): string {
    let word = "";
    while (this.at < this.text.length) {
      const character = this.text[this.at]!;
      if (ENDS_WORD.has(character)) {
        // An array: NAME=(a b c).
        if (character !== "(" || !/^[A-Za-z_]\w*\+?=$/.test(word)) break;
        this.#skipBrackets();
        word += UNKNOWN_PART;
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
    const simple = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)|[0-9@*#?$!-])/.exec(rest);
    if (simple !== null) {
      this.at += simple[0].length;
      const name = simple[1] ?? simple[2];
      return (name === undefined ? null : this.#lookup(name)) ?? UNKNOWN_PART;
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
      this.inner.push(this.text.slice(this.at + 1, end < 0 ? undefined : end));
      this.at = end < 0 ? this.text.length : end + 1;
      return UNKNOWN_PART;
    }
    if (this.text[this.at] === "$") this.at += 1;
    const start = this.at + 1;
    this.#skipBrackets();
    this.inner.push(this.text.slice(start, this.at - 1));
    return UNKNOWN_PART;
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
