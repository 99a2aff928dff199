/**
 * A list of patterns in gitignore's syntax. The `ignore` package decides; most patterns though are plain names, `*.ending` or
 * `beginning*`, and a walk asks for every name of the tree: those are looked up here, ten times as fast.
 *
 * Invariant: both ways give the same answer. A list with a negation is wholly left to the package, because order counts there.
 */

import ignore, { type Ignore } from "ignore";

export type PatternVerdict = "ignored" | "unignored" | null;

export class IgnorePatterns {
  readonly #plain: PlainPatterns;
  readonly #rest: Ignore | null;

  /** `patterns`: a list, or the text of an ignore file. `ignoreCase`: as git compares names on this machine. */
  constructor(patterns: string | readonly string[], ignoreCase: boolean) {
    const lines = typeof patterns === "string" ? patterns.replace(/^\ufeff/, "").split(/\r?\n/) : patterns;
    const used = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
    const ordered = used.some((line) => line.startsWith("!"));
    const plain = ordered ? [] : used.filter((line) => PLAIN.test(line));
    const rest = ordered ? used : used.filter((line) => !PLAIN.test(line));
    this.#plain = new PlainPatterns(plain, ignoreCase);
    this.#rest = rest.length === 0 ? null : ignore({ ignorecase: ignoreCase, allowRelativePaths: true }).add(rest);
  }

  /** Of one path; whether a folder above it is ignored is the caller's to know. */
  test(path: string, isFolder: boolean): PatternVerdict {
    if (this.#plain.has(path.slice(path.lastIndexOf("/") + 1), isFolder)) return "ignored";
    if (this.#rest === null) return null;
    const { ignored, unignored } = this.#rest.test(isFolder ? `${path}/` : path);
    return ignored ? "ignored" : unignored ? "unignored" : null;
  }

  /** True when the path, or a folder above it, is ignored. */
  covers(path: string, isFolder: boolean): boolean {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      if (this.test(path.slice(0, at), true) === "ignored") return true;
    }
    return this.test(path, isFolder) === "ignored";
  }
}

/** No slash but at the end, a star at most at one end, nothing else that means something. */
const PLAIN = /^(?:\*[^\s*?[\]\\/!#]+|[^\s*?[\]\\/!#]+\*?)\/?$/;

class PlainPatterns {
  readonly #ignoreCase: boolean;
  readonly #names = new Set<string>();
  readonly #folderNames = new Set<string>();
  readonly #endings: { text: string; folderOnly: boolean }[] = [];
  readonly #beginnings: { text: string; folderOnly: boolean }[] = [];

  constructor(patterns: readonly string[], ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
    for (const pattern of patterns) this.#add(ignoreCase ? pattern.toLowerCase() : pattern);
  }

  has(name: string, isFolder: boolean): boolean {
    const text = this.#ignoreCase ? name.toLowerCase() : name;
    if (this.#names.has(text) || (isFolder && this.#folderNames.has(text))) return true;
    for (const { text: ending, folderOnly } of this.#endings) {
      if ((isFolder || !folderOnly) && text.endsWith(ending)) return true;
    }
    for (const { text: beginning, folderOnly } of this.#beginnings) {
      if ((isFolder || !folderOnly) && text.startsWith(beginning)) return true;
    }
    return false;
  }

  #add(pattern: string): void {
    const folderOnly = pattern.endsWith("/");
    const bare = folderOnly ? pattern.slice(0, -1) : pattern;
    if (bare.startsWith("*")) this.#endings.push({ text: bare.slice(1), folderOnly });
    else if (bare.endsWith("*")) this.#beginnings.push({ text: bare.slice(0, -1), folderOnly });
    else (folderOnly ? this.#folderNames : this.#names).add(bare);
  }
}
