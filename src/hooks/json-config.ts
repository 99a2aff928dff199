/**
 * Entries of ours in an agent's JSON configuration, put in and taken out without touching anything else: comments, order of keys,
 * spacing and other hooks stay as they are.
 *
 * Texts in, texts out. Each insertion is kept as the one piece of text that it added: taking that piece out again gives back the
 * owner's bytes exactly, whatever was changed elsewhere meanwhile. Where the piece is not found as it was (a formatter went over the
 * file), only the entries themselves are taken out.
 */

import { isDeepStrictEqual } from "node:util";
import type { Node, ParseError } from "jsonc-parser";
import { HoldfastError } from "../base/index.ts";
import { indentAt, layoutOf, ownIndentAt } from "./json-layout.ts";
import { jsonc } from "./jsonc.ts";

/** One entry of a list that an agent keeps under `hooks.<event>`, or a setting that it needs. */
export type Wanted =
  | { readonly kind: "entry"; readonly event: string; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "setting"; readonly name: string; readonly value: string | number };

export interface Inserted {
  readonly text: string;
  /** What each step put in, in order. */
  readonly pieces: readonly string[];
  /** What was actually missing. */
  readonly wanted: readonly Wanted[];
}

/** `isOurs`: of a command that stands in an entry. Throws `HOOK_CONFIG_INVALID`. */
export function insertEntries(
  file: { readonly name: string; readonly text: string },
  wanted: readonly Wanted[],
  isOurs: (command: string) => boolean,
): Inserted {
  let text = file.text.trim() === "" ? EMPTY : file.text;
  const pieces: string[] = [];
  const missing = wanted.filter((one) => !isThere(rootOf({ ...file, text }), one, isOurs));
  for (const one of missing) {
    const { at, added } = insertion(text, one);
    text = text.slice(0, at) + added + text.slice(at);
    pieces.push(added);
  }
  return { text, pieces, wanted: missing };
}

const EMPTY = "{}\n";
const TRIES_MAX = 500;

/** The text without ours; `pieces` as they were added, in order. Throws `HOOK_CONFIG_INVALID`. */
export function removeEntries(
  file: { readonly name: string; readonly text: string },
  { pieces, wanted }: Pick<Inserted, "pieces" | "wanted">,
  isOurs: (command: string) => boolean,
): string {
  const structural = takeOutEntries(file, wanted, isOurs);
  let tries = 0;
  // A comma that only ours made needful would stop an agent that reads JSON to the letter.
  const tidied = trailingCommas(file.text).length > 0 ? (text: string) => text : withoutTrailingCommas;
  for (const exact of takenOut(file.text, pieces)) {
    if (saysTheSame(exact, structural, wanted)) return tidied(exact);
    if (++tries === TRIES_MAX) break;
  }
  return structural;
}

/** The events under which an entry of ours stands. Throws `HOOK_CONFIG_INVALID`. */
export function eventsOfOurs(
  file: { readonly name: string; readonly text: string },
  isOurs: (command: string) => boolean,
): string[] {
  const hooks = contentOf(rootOf(file))["hooks"];
  if (!isObject(hooks)) return [];
  return Object.keys(hooks).filter(
    (event) => Array.isArray(hooks[event]) && hooks[event].some((one) => holdsOurs(one, isOurs)),
  );
}

/** The whole configuration as a value. Throws `HOOK_CONFIG_INVALID`. */
export function configValue(file: { readonly name: string; readonly text: string }): Record<string, unknown> {
  return contentOf(rootOf(file));
}

/** Without ours the file would say nothing: it was made for them. */
export function saysNothing(text: string): boolean {
  return text.trim() === "" || /^\{\s*\}$/.test(text.trim());
}

// ------------------------------------------------------------------------------------------------------------ reading

const OPTIONS = { allowTrailingComma: true, disallowComments: false } as const;

function rootOf({ name, text }: { readonly name: string; readonly text: string }): Node | null {
  if (text.trim() === "") return null;
  const errors: ParseError[] = [];
  const root = jsonc.parseTree(text, errors, OPTIONS);
  const [error] = errors;
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split("\n").length;
    throw invalid(name, `line ${line}: ${words(jsonc.printParseErrorCode(error.error))}`, { line });
  }
  if (root?.type !== "object") throw invalid(name, "it is no JSON object");
  const hooks = jsonc.findNodeAtLocation(root, ["hooks"]);
  if (hooks !== undefined && hooks.type !== "object") throw invalid(name, '"hooks" is no object');
  for (const { children } of hooks?.children ?? []) {
    const [key, value] = children ?? [];
    if (value?.type !== "array" && isEventName(key?.value))
      throw invalid(name, `"hooks.${String(key?.value)}" is no list`);
  }
  return root;
}

/** Some agents keep switches beside the events. */
function isEventName(name: unknown): boolean {
  return typeof name === "string" && !["enabled", "disabled", "notifications"].includes(name);
}

/** Where commas stand behind which nothing follows. */
function trailingCommas(text: string): number[] {
  const scanner = jsonc.createScanner(text, true);
  const found: number[] = [];
  let comma: number | null = null;
  for (;;) {
    scanner.scan();
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (token === "") return found;
    if (comma !== null && (token === "}" || token === "]")) found.push(comma);
    comma = token === "," ? scanner.getTokenOffset() : null;
  }
}

function withoutTrailingCommas(text: string): string {
  return trailingCommas(text).reduceRight((left, at) => left.slice(0, at) + left.slice(at + 1), text);
}

function invalid(file: string, why: string, data: Record<string, unknown> = {}): HoldfastError {
  return new HoldfastError("HOOK_CONFIG_INVALID", `${file} cannot be read: ${why}`, {
    hint: `mend ${file}, then run the command again; nothing was changed`,
    data: { file, ...data },
  });
}

/** `CommaExpected` → `comma expected`. */
function words(code: string): string {
  return code.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();
}

function contentOf(root: Node | null): Record<string, unknown> {
  return root === null ? {} : (jsonc.getNodeValue(root) as Record<string, unknown>);
}

function contentOrNull(text: string): Record<string, unknown> | null {
  try {
    return contentOf(rootOf({ name: "", text }));
  } catch (error) {
    if (error instanceof HoldfastError) return null;
    throw error;
  }
}

function isThere(root: Node | null, one: Wanted, isOurs: (command: string) => boolean): boolean {
  const value = contentOf(root);
  if (one.kind === "setting") return Object.hasOwn(value, one.name);
  const hooks = isObject(value["hooks"]) ? value["hooks"] : {};
  const list: unknown = Object.hasOwn(hooks, one.event) ? hooks[one.event] : [];
  return Array.isArray(list) && list.some((entry) => holdsOurs(entry, isOurs));
}

function holdsOurs(entry: unknown, isOurs: (command: string) => boolean): boolean {
  if (!isObject(entry)) return false;
  if (typeof entry["command"] === "string") return isOurs(entry["command"]);
  return Array.isArray(entry["hooks"]) && entry["hooks"].some((one) => holdsOurs(one, isOurs));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ------------------------------------------------------------------------------------------------------------ editing

/** Nothing but an insertion: the library's own would lay out what stands beside it anew. */
function insertion(text: string, one: Wanted): { at: number; added: string } {
  const root = rootOf({ name: "", text })!;
  if (one.kind === "setting") return intoContainer(text, root, { key: one.name, value: one.value });
  const hooks = jsonc.findNodeAtLocation(root, ["hooks"]);
  if (hooks === undefined) return intoContainer(text, root, { key: "hooks", value: { [one.event]: [one.value] } });
  const list = jsonc.findNodeAtLocation(root, ["hooks", one.event]);
  return list === undefined
    ? intoContainer(text, hooks, { key: one.event, value: [one.value] })
    : intoContainer(text, list, { key: null, value: one.value });
}

/** At its end: on lines of its own where the container has lines, as its last child is indented. */
function intoContainer(
  text: string,
  container: Node,
  { key, value }: { key: string | null; value: unknown },
): { at: number; added: string } {
  const { unit, lineEnd } = layoutOf(text);
  const last = container.children?.at(-1);
  const around = indentAt(text, container.offset);
  const inside = last === undefined ? null : ownIndentAt(text, last.offset);
  const isSpread = last === undefined ? text.trim().includes("\n") || text.trim() === "{}" : inside !== null;
  const indent = inside ?? around + unit;
  const written = isSpread
    ? JSON.stringify(value, null, unit).replaceAll("\n", `${lineEnd}${indent}`)
    : JSON.stringify(value);
  const whole = key === null ? written : `${JSON.stringify(key)}: ${written}`;
  if (last !== undefined)
    return { at: last.offset + last.length, added: isSpread ? `,${lineEnd}${indent}${whole}` : `, ${whole}` };
  const isBare = /^[[{]\s*[\]}]/.test(text.slice(container.offset));
  const end = isBare && !text.slice(container.offset + 1).startsWith("\n") ? `${lineEnd}${around}` : "";
  return { at: container.offset + 1, added: isSpread ? `${lineEnd}${indent}${whole}${end}` : whole };
}

/** Every text that is left when each piece is taken out where it is found: one may look like a part of another. */
function* takenOut(text: string, pieces: readonly string[]): Generator<string> {
  const piece = pieces.at(-1);
  if (piece === undefined) {
    yield text;
    return;
  }
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1))
    yield* takenOut(text.slice(0, at) + text.slice(at + piece.length), pieces.slice(0, -1));
}

function takeOutEntries(
  file: { readonly name: string; readonly text: string },
  wanted: readonly Wanted[],
  isOurs: (command: string) => boolean,
): string {
  let { text } = file;
  for (;;) {
    const path = pathToRemove(contentOf(rootOf({ ...file, text })), wanted, isOurs);
    if (path === null) return text;
    text = withoutNode(text, jsonc.findNodeAtLocation(rootOf({ ...file, text })!, [...path])!);
  }
}

/** With the comma that it needed, and the spaces on that side. */
function withoutNode(text: string, value: Node): string {
  const node = value.parent?.type === "property" ? value.parent : value;
  const siblings = node.parent?.children ?? [];
  const index = siblings.indexOf(node);
  const end = node.offset + node.length;
  const [before, after] = [siblings[index - 1], siblings[index + 1]];
  if (before !== undefined) return text.slice(0, before.offset + before.length) + text.slice(end);
  if (after !== undefined) return text.slice(0, node.offset) + text.slice(after.offset);
  return text.slice(0, node.offset) + text.slice(end).replace(COMMA_BEHIND, "$1");
}

/** Comments may stand before it. */
const COMMA_BEHIND = /^((?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*),/;

/** The next place to take out, from the inside outwards; what the owner put beside ours stays. */
function pathToRemove(
  value: Record<string, unknown>,
  wanted: readonly Wanted[],
  isOurs: (command: string) => boolean,
): readonly (string | number)[] | null {
  const hooks = isObject(value["hooks"]) ? value["hooks"] : {};
  for (const [event, list] of Object.entries(hooks)) {
    if (!Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) {
      if (!holdsOurs(entry, isOurs)) continue;
      const inner: unknown[] = isObject(entry) && Array.isArray(entry["hooks"]) ? entry["hooks"] : [];
      const at = inner.findIndex((one) => holdsOurs(one, isOurs));
      if (inner.length > 1) return ["hooks", event, index, "hooks", at];
      if (list.length > 1) return ["hooks", event, index];
      return Object.keys(hooks).length > 1 ? ["hooks", event] : ["hooks"];
    }
  }
  const setting = wanted.find(
    (one) => one.kind === "setting" && value[one.name] === one.value && Object.keys(value).length === 1,
  );
  return setting?.kind === "setting" ? [setting.name] : null;
}

/** But for what may have been empty before, and for the settings that were made for ours. */
function saysTheSame(a: string, b: string, wanted: readonly Wanted[]): boolean {
  const [left, right] = [a, b].map((text) => essence(text, wanted));
  return left !== null && isDeepStrictEqual(left, right);
}

function essence(text: string, wanted: readonly Wanted[]): Record<string, unknown> | null {
  const value = contentOrNull(text);
  if (value === null) return null;
  const { hooks, ...rest } = value;
  for (const one of wanted) if (one.kind === "setting") delete rest[one.name];
  const lists = Object.entries(isObject(hooks) ? hooks : {}).filter(
    ([, list]) => !(Array.isArray(list) && list.length === 0),
  );
  return lists.length === 0 ? rest : { ...rest, hooks: Object.fromEntries(lists) };
}
