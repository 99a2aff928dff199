/**
 * YAML 1.2 (core) into plain data, with the place of every entry, and with limits that hold while it is read.
 *
 * The library's three stages are driven here token by token: tokens, aliases and levels are counted before the stage that would
 * have to pay for them. Nothing in a document becomes code: tags other than the core ones are refused.
 */

import { Composer, type CST, type Document, isMap, isScalar, isSeq, Lexer, type ParsedNode, Parser } from "yaml";
import { HoldfastError, LIMITS } from "../../base/index.ts";
import { Budget } from "./limits.ts";
import { Offsets, type Path } from "./offsets.ts";
import type { SourceText } from "./source-text.ts";
import { PlainData } from "./yaml-data.ts";
import { inspectTokens, isShort, TokenInspector } from "./yaml-tokens.ts";

export interface YamlDocument {
  value: unknown;
  offset: number;
  offsets: Offsets;
  /** The entry that the file breaks off in: its last one is a block of text that is empty or has no final newline. */
  cutOff: { path: Path; offset: number; isPlain: boolean } | null;
}

/** Every document that is not empty. `WO_SYNTAX`, `WO_DUPLICATE_KEY`, `WO_ALIASES`, limits. */
export function parseYaml(source: SourceText): YamlDocument[] {
  const composed = compose(source);
  const documents: YamlDocument[] = [];
  for (const document of composed) {
    const error = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0];
    if (error) source.fail("WO_SYNTAX", error.message, error.pos[0], endOf(source, error.pos[0]));
    const contents = document.contents;
    if (contents === null || (isScalar(contents) && contents.value === null)) continue;
    const offsets = new Offsets();
    const value = new PlainData(source, offsets).of(contents);
    const isLast = document === composed.at(-1);
    documents.push({
      value,
      offset: contents.range[0],
      offsets,
      cutOff: isLast ? cutOffIn(contents, source.text) : null,
    });
  }
  return documents;
}

const COMPOSER_OPTIONS = {
  schema: "core",
  resolveKnownTags: false,
  merge: false,
  // Its own check compares each key with all before it; ours uses the offsets.
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
  logLevel: "silent",
} as const;

function compose(source: SourceText): Document.Parsed[] {
  const inspector = isShort(source) ? new TokenInspector(source) : null;
  if (inspector === null) inspectTokens(source);
  const parser = new Parser();
  const composer = new Composer(COMPOSER_OPTIONS);
  const budget = new Budget(source);
  const documents: Document.Parsed[] = [];
  const take = (tokens: Iterable<CST.Token>) => {
    for (const token of tokens) {
      // One is enough, and the library makes each expensive.
      if (token.type === "error") source.fail("WO_SYNTAX", token.message, token.offset, endOf(source, token.offset));
      documents.push(...(composer.next(token) as Iterable<Document.Parsed>));
    }
  };
  try {
    for (const lexeme of new Lexer().lex(source.text)) {
      inspector?.see(lexeme);
      if (parser.stack.length > LIMITS.orderDepthMax) budget.enter(parser.offset, levelsOf(parser));
      take(parser.next(lexeme));
    }
    take(parser.end());
    documents.push(...(composer.end() as Iterable<Document.Parsed>));
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    // The library reports nearly everything as data; what it throws is about the document all the same.
    const message = error instanceof Error ? error.message : String(error);
    source.fail("WO_SYNTAX", `cannot be read as YAML: ${message}`, parser.offset);
  }
  return documents;
}

function levelsOf({ stack }: Parser): number {
  return stack.filter(({ type }) => type === "block-map" || type === "block-seq" || type === "flow-collection").length;
}

/** `atEnd`: the file may be incomplete rather than wrong. */
function endOf(source: SourceText, offset: number): { atEnd: boolean } {
  return { atEnd: source.text.slice(offset).trim() === "" };
}

/** Walks down the last entries of the last document. */
function cutOffIn(contents: ParsedNode, text: string): YamlDocument["cutOff"] {
  const path: (string | number)[] = [];
  let node: unknown = contents;
  for (;;) {
    if (isMap(node)) {
      const last: { key: unknown; value: unknown } | undefined = node.items.at(-1);
      if (!last || !isScalar(last.key)) return null;
      path.push(String(last.key.value));
      node = last.value;
    } else if (isSeq(node)) {
      path.push(node.items.length - 1);
      node = node.items.at(-1);
    } else {
      break;
    }
  }
  if (!isScalar(node) || !node.range) return null;
  const [offset, end] = node.range;
  const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
  // Quotes and brackets are closed or not; only the end of a line ends a plain word: `rm -rf build` may be the start of more.
  if (!isBlock && (node.type !== "PLAIN" || end < text.length)) return null;
  if (node.value !== "" && text.endsWith("\n")) return null;
  return { path, offset, isPlain: !isBlock };
}
