/** Edits of `holdfast.yaml` as text: the owner's comments, order and spacing stay. */

import { Document, isMap, isNode, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { ComponentInput } from "./config.ts";
import { parseConfig } from "./parse-config.ts";

/**
 * `text` with the component added, or its keys changed where the name is there already.
 *
 * An addition inserts lines and moves nothing else, where `components` is written in lines or missing. Otherwise comments and order
 * stay and spacing may become regular. The result is valid: throws `CONFIG_INVALID` or `COMPONENT_INVALID` (an overlap) instead.
 */
export function withComponent(text: string, name: string, component: ComponentInput): string {
  parseConfig(text);
  const document = parseDocument(text);
  const edited = inserted(text, document, { name, component }) ?? rewritten(document, { name, component });
  parseConfig(edited);
  return edited;
}

/** `name:` and the keys that are said, lists in one line. Ends with a newline. */
export function componentText(name: string, component: ComponentInput): string {
  const document = new Document({ [name]: fieldsOf(component) });
  visit(document, {
    Seq(_key, list) {
      list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

export function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}

interface Addition {
  readonly name: string;
  readonly component: ComponentInput;
}

/** By inserting lines; `null` where the file's shape does not allow that. */
function inserted(text: string, document: Document.Parsed, addition: Addition): string | null {
  const root = document.contents;
  const block = componentText(addition.name, addition.component);
  const pair = isMap(root)
    ? root.items.find((item) => isScalar(item.key) && item.key.value === "components")
    : undefined;
  if (pair === undefined) {
    const canAppend = (root === null || (isMap(root) && !root.flow)) && !/^(\.\.\.|---)/m.test(text);
    return canAppend ? `${withFinalNewline(text)}components:\n${indented(block, 2)}` : null;
  }
  const { key, value } = pair;
  if (isScalar(key) && key.range && isScalar(value) && value.value === null && value.source === "") {
    return insertedAfterLine(text, key.range[1], indented(block, 2));
  }
  if (!isMap(value) || value.flow || value.has(addition.name)) return null;
  const last = value.items.at(-1)?.value;
  const first = value.items[0]?.key;
  if (!isScalar(first) || !first.range || !(isMap(last) || isSeq(last) || isScalar(last)) || !last.range) return null;
  const columns = first.range[0] - (text.lastIndexOf("\n", first.range[0] - 1) + 1);
  return insertedAfterLine(text, last.range[1], indented(block, columns));
}

/** Through the document: for flow style, and for a component that exists. */
function rewritten(document: Document.Parsed, { name, component }: Addition): string {
  const fields = fieldsOf(component);
  if (document.getIn(["components", name]) === undefined)
    document.setIn(["components", name], document.createNode(fields));
  for (const [key, value] of Object.entries(fields)) {
    const path = ["components", name, key];
    const present = new Document(document.getIn(path)).toJS();
    if (JSON.stringify(present) === JSON.stringify(value)) continue;
    const node = document.createNode(value, { flow: true });
    const old = document.getIn(path, true);
    if (isNode(old) && old.comment) node.comment = old.comment;
    document.setIn(path, node);
  }
  return document.toString({ lineWidth: 0 });
}

/** A block's end may lie at the start of the line after it. */
function insertedAfterLine(text: string, offset: number, block: string): string {
  const newline = text[offset - 1] === "\n" ? offset - 1 : text.indexOf("\n", offset);
  const end = newline === -1 ? text.length : newline + 1;
  return withFinalNewline(text.slice(0, end)) + block + text.slice(end);
}

function withFinalNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** In the order of formats.md, without what is only a default. */
function fieldsOf(component: ComponentInput): Record<string, unknown> {
  const fields: [string, unknown][] = [
    ["paths", component.paths],
    ["executable", component.executable?.length ? component.executable : undefined],
    ["response", component.response],
    ["strict", component.strict || undefined],
    ["scope", component.scope === "always" ? "always" : undefined],
    ["appendOnly", component.appendOnly || undefined],
    ["kind", component.kind ?? undefined],
    ["service", component.service ?? undefined],
    ["check", component.check ?? undefined],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
