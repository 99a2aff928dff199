/** How a JSON text is laid out, so that what is put in looks as if its owner had written it. */

/** How the file is indented, and ends its lines. */
export function layoutOf(text: string): { unit: string; lineEnd: string } {
  return { unit: /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ", lineEnd: text.includes("\r\n") ? "\r\n" : "\n" };
}

/** Of the line that `offset` is on. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))![0];
}

/** `null` where something else stands before it on its line. */
export function ownIndentAt(text: string, offset: number): string | null {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(start, offset);
  return start > 0 && /^[ \t]*$/.test(before) ? before : null;
}
