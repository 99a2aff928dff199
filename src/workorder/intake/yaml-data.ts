/** From the library's nodes to plain data, as JSON could hold it: one pass that finds duplicate keys, expands aliases and counts. */

import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { LIMITS } from "../../base/index.ts";
import { define, exactNumber } from "./json.ts";
import { Budget } from "./limits.ts";
import type { Offsets } from "./offsets.ts";
import type { SourceText } from "./source-text.ts";

export class PlainData {
  readonly #source: SourceText;
  readonly #offsets: Offsets;
  readonly #budget: Budget;
  /** What each finished anchor stands for, and how many nodes, levels and characters that is. */
  readonly #anchors = new Map<string, { value: unknown; nodes: number; levels: number; length: number }>();

  constructor(source: SourceText, offsets: Offsets) {
    this.#source = source;
    this.#offsets = offsets;
    this.#budget = new Budget(source);
  }

  of(contents: ParsedNode): unknown {
    return this.#value(contents, 0).value;
  }

  #value(node: Node | null | undefined, depth: number): { value: unknown; levels: number } {
    if (!node) return { value: null, levels: 0 };
    const offset = node.range?.[0] ?? 0;
    if (isAlias(node)) return this.#alias(node, offset, depth);
    const before = { nodes: this.#budget.spent, aliased: this.#budget.aliasedLength };
    this.#budget.spend(offset);
    let result: { value: unknown; levels: number };
    if (isMap(node)) result = this.#map(node, depth + 1, offset);
    else if (isSeq(node)) result = this.#list(node.items as Node[], depth + 1, offset);
    else result = { value: isScalar(node) ? scalarValue(node) : null, levels: 0 };
    // Registered only when finished: an alias inside its own anchor finds nothing, so no value contains itself.
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor) {
      const length = (node.range?.[1] ?? offset) - offset + this.#budget.aliasedLength - before.aliased;
      this.#anchors.set(anchor, { ...result, nodes: this.#budget.spent - before.nodes, length });
    }
    return result;
  }

  #alias(node: Alias, offset: number, depth: number): { value: unknown; levels: number } {
    const anchor = this.#anchors.get(node.source);
    if (!anchor)
      this.#source.fail("WO_SYNTAX", `the alias *${node.source} names nothing that stands before it`, offset);
    this.#budget.spendAlias(offset, anchor);
    if (depth + anchor.levels > LIMITS.orderDepthMax) this.#budget.enter(offset, depth + anchor.levels);
    return { value: anchor.value, levels: anchor.levels };
  }

  #list(items: Node[], depth: number, offset: number): { value: unknown[]; levels: number } {
    this.#budget.enter(offset, depth);
    const list: unknown[] = [];
    let levels = 0;
    for (const item of items) {
      this.#offsets.note(list, list.length, item?.range?.[0] ?? offset);
      const entry = this.#value(item, depth);
      list.push(entry.value);
      levels = Math.max(levels, entry.levels);
    }
    return { value: list, levels: levels + 1 };
  }

  #map(node: YAMLMap, depth: number, offset: number): { value: Record<string, unknown>; levels: number } {
    this.#budget.enter(offset, depth);
    const object: Record<string, unknown> = {};
    const merged: { value: unknown; offset: number }[] = [];
    let levels = 0;
    for (const pair of node.items) {
      const key = pair.key as Scalar;
      const keyOffset = key.range?.[0] ?? offset;
      const name = String(key.value ?? "");
      const entry = this.#value(pair.value as Node | null, depth);
      levels = Math.max(levels, entry.levels);
      if (name === "<<" && key.type === "PLAIN") {
        merged.push({ value: entry.value, offset: keyOffset });
        continue;
      }
      if (Object.hasOwn(object, name)) this.#duplicate(object, name, keyOffset);
      define(object, name, entry.value);
      this.#offsets.note(object, name, keyOffset);
    }
    for (const { value, offset: keyOffset } of merged) this.#merge(object, value, keyOffset);
    return { value: object, levels: levels + 1 };
  }

  /** A key of the mapping itself wins over a merged one, an earlier merged one over a later. */
  #merge(object: Record<string, unknown>, value: unknown, offset: number): void {
    for (const from of Array.isArray(value) ? value : [value]) {
      if (typeof from !== "object" || from === null || Array.isArray(from)) {
        this.#source.fail("WO_SYNTAX", "`<<` can only take in a mapping, or a list of mappings", offset);
      }
      for (const [name, entry] of Object.entries(from)) {
        if (Object.hasOwn(object, name)) continue;
        define(object, name, entry);
        this.#offsets.note(object, name, offset);
      }
    }
  }

  #duplicate(object: object, key: string, offset: number): never {
    const first = this.#source.place(this.#offsets.of(object, key) ?? 0);
    this.#source.fail(
      "WO_DUPLICATE_KEY",
      `the key ${JSON.stringify(key)} stands twice, first in line ${first.line}`,
      offset,
      {
        key,
        firstLine: first.line,
      },
    );
  }
}

/** Numbers that a double does not give back exactly as written (`002`, `0o755`, `1.10`, `.inf`) stay text, as dates do. */
function scalarValue(scalar: Scalar): unknown {
  const { value, source } = scalar;
  return typeof value === "number" ? exactNumber(source ?? String(value)) : value;
}
