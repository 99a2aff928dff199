/**
 * Strict JSON (RFC 8259) with what `JSON.parse` does not give: the place of every entry, duplicate keys, limits while reading,
 * and numbers that no double holds (`12345678901234567890`, `1.10`) kept as the text they were written in.
 */

import { Budget, refuseManyDocuments } from "./limits.ts";
import { Offsets } from "./offsets.ts";
import type { SourceText } from "./source-text.ts";

export interface JsonDocument {
  value: unknown;
  offset: number;
  offsets: Offsets;
}

/** Every value in the text: one, or several one after another (JSON lines, concatenated). `WO_SYNTAX`, `WO_DUPLICATE_KEY`, limits. */
export function parseJson(source: SourceText): JsonDocument[] {
  const reader = new JsonReader(source);
  const documents: JsonDocument[] = [];
  for (let offset = reader.skipSpace(); offset < source.text.length; offset = reader.skipSpace()) {
    refuseManyDocuments(source, documents.length + 1, offset);
    documents.push({ value: reader.value(0), offset, offsets: reader.offsets });
  }
  return documents;
}

/** A number that a double gives back exactly as written; anything else stays text. */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  return String(number) === text ? number : text;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Record<string, { text: string; value: boolean | null }> = {
  t: { text: "true", value: true },
  f: { text: "false", value: false },
  n: { text: "null", value: null },
};

class JsonReader {
  readonly offsets = new Offsets();
  readonly #source: SourceText;
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
    this.#budget = new Budget(source);
  }

  skipSpace(): number {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#at;
  }

  /** Recursion is bounded: the budget refuses what is nested deeper than the limit. */
  value(depth: number): unknown {
    this.#budget.spend(this.#at);
    const first = this.#text[this.#at] ?? "";
    if (first === "{") return this.#object(depth + 1);
    if (first === "[") return this.#array(depth + 1);
    if (first === '"') return this.#string();
    const word = WORDS[first];
    if (word && this.#text.startsWith(word.text, this.#at)) {
      this.#at += word.text.length;
      return word.value;
    }
    return this.#number();
  }

  #object(depth: number): Record<string, unknown> {
    this.#budget.enter(this.#at, depth);
    const object: Record<string, unknown> = {};
    this.#at += 1;
    if (this.#ends("}")) return object;
    for (;;) {
      const offset = this.skipSpace();
      if (this.#text[offset] !== '"') this.#unexpected("a key in quotes");
      const key = this.#string();
      if (Object.hasOwn(object, key)) this.#duplicate(object, key, offset);
      this.#expect(":");
      this.skipSpace();
      define(object, key, this.value(depth));
      this.offsets.note(object, key, offset);
      if (this.#ends("}")) return object;
      this.#expect(",", "`,` or `}`");
    }
  }

  #array(depth: number): unknown[] {
    this.#budget.enter(this.#at, depth);
    const array: unknown[] = [];
    this.#at += 1;
    if (this.#ends("]")) return array;
    for (;;) {
      const offset = this.skipSpace();
      this.offsets.note(array, array.length, offset);
      array.push(this.value(depth));
      if (this.#ends("]")) return array;
      this.#expect(",", "`,` or `]`");
    }
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end === -1) {
      this.#source.fail("WO_SYNTAX", "this text in quotes is never closed", start, { atEnd: true });
    }
    this.#at = end + 1;
    const token = this.#text.slice(start, end + 1);
    try {
      return JSON.parse(token) as string;
    } catch (error) {
      const control = /[\u0000-\u001f]/.exec(token);
      const offset = start + (control?.index ?? token.search(/\\(?!["\\/bfnrt]|u[\da-fA-F]{4})/));
      if (!(error instanceof SyntaxError)) throw error;
      this.#source.fail(
        "WO_SYNTAX",
        control ? "a control character or line break inside quotes" : "an unknown escape",
        offset,
      );
    }
  }

  #isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.#text[quote - 1 - backslashes] === "\\") backslashes += 1;
    return backslashes % 2 === 1;
  }

  #number(): number | string {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) this.#unexpected("a value");
    this.#at += match[0].length;
    if (/[\w.+-]/.test(this.#text[this.#at] ?? "")) this.#unexpected("the number to end");
    return exactNumber(match[0]);
  }

  #ends(bracket: string): boolean {
    if (this.#text[this.skipSpace()] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string, what = `\`${character}\``): void {
    if (this.#text[this.skipSpace()] !== character) this.#unexpected(what);
    this.#at += 1;
  }

  #unexpected(expected: string): never {
    const found = this.#text[this.#at];
    const atEnd = found === undefined;
    this.#source.fail(
      "WO_SYNTAX",
      `expected ${expected}, found ${atEnd ? "the end of the file" : JSON.stringify(found)}`,
      this.#at,
      {
        atEnd,
      },
    );
  }

  #duplicate(object: object, key: string, offset: number): never {
    const first = this.#source.place(this.offsets.of(object, key) ?? 0);
    this.#source.fail(
      "WO_DUPLICATE_KEY",
      `the key ${JSON.stringify(key)} stands twice, first in line ${first.line}`,
      offset,
      {
        key,
        firstLine: first.line,
      },
    );
  }
}

/** Sets an own property whatever its name: `__proto__` is a key like any other. */
export function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
