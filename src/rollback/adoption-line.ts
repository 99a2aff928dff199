/**
 * The one line that makes a script protected however it is started: it starts itself again under Holdfast, unless that is its parent.
 *
 * For sh, bash, zsh, dash and ksh, also under `set -eu` and with an empty environment. Where no Holdfast is to be found the script is
 * not run bare. Read into a running shell (`. script`) it runs nothing: `exec` would take that shell's place.
 */

import { type Disk, isSystemError } from "../base/index.ts";
import { readWhole } from "../tree/index.ts";

const MARK = "# holdfast: adopted";

/** `shim`: an absolute path that stays, whatever becomes of the package. */
export function adoptionLine(shim: string): string {
  const places = `${quoted(shim)} "$(command -v holdfast)"`;
  const shell = `HOLDFAST_SHELL="\${ZSH_VERSION:+zsh}\${BASH_VERSION:+bash}"`;
  const refusal = "Holdfast protects this script and is not here; nothing was run. Install it, or take this line out.";
  return [
    `[ "\${HOLDFAST_RUN:-}" = "$PPID" ] || {`,
    `case "\${ZSH_EVAL_CONTEXT:-}:\${BASH_SOURCE:-$0}" in *:file:*) s=1;; *:"$0") s=;; *) s=1;; esac;`,
    'if [ -n "$s" ]; then echo "Holdfast protects this script: start it, do not source it." >&2; return 3; fi;',
    `for h in ${places}; do if [ -x "$h" ]; then ${shell} exec "$h" rollback "$0" -- "$@"; fi; done;`,
    `echo "$0: ${refusal}" >&2; exit 3; } ${MARK}`,
  ].join(" ");
}

/** With the line behind the first, if that names an interpreter; replaced, where another one is there. */
export function withLine(text: Buffer, line: string): Buffer {
  const plain = withoutLine(text);
  const addition = Buffer.from(line);
  const newline = Buffer.from("\n");
  if (plain.subarray(0, 2).toString("latin1") !== "#!") return Buffer.concat([addition, newline, plain]);
  const end = plain.indexOf("\n");
  if (end < 0) return Buffer.concat([plain, newline, addition]);
  return Buffer.concat([plain.subarray(0, end + 1), addition, newline, plain.subarray(end + 1)]);
}

/** Byte for byte as it was before. */
export function withoutLine(text: Buffer): Buffer {
  const at = lineAt(text);
  if (at === null) return text;
  const [start, end] = at;
  // The last line of a file that had only one.
  if (end === text.length && start > 0) return text.subarray(0, start - 1);
  return Buffer.concat([text.subarray(0, start), text.subarray(Math.min(end + 1, text.length))]);
}

export function isAdopted(script: string, disk: Disk): boolean {
  try {
    const text = readWhole(disk, script);
    return text !== null && lineAt(text) !== null;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Beginning, and where its newline stands. Only where it works: on the first or second line. */
function lineAt(text: Buffer): [start: number, end: number] | null {
  for (let start = 0, line = 1; line <= 2 && start < text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (text.subarray(start, end).toString("latin1").endsWith(MARK)) return [start, end];
    start = end + 1;
  }
  return null;
}

/** For a shell, in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
