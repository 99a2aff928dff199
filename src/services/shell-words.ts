/** A command line's words, by quotes and blanks alone: enough to find the files that it names. Pure. */

export function wordsOf(line: string): string[] {
  return [...line.matchAll(WORD)].map(([word]) => word.replace(PART, unquoted));
}

/** Quoted stretches, escaped characters and plain ones, without a blank between them. A quote that never ends is a plain character. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s\\])+/gs;
const PART = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs;

function unquoted(_whole: string, double?: string, single?: string, escaped?: string): string {
  return double?.replace(/\\([\\"$`])/g, "$1") ?? single ?? escaped ?? "";
}
