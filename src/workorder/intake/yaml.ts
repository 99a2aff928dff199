/**
 * YAML 1.2 (core) into plain data, with the place of every entry, and with limits that hold while it is read.
 *
 * The library's three stages are driven here token by token: levels, entries and aliases are counted before the stage that would
 * have to pay for them. Nothing in a document becomes code: tags other than the core ones are refused.
 */

import { CST, Composer, type Document, isMap, isScalar, isSeq, Lexer, Parser, type ParsedNode } from "yaml";
import { HoldfastError, LIMITS } from "../../base/index.ts";
import { Budget, refuseManyDocuments } from "./limits.ts";
import { Offsets, type Path } from "./offsets.ts";
import { PlainData } from "./yaml-data.ts";
import type { SourceText } from "./source-text.ts";

export interface YamlDocument {
  value: unknown;
  offset: number;
  offsets: Offsets;
  /** The entry that the file breaks off in: its last one is a block of text that is empty or has no final newline. */
  cutOff: { path: Path; offset: number } | null;
}

/** Every document that is not empty. `WO_SYNTAX`, `WO_DUPLICATE_KEY`, `WO_ALIASES`, limits. */
export function parseYaml(source: SourceText): YamlDocument[] {
  const composed = compose(source);
  const documents: YamlDocument[] = [];
  for (const document of composed) {
    const error = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0];
    if (error) {
      source.fail("WO_SYNTAX", error.message, error.pos[0], { atEnd: source.text.slice(error.pos[0]).trim() === "" });
    }
    const contents = document.contents;
    if (contents === null || (isScalar(contents) && contents.value === null)) continue;
    const offsets = new Offsets();
    const value = new PlainData(source, offsets).of(contents);
    const isLast = document === composed.at(-1);
    documents.push({ value, offset: contents.range[0], offsets, cutOff: isLast ? cutOffIn(contents, source.text) : null });
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
  const lexer = new Lexer();
  const parser = new Parser();
  const composer = new Composer(COMPOSER_OPTIONS);
  const gate = new Gate(source);
  const documents: Document.Parsed[] = [];
  try {
    for (const lexeme of lexer.lex(source.text)) {
      gate.pass(lexeme, parser);
      for (const token of parser.next(lexeme)) documents.push(...(composer.next(token) as Iterable<Document.Parsed>));
    }
    for (const token of parser.end()) documents.push(...(composer.next(token) as Iterable<Document.Parsed>));
    documents.push(...(composer.end() as Iterable<Document.Parsed>));
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    // The library reports nearly everything as data; what it throws is about the document all the same.
    source.fail("WO_SYNTAX", `cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`, parser.offset);
  }
  return documents;
}

/** Of the punctuation, space and comments between entries: several make one entry, none costs nothing. */
const LEXEMES_MAX = 5 * LIMITS.orderNodesMax;
const CORE_TAGS = new Set(["!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"]);
const COLLECTIONS = new Set(["block-map", "block-seq", "flow-collection"]);

/** Looks at each lexeme before the parser does. */
class Gate {
  readonly #source: SourceText;
  readonly #budget: Budget;
  #lexemes = 0;
  #aliases = 0;
  #documents = 0;
  #isContent = false;

  constructor(source: SourceText) {
    this.#source = source;
    this.#budget = new Budget(source);
  }

  pass(lexeme: string, parser: Parser): void {
    const isContent = this.#isContent;
    this.#isContent = lexeme === CST.SCALAR;
    this.#lexemes += 1;
    if (this.#lexemes > LEXEMES_MAX) this.#budget.spend(parser.offset, LIMITS.orderNodesMax + 1);
    if (isContent) return;
    // Each of these opens an entry, and perhaps one level more than the parser holds now.
    switch (CST.tokenType(lexeme)) {
      case "scalar":
      case "single-quoted-scalar":
      case "double-quoted-scalar":
        this.#budget.spend(parser.offset);
        return;
      case "flow-map-start":
      case "flow-seq-start":
      case "seq-item-ind":
      case "explicit-key-ind":
      case "map-value-ind":
        this.#budget.enter(parser.offset, this.#depth(parser));
        return;
      case "alias":
        this.#aliases += 1;
        if (this.#aliases > LIMITS.orderAliasesMax) {
          this.#source.fail("WO_ALIASES", `more than ${LIMITS.orderAliasesMax} aliases`, parser.offset);
        }
        return;
      case "tag":
        if (!CORE_TAGS.has(lexeme)) this.#source.fail("WO_SYNTAX", `the tag ${lexeme} is not allowed`, parser.offset);
        return;
      case "directive-line":
        if (lexeme.startsWith("%TAG")) this.#source.fail("WO_SYNTAX", "%TAG is not allowed", parser.offset);
        return;
      case "doc-start":
        this.#documents += 1;
        refuseManyDocuments(this.#source, this.#documents, parser.offset);
        return;
    }
  }

  #depth(parser: Parser): number {
    if (parser.stack.length <= LIMITS.orderDepthMax) return 0;
    return parser.stack.filter(({ type }) => COLLECTIONS.has(type)).length;
  }
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
  if (!isScalar(node) || (node.type !== "BLOCK_LITERAL" && node.type !== "BLOCK_FOLDED")) return null;
  if (node.value !== "" && text.endsWith("\n")) return null;
  return { path, offset: node.range?.[0] ?? 0 };
}
