/** What a reader of words is told, and what it may call: handed in, because commands hold commands and modules may not. */

import type { CommandReading, Place } from "./reading.ts";

export interface WordsContext {
  readonly place: Place;
  /** Its standard input is a pipe, a file or a here-document. */
  readonly isFed: boolean;
  /** How many shells deep it stands. */
  readonly depth: number;
  readonly assignments?: readonly { readonly name: string; readonly value: string }[];
  readWords(words: readonly string[], context: WordsContext): CommandReading;
  /** A shell's text that `tool` runs. */
  readText(text: string, tool: string, context: WordsContext): CommandReading;
}
