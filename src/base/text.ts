/**
 * Foreign text (ids, paths, titles, command output) is shown as text, never obeyed: control characters, terminal escapes and
 * bidirectional overrides become visible escapes. Used wherever something that Holdfast did not write reaches a person.
 */

const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One line: control characters, newlines and tabs included, are written as `\x1b` and the like. */
export function printableLine(text: string): string {
  return text.replace(UNSAFE, visible).replace(/[\n\t]/g, visible);
}

/** One line of JSON in which they are JSON's own escapes: a terminal may show it, and a parser reads the same value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function visible(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** One word for a shell, in single quotes. */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
