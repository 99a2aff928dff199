/**
 * What an agent is answered: a claim, up to three lines of evidence, one command, together at most 150 tokens, whatever stands
 * in a path or a command line. A command is whole or missing: one that was cut would do something else.
 */

import { printableLine } from "../../base/index.ts";

export interface Brief {
  readonly claim: string;
  readonly evidence: readonly string[];
  readonly command: string | null;
}

/** Below 150: what is counted here is an estimate, nearly always from above; the test counts with real vocabularies. */
const BUDGET = 140;
const CLAIM_TOKENS_MAX = 60;
const COMMAND_TOKENS_MAX = 60;
const LINES_MAX = 3;

export function briefText({ claim, evidence, command }: Brief): string {
  const last = commandLine(command);
  const first = cut(printableLine(claim), CLAIM_TOKENS_MAX);
  let left = BUDGET - tokensAtMost(first) - tokensAtMost(last);
  const lines: string[] = [];
  const shown = evidence.slice(0, LINES_MAX);
  for (const [index, line] of shown.entries()) {
    const fitting = cut(`- ${printableLine(line)}`, Math.floor(left / (shown.length - index)) - 1);
    if (fitting.endsWith("…") && fitting.length < MEANINGFUL_LENGTH) break;
    lines.push(fitting);
    left -= tokensAtMost(fitting) + 1;
  }
  return [first, ...lines, ...(last === "" ? [] : [last])].join("\n");
}

const MEANINGFUL_LENGTH = 8;

function commandLine(command: string | null): string {
  if (command === null) return "";
  const line = `→ ${printableLine(command)}`;
  return tokensAtMost(line) <= COMMAND_TOKENS_MAX ? line : "→ ask again with detail: true for the command, it is long";
}

/** Cut at its end, with `…`. */
function cut(text: string, tokensMax: number): string {
  if (tokensAtMost(text) <= tokensMax) return text;
  const characters = [...text];
  let [low, high] = [0, characters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokensAtMost(characters.slice(0, middle).join("")) <= tokensMax - 1) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join("").trimEnd()}…`;
}

const PIECE = / ?[A-Z]?[a-z]+| ?[A-Z]+| ?\d{1,3}|\s+|[\u0021-\u007e]|[^\u0000-\u007f]/g;
const WORD_LETTERS_MAX = 9;

/** From above, near enough: words of a language are one or two tokens, anything else is counted letter by letter nearly. */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    const letters = piece.trimStart().length;
    if (!/[A-Za-z]/.test(piece))
      tokens += /[^\u0000-\u007f]/.test(piece) ? Math.ceil(Buffer.byteLength(piece) * 0.7) : 1;
    else tokens += letters <= WORD_LETTERS_MAX ? Math.ceil(letters / 4) : Math.ceil(letters / 2.5);
  }
  return tokens;
}
