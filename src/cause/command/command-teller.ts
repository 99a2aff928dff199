/** Tells of a script's commands one by one, with the line that each ends on and the variables that hide something of it. */

import { eachOf } from "./alternatives.ts";
import { UNKNOWN_PART } from "./operands.ts";
import { type CommandReading, together } from "./reading.ts";
import type { SimpleCommand } from "./shell-text.ts";

export interface ScriptCommand {
  /** Counted from one; `null` inside `$(…)`. */
  readonly line: number | null;
  /** Unknown parts are an ellipsis; a word that may be several is all of them. */
  readonly words: readonly string[];
  readonly reading: CommandReading;
  /** Variables in it whose value is not known. */
  readonly unknown: readonly string[];
}

export type OnCommand = (command: ScriptCommand) => void;

export class CommandTeller {
  /** Met since the last command. */
  readonly unknown = new Set<string>();
  readonly #text: string;
  readonly #onCommand: OnCommand;
  #at = 0;
  #line = 1;

  constructor(text: string, onCommand: OnCommand) {
    this.#text = text;
    this.#onCommand = onCommand;
  }

  tell({ words, endsAt }: SimpleCommand, readings: readonly CommandReading[]): void {
    const line = endsAt === null ? null : this.#lineAt(endsAt);
    const shown = withoutKeywords(words)
      .flatMap(eachOf)
      .map((word) => word.replaceAll(UNKNOWN_PART, "…"));
    const unknown = [...this.unknown];
    this.unknown.clear();
    const [first] = readings;
    if (first === undefined) return;
    const reading = readings.length === 1 ? first : together(first.tool, readings);
    this.#onCommand({ line, words: shown, reading, unknown });
  }

  /** The line that the character before `end` stands on. Goes forward only. */
  #lineAt(end: number): number {
    for (; this.#at < end - 1; this.#at += 1) if (this.#text[this.#at] === "\n") this.#line += 1;
    return this.#line;
  }
}

/** They stand in front of a command and change nothing about what it does. */
const KEYWORDS = new Set([
  "if",
  "then",
  "elif",
  "else",
  "do",
  "while",
  "until",
  "!",
  "{",
  "}",
  "time",
  "noglob",
  "nocorrect",
  "coproc",
  "always",
]);
export function withoutKeywords(words: readonly string[]): readonly string[] {
  let first = 0;
  while (first < words.length && KEYWORDS.has(words[first]!)) first += 1;
  return first === 0 ? words : words.slice(first);
}
