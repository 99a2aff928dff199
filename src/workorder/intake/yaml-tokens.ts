/** A first look at YAML, at its tokens alone: several times cheaper than what the parser would make of a hostile file. */

import { CST, Lexer } from "yaml";
import { LIMITS } from "../../base/index.ts";
import { refuseManyDocuments } from "./limits.ts";
import type { SourceText } from "./source-text.ts";

/** `WO_TOO_MANY`, `WO_ALIASES`; `WO_SYNTAX` for tags that are not core. */
export function inspectTokens(source: SourceText): void {
  const inspector = new TokenInspector(source);
  for (const lexeme of new Lexer().lex(source.text)) inspector.see(lexeme);
}

/** Nothing that the parser could make of so little is worth a look beforehand; it is inspected while it is parsed. */
export function isShort({ text }: SourceText): boolean {
  return text.length <= SHORT_TEXT_LENGTH_MAX;
}

const SHORT_TEXT_LENGTH_MAX = 16_384;

const CORE_TAGS = new Set(["!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"]);
/** What the lexer puts between the parts of the text, and the text does not hold. */
const MARKS: ReadonlySet<string> = new Set([CST.SCALAR, CST.DOCUMENT, CST.FLOW_END]);

export class TokenInspector {
  readonly #source: SourceText;
  #offset = 0;
  #tokens = 0;
  #aliases = 0;
  /** Of documents: `---`, `...` and directives, of which one document has two or three. */
  #borders = 0;
  #isContent = false;

  constructor(source: SourceText) {
    this.#source = source;
  }

  see(lexeme: string): void {
    this.#tokens += 1;
    if (this.#tokens > LIMITS.orderYamlTokensMax) {
      this.#source.fail("WO_TOO_MANY", `more than ${LIMITS.orderYamlTokensMax} words, signs and lines`, this.#offset);
    }
    const isContent = this.#isContent;
    this.#isContent = !isContent && lexeme === CST.SCALAR;
    if (!isContent) this.#inspect(lexeme);
    if (isContent || !MARKS.has(lexeme)) this.#offset += lexeme.length;
  }

  #inspect(lexeme: string): void {
    switch (CST.tokenType(lexeme)) {
      case "alias":
        this.#aliases += 1;
        if (this.#aliases > LIMITS.orderAliasesMax) {
          this.#source.fail("WO_ALIASES", `more than ${LIMITS.orderAliasesMax} aliases`, this.#offset);
        }
        break;
      case "tag":
        if (!CORE_TAGS.has(lexeme)) this.#source.fail("WO_SYNTAX", `the tag ${lexeme} is not allowed`, this.#offset);
        break;
      case "directive-line":
        if (lexeme.startsWith("%TAG")) this.#source.fail("WO_SYNTAX", "%TAG is not allowed", this.#offset);
        this.#border();
        break;
      case "doc-start":
      case "doc-end":
        this.#border();
        break;
    }
  }

  #border(): void {
    this.#borders += 1;
    refuseManyDocuments(this.#source, Math.ceil(this.#borders / 3), this.#offset);
  }
}
