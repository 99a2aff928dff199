/**
 * From bytes to documents: plain data, with the place of every entry.
 *
 * Whatever the bytes are, this ends within a second, and with documents or a `HoldfastError`. A file holds one document, several
 * (YAML `---`, JSON lines), or a list of them; an empty one holds one document that is `null`.
 */

import { HoldfastError } from "../../base/index.ts";
import { isRecord } from "./fields.ts";
import { parseJson } from "./json.ts";
import { refuseManyDocuments } from "./limits.ts";
import type { Offsets, Path } from "./offsets.ts";
import { decodeText, type Place, type SourceText } from "./source-text.ts";
import { parseYaml } from "./yaml.ts";

/** Numbers that a double does not give back as written are text, and so are dates. */
export interface Parsed {
  readonly value: unknown;
  readonly filename: string;
  /** Counts from 0 within the file. */
  readonly index: number;
  /** Where the entry at `path` stands, or the nearest one around it. */
  place(path: Path): Place;
  /** The entry that the file breaks off in, where that can be told. A plain word without a line end only may be cut off. */
  readonly cutOff: { readonly path: Path; readonly line: number; readonly isPlain: boolean } | null;
}

export function parseDocuments(bytes: Uint8Array, filename: string): Parsed[] {
  const source = decodeText(bytes, filename);
  const documents = readDocuments(source).flatMap((document) => entriesOf(document, source));
  if (documents.length === 0)
    documents.push({ value: null, offset: 0, offsets: null, path: [], root: null, cutOff: null });
  return documents.map(({ value, offset, offsets, path, root, cutOff }, index) => ({
    value,
    filename,
    index,
    place: (below) => source.place(offsets?.find(root, [...path, ...below], offset) ?? offset),
    cutOff: cutOff && { path: cutOff.path, line: source.place(cutOff.offset).line, isPlain: cutOff.isPlain },
  }));
}

interface ReadDocument {
  value: unknown;
  offset: number;
  offsets: Offsets | null;
  cutOff?: { path: Path; offset: number; isPlain: boolean } | null;
}

/** By content; the name decides only which reader's complaint is the more helpful one. */
function readDocuments(source: SourceText): ReadDocument[] {
  if (!/^\s*[[{]/.test(source.text)) return parseYaml(source);
  const isNamedJson = /\.(json|jsonl|ndjson)$/i.test(source.filename);
  try {
    return parseJson(source);
  } catch (error) {
    if (isNamedJson || !isSyntaxError(error)) throw error;
    try {
      return parseYaml(source);
    } catch (yamlError) {
      throw /\.ya?ml$/i.test(source.filename) || !isSyntaxError(yamlError) ? yamlError : error;
    }
  }
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === "WO_SYNTAX";
}

interface FoundDocument {
  value: unknown;
  offset: number;
  offsets: Offsets | null;
  /** From the file's value to this one. */
  path: Path;
  root: unknown;
  cutOff: { path: Path; offset: number; isPlain: boolean } | null;
}

/** A list of mappings is a list of documents. */
function entriesOf(document: ReadDocument, source: SourceText): FoundDocument[] {
  const { value, offset, offsets, cutOff = null } = document;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) {
    return [{ value, offset, offsets, path: [], root: value, cutOff }];
  }
  refuseManyDocuments(source, value.length, offset);
  return value.map((entry: unknown, index) => ({
    value: entry,
    offset,
    offsets,
    path: [index],
    root: value,
    cutOff: cutOff && cutOff.path[0] === index ? { ...cutOff, path: cutOff.path.slice(1) } : null,
  }));
}
