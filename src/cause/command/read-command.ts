/** Reads a command line: what it can do, to which paths, in bulk or by name. Pure, total, and quick for any words. */

import { wordsContext } from "./read-script.ts";
import { readWords } from "./read-words.ts";
import { type CommandReading, type Place, together, unknown } from "./reading.ts";

const WORDS_MAX = 8_192;

/** `argv` as a process has it; `place` where it stands. Never throws. */
export function readCommand(argv: readonly string[], place: Place): CommandReading {
  const words = argv.length > WORDS_MAX ? argv.slice(0, WORDS_MAX) : argv;
  const reading = readWords(words, wordsContext(place, 0));
  if (argv.length <= WORDS_MAX || reading.harmless) return reading;
  // There were more operands than are looked at: they can be anything.
  return together(reading.tool, [reading, unknown(reading.tool)], reading.verb);
}
