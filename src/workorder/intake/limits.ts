/** What one file may cost while it is read: entries and levels are counted as they come, so that a hostile file is refused early. */

import { LIMITS } from "../../base/index.ts";
import type { SourceText } from "./source-text.ts";

export class Budget {
  readonly #source: SourceText;
  #nodes = 0;
  #aliasedLength = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** Every scalar, list and mapping is a node. `WO_TOO_MANY`. */
  spend(offset: number, nodes = 1): void {
    this.#nodes += nodes;
    if (this.#nodes <= LIMITS.orderNodesMax) return;
    this.#source.fail("WO_TOO_MANY", `more than ${LIMITS.orderNodesMax} entries`, offset, {
      limit: LIMITS.orderNodesMax,
    });
  }

  /** What an alias stands for counts again at each use, entries and text. `WO_ALIASES`. */
  spendAlias(offset: number, { nodes, length }: { nodes: number; length: number }): void {
    this.#nodes += nodes;
    this.#aliasedLength += length;
    if (this.#nodes <= LIMITS.orderNodesMax && this.#aliasedLength <= LIMITS.orderSizeBytesMax) return;
    this.#source.fail("WO_ALIASES", "aliases expand to more than an order may hold", offset, {
      entriesMax: LIMITS.orderNodesMax,
      lengthMax: LIMITS.orderSizeBytesMax,
    });
  }

  /** Of the text that aliases stood for so far. */
  get aliasedLength(): number {
    return this.#aliasedLength;
  }

  get spent(): number {
    return this.#nodes;
  }

  /** `depth` lists and mappings around each other. `WO_TOO_DEEP`. */
  enter(offset: number, depth: number): void {
    if (depth <= LIMITS.orderDepthMax) return;
    this.#source.fail("WO_TOO_DEEP", `nested deeper than ${LIMITS.orderDepthMax} levels`, offset, {
      limit: LIMITS.orderDepthMax,
    });
  }
}

/** `WO_TOO_MANY` for the document that is one too many. */
export function refuseManyDocuments(source: SourceText, documents: number, offset: number): void {
  if (documents <= LIMITS.orderDocumentsMax) return;
  source.fail("WO_TOO_MANY", `more than ${LIMITS.orderDocumentsMax} documents in one file`, offset, {
    limit: LIMITS.orderDocumentsMax,
  });
}
