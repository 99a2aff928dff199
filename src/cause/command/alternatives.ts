/**
 * Several values that a variable may have, as one text: what an array holds, what a loop goes through, what two branches set.
 *
 * Inside words they stand between marks that no argument holds, and are taken apart again before a word is read.
 */

import { UNKNOWN_PART } from "./operands.ts";

const BEGIN = "\u0001";
const BETWEEN = "\u0002";
const END = "\u0003";
const AFTER_NAME = "\u0004";
const ALTERNATIVES = /\u0001([^\u0001\u0003\u0004]*)\u0004([^\u0001\u0003]*)\u0003/;
const MARKS = /[\u0001-\u0004]/g;

/** Beyond it a word may be anything. */
const WORDS_MAX = 64;

/** One value stays as it is; anything unknown among them makes all of it unknown. */
export function alternatives(values: readonly string[]): string {
  const all = [...new Set(values.flatMap(eachOf))];
  if (all.length === 0 || all.length > WORDS_MAX || all.includes(UNKNOWN_PART)) return UNKNOWN_PART;
  return all.length === 1 ? all[0]! : BEGIN + AFTER_NAME + all.join(BETWEEN) + END;
}

/** The value as the variable `name` has it: wherever that stands in one command, it has the same of its values. */
export function namedValue(name: string, value: string): string {
  return value.replace(new RegExp(ALTERNATIVES, "g"), (_, _name, values) => BEGIN + name + AFTER_NAME + values + END);
}

/** Every word that `word` may be. */
export function eachOf(word: string): string[] {
  const words = [word];
  const whole: string[] = [];
  while (words.length > 0) {
    const next = words.pop()!;
    const found = ALTERNATIVES.exec(next);
    if (found === null) whole.push(next);
    else
      for (const value of found[2]!.split(BETWEEN))
        words.push(next.slice(0, found.index) + value + next.slice(found.index + found[0].length));
    if (words.length + whole.length > WORDS_MAX) return [unknownIn(word)];
  }
  return whole.reverse();
}

/** Each command that these words may be: one variable has one value in all of them. */
export function eachCommand(words: readonly string[]): string[][] {
  const commands: (readonly string[])[] = [words];
  const whole: string[][] = [];
  while (commands.length > 0) {
    const next = commands.pop()!;
    const marked = next.find((word) => ALTERNATIVES.test(word));
    if (marked === undefined) {
      whole.push([...next]);
      continue;
    }
    const [text, , values] = ALTERNATIVES.exec(marked)!;
    for (const value of values!.split(BETWEEN)) commands.push(next.map((word) => word.replaceAll(text, () => value)));
    if (commands.length + whole.length > WORDS_MAX) return [words.map((word) => unknownIn(word))];
  }
  return whole.reverse();
}

function unknownIn(word: string): string {
  return word.replace(new RegExp(ALTERNATIVES, "g"), UNKNOWN_PART);
}

/** A text that holds the marks itself means nothing by them. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, UNKNOWN_PART);
}
