/**
 * Reading a loosely shaped document: the first of several names that is there, as the type that is wanted.
 *
 * Every entry that was read is noted; `extra` is the document without them, so nothing that an author wrote is dropped. Keys are
 * looked up as own properties only: a document that names `__proto__` or `constructor` says nothing about objects.
 */

import { HoldfastError, parseDuration } from "../../base/index.ts";
import { define } from "./json.ts";
import { fieldName, type Path } from "./offsets.ts";
import type { Parsed } from "./parse.ts";

export interface Found {
  readonly path: Path;
  readonly value: unknown;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where authors put fields and bodies one level down. */
export const CONTAINERS = ["metadata", "payload", "action", "task_spec", "work_order"] as const;

/** What was read of a document so far, and what there is to say about it. Shared by all readers of one document. */
export class Reading {
  readonly document: Parsed;
  readonly warnings: string[] = [];
  readonly #taken: Taken = new Map();

  constructor(document: Parsed) {
    this.document = document;
  }

  take(path: Path): void {
    let taken = this.#taken;
    for (const key of path) {
      const below: Taken = taken.get(key) ?? new Map();
      taken.set(key, below);
      taken = below;
    }
    taken.set(WHOLE, new Map());
  }

  extra(): Record<string, unknown> {
    const rest = without(this.document.value, this.#taken);
    return isRecord(rest) ? rest : {};
  }

  /** `WO_INVALID` (or `code`), naming the field and its place. */
  refusal(
    path: Path,
    message: string,
    code: "WO_INVALID" | "WO_CUT_OFF" | "WO_TOO_MANY" = "WO_INVALID",
  ): HoldfastError {
    const { filename } = this.document;
    const place = this.document.place(path);
    const field = fieldName(path);
    const where = `${filename}:${place.line}:${place.column}`;
    return new HoldfastError(code, `${where}: ${field === "" ? "the document" : field} ${message}`, {
      data: { file: filename, field, ...place },
    });
  }
}

const WHOLE = Symbol("whole");
type Taken = Map<string | number | typeof WHOLE, Taken>;

/** `value` without what was taken; `undefined` when nothing is left. Lists keep their positions. */
function without(value: unknown, taken: Taken | undefined): unknown {
  if (!taken) return value;
  if (taken.has(WHOLE)) return undefined;
  if (Array.isArray(value)) {
    const rest = value.map((entry: unknown, index) => without(entry, taken.get(index)));
    return rest.every((entry) => entry === undefined)
      ? undefined
      : rest.map((entry) => (entry === undefined ? {} : entry));
  }
  if (!isRecord(value)) return value;
  const rest: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const left = without(entry, taken.get(key));
    if (left !== undefined) define(rest, key, left);
  }
  return Object.keys(rest).length === 0 && Object.keys(value).length > 0 ? undefined : rest;
}

/** Reads one mapping of a document: the document itself, or an entry of a list in it. */
export class Fields {
  readonly reading: Reading;
  readonly path: Path;
  readonly value: Record<string, unknown>;
  /** Those that are there. */
  readonly #containers: readonly string[];

  /** With `containers`, a name that is not there is looked for one level down as well. */
  constructor(reading: Reading, value: Record<string, unknown>, path: Path = [], containers: readonly string[] = []) {
    this.reading = reading;
    this.value = value;
    this.path = path;
    this.#containers = containers.filter((name) => isRecord(lookUp(value, [name])));
  }

  /** Everything that stands under one of `names` (`a` or `a.b`), in the order of the names, then in that of the containers. */
  all(...names: string[]): Found[] {
    const found: Found[] = [];
    for (const name of names) this.#find(name.includes(".") ? name.split(".") : [name], found);
    for (const container of this.#containers)
      for (const name of names) if (!name.includes(".")) this.#find([container, name], found);
    return found;
  }

  #find(path: Path, found: Found[]): void {
    const value = lookUp(this.value, path);
    if (value !== undefined && value !== null) found.push({ path: [...this.path, ...path], value });
  }

  /** The first that is a text with something in it, or a number; taken. */
  text(...names: string[]): string | null {
    for (const { path, value } of this.all(...names)) {
      const text = scalarText(value);
      if (text === null || text.trim() === "") continue;
      this.reading.take(path);
      return text;
    }
    return null;
  }

  /** The same for a text or a list of texts, joined by newlines. */
  lines(...names: string[]): string | null {
    for (const { path, value } of this.all(...names)) {
      const lines = Array.isArray(value) ? value.map(scalarText) : [scalarText(value)];
      if (lines.length === 0 || lines.some((line) => line === null) || lines.join("").trim() === "") continue;
      this.reading.take(path);
      return lines.join("\n");
    }
    return null;
  }

  /** Of a list of texts, or one text with commas. Only what is taken wholly is taken. */
  list(...names: string[]): string[] {
    for (const { path, value } of this.all(...names)) {
      const items = listItems(value);
      if (!items || items.length === 0) continue;
      this.reading.take(path);
      return items;
    }
    return [];
  }

  flag(...names: string[]): boolean | null {
    for (const { path, value } of this.all(...names)) {
      const flag = FLAGS.get(String(value).toLowerCase());
      if (flag === undefined || typeof value === "object") throw this.reading.refusal(path, "must be true or false");
      this.reading.take(path);
      return flag;
    }
    return null;
  }

  /** A whole number from 0 on. */
  count(...names: string[]): number | null {
    for (const { path, value } of this.all(...names)) {
      const number = Number(scalarText(value) ?? Number.NaN);
      if (!Number.isSafeInteger(number) || number < 0)
        throw this.reading.refusal(path, "must be a whole number, 0 or more");
      this.reading.take(path);
      return number;
    }
    return null;
  }

  /** `60s`, `5m`, or a number of seconds; in milliseconds. */
  durationMs(...names: string[]): number | null {
    for (const { path, value } of this.all(...names)) {
      const text = scalarText(value)?.trim() ?? "";
      const ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
      if (ms === null)
        throw this.reading.refusal(path, "must be a duration: a number of seconds, or text like 60s, 5m, 2h");
      this.reading.take(path);
      return ms;
    }
    return null;
  }

  /** A reader of a mapping below this one. */
  entry(value: Record<string, unknown>, path: Path): Fields {
    return new Fields(this.reading, value, path);
  }
}

const FLAGS = new Map([
  ...["true", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "0"].map((word) => [word, false] as const),
]);

function lookUp(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (!isRecord(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

export function scalarText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function listItems(value: unknown): string[] | null {
  const items = Array.isArray(value) ? value.map(scalarText) : (scalarText(value)?.split(",") ?? [null]);
  if (items.some((item) => item === null)) return null;
  return items.map((item) => item!.trim()).filter((item) => item !== "");
}
