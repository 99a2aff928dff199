/** What the readers of bodies share: how a list's entries are told apart, and how text becomes content. */

import type { Check, Operation, Step } from "../../order.ts";
import { Fields, type Found, isRecord, type Reading } from "../fields.ts";
import type { Path } from "../offsets.ts";

/** What a document asks to be done, as its readers find it. */
export interface Body {
  operations: Operation[];
  steps: Step[];
  checks: Check[];
  /** Where in the document it stands. */
  paths: Path[];
}

/** One entry of a body's list. */
export interface BodyEntry {
  fields: Fields;
  path: Path;
}

/**
 * The entries of a list that carry something to execute.
 *
 * None complete: the list is no body (a description, a placeholder), and the order is routed. Some complete: one that is not was
 * forgotten or cut off, and an order is done whole or not at all: `WO_CUT_OFF` for the last entry, `WO_INVALID` for another.
 */
export function completeEntries(
  reading: Reading,
  found: Found,
  { isComplete, missing }: { isComplete: (entry: unknown) => boolean; missing: string },
): BodyEntry[] {
  if (!Array.isArray(found.value)) return [];
  const entries = found.value as unknown[];
  const complete = entries.map(isComplete);
  if (!complete.includes(true)) return [];
  const incomplete = complete.indexOf(false);
  if (incomplete !== -1) {
    const isLast = incomplete === entries.length - 1;
    throw reading.refusal(
      [...found.path, incomplete],
      `has no ${missing}, and others beside it have`,
      isLast ? "WO_CUT_OFF" : "WO_INVALID",
    );
  }
  return entries.map((entry, index) => {
    const path = [...found.path, index];
    return { path, fields: new Fields(reading, isRecord(entry) ? entry : {}, path) };
  });
}

/** True when the entry is a mapping in which one of `names` has a value that is not null. */
export function carries(entry: unknown, names: readonly string[]): boolean {
  return (
    isRecord(entry) &&
    names.some((name) => Object.hasOwn(entry, name) && entry[name] !== null && entry[name] !== undefined)
  );
}

/** Text for a file or a command, exactly as written; a number as its digits. Anything else is `WO_INVALID`. */
export function exactText(reading: Reading, { path, value }: Found): string {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") throw reading.refusal(path, "must be text; put it in quotes");
  if (!text.isWellFormed())
    throw reading.refusal(path, "has half of a surrogate pair, which no file can hold as UTF-8");
  reading.take(path);
  return text;
}

/** The first of `names` as a path or another short text that has to be there. */
export function requiredText(entry: BodyEntry, names: readonly string[]): string {
  const { reading } = entry.fields;
  const found = entry.fields.all(...names)[0];
  if (!found) throw reading.refusal(entry.path, `has no ${names[0]}`);
  const text = exactText(reading, found);
  if (text.trim() === "") throw reading.refusal(found.path, "is empty");
  return text;
}
