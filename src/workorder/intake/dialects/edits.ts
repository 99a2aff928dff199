/** `edits`: exact-match changes inside a file. */

import type { Operation } from "../../order.ts";
import type { Fields } from "../fields.ts";
import { type Body, type BodyEntry, carries, completeEntries, exactText, requiredText } from "./body.ts";
import { FIND_NAMES, PATH_NAMES, REPLACE_NAMES } from "./names.ts";

const INSERT_NAMES = { after: ["after", "insert_after"], before: ["before", "insert_before"] } as const;

export function readEdits(root: Fields, body: Body): void {
  for (const found of root.all("edits")) {
    const entries = completeEntries(root.reading, found, { isComplete: isEdit, missing: "text to find" });
    for (const entry of entries) body.operations.push(readEdit(entry));
    if (entries.length > 0) body.paths.push(found.path);
  }
}

export function isEdit(entry: unknown): boolean {
  return carries(entry, FIND_NAMES) || (carries(entry, ["before"]) && carries(entry, ["after"]));
}

/**
 * `find` with `replace`; `find` with `after` or `before`: text that is put beside the match. Without `find`, `before` is what
 * stands there and `after` what shall.
 */
export function readEdit(entry: BodyEntry): Operation {
  const { fields } = entry;
  const { reading } = fields;
  const path = requiredText(entry, PATH_NAMES);
  const text = (names: readonly string[]) => {
    const found = fields.all(...names)[0];
    return found ? exactText(reading, found) : null;
  };
  if (fields.flag("regex", "is_regex") === true)
    throw reading.refusal(entry.path, "asks for a regular expression; edits match exactly");
  for (const { path: modePath } of fields.all("mode")) reading.take(modePath);
  const found = text(FIND_NAMES);
  const after = text(INSERT_NAMES.after);
  const before = text(INSERT_NAMES.before);
  const replacement = text(REPLACE_NAMES);
  const find = found ?? before;
  if (find === null || find === "") throw reading.refusal(entry.path, "has no text to find");
  const count = readCount(fields);
  if (found === null) return { op: "replace", path, find, replace: after ?? replacement ?? "", count };
  const given = [after, before, replacement].filter((value) => value !== null);
  if (given.length !== 1) throw reading.refusal(entry.path, "needs exactly one of replace, after and before");
  const base = { op: "replace", path, find, replace: given[0]!, count } as const;
  if (replacement !== null) return base;
  return { ...base, insert: after === null ? "before" : "after" };
}

function readCount(fields: Fields): number | "all" | null {
  const found = fields.all("count", "occurrences")[0];
  if (found?.value === "all") {
    fields.reading.take(found.path);
    return "all";
  }
  if (fields.flag("all", "replace_all") === true) return "all";
  const count = fields.count("count", "occurrences");
  if (count === 0) throw fields.reading.refusal(found!.path, "must be 1 or more, or all");
  return count;
}
