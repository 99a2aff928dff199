/**
 * What a record of somebody else's ledger says of a path: that it ran, that it was watched to change, or only its name. Pure.
 *
 * Prose proves nothing: "created tools/x.sh" is what somebody says they did. A record proves something when it has the exact path in a
 * field of its own, beside a field that says how it went, or when what wrote it watches files.
 */

import { timeOf } from "./foreign-time.ts";
import type { RecoveredRecord } from "./recover-records.ts";

export interface LedgerSighting {
  readonly atMs: number | null;
  readonly kind: "ran" | "seen" | "failed" | "mentioned";
  /** One line, foreign text. */
  readonly says: string;
  readonly line: number;
}

/** `paths`: as one would find them at the end of an absolute path. */
export function sightingOf({ value, line }: RecoveredRecord, paths: readonly string[]): LedgerSighting | null {
  if (isOwnRecord(value)) return null;
  const strings = stringsOf(value);
  if (!strings.some(({ text }) => paths.some((path) => mentions(text, path)))) return null;
  const isNamed = strings.some(({ key, text }) => PATH_KEYS.test(key) && paths.some((path) => isExactly(text, path)));
  const isWatched = isWatcher(value) && strings.some(({ text }) => paths.some((path) => endsWithPath(text, path)));
  const isCommand = strings.some(
    ({ key, text }) => COMMAND_KEYS.test(key) && paths.some((path) => mentions(text, path)),
  );
  return {
    atMs: timeOf(value),
    kind: kindOf(value, { isNamed, isWatched, isCommand }),
    says: headlineOf(value),
    line,
  };
}

const PATH_KEYS =
  /^(file|path|paths|files|script|target|artifact_path|filename|guard_path|source_file|executable|program)$/i;
const COMMAND_KEYS = /^(command|cmd|argv|run|script)$/i;

function kindOf(
  value: Readonly<Record<string, unknown>>,
  { isNamed, isWatched, isCommand }: { isNamed: boolean; isWatched: boolean; isCommand: boolean },
): LedgerSighting["kind"] {
  if (isWatched) return /delet|remov/i.test(headlineOf(value)) ? "mentioned" : "seen";
  if ((!isNamed && !isCommand) || CLAIM.test(deedOf(value))) return "mentioned";
  const outcome = outcomeOf(value);
  if (outcome === null) return "mentioned";
  return outcome ? "ran" : "failed";
}

/** Somebody tells of their own work: that a file was made says less than that it ran. */
const CLAIM = /creat|implement|add|writ|draft|plan|doc|report|drop|propos|review|scan|summar|verif|design|spec/i;

function deedOf(value: Readonly<Record<string, unknown>>): string {
  return ["event", "action", "type", "title", "task_type"]
    .map((name) => (typeof value[name] === "string" ? value[name] : ""))
    .join(" ");
}

const WELL = /^(ok|success|succeeded|successful|complete|completed|done|passed|finished|ran|executed)$/i;
const ILL = /^(fail|failed|failure|error|errored|aborted|missing|not[_ ]found|timeout)$/i;

/** `null`: the record does not say how it went. */
function outcomeOf(value: Readonly<Record<string, unknown>>): boolean | null {
  for (const name of ["exit_code", "exit", "exitCode", "code", "rc"]) {
    if (typeof value[name] === "number") return value[name] === 0;
  }
  for (const name of ["ok", "success"]) if (typeof value[name] === "boolean") return value[name];
  for (const name of ["status", "result", "outcome", "event"]) {
    const text = value[name];
    if (typeof text !== "string") continue;
    const word = text.split(/[._:]/).at(-1)!;
    if (WELL.test(text) || WELL.test(word)) return true;
    if (ILL.test(text) || ILL.test(word)) return false;
  }
  return null;
}

function isWatcher(value: Readonly<Record<string, unknown>>): boolean {
  const source = value["source"];
  const producer = typeof source === "object" && source !== null && "producer" in source ? source.producer : source;
  return typeof producer === "string" && /watch/i.test(producer);
}

/** Holdfast's own lines say what its ledger says already: they are no witness of their own. */
export function isOwnRecord(value: Readonly<Record<string, unknown>>): boolean {
  const source = value["source"];
  if (typeof source === "object" && source !== null && "producer" in source && source.producer === "holdfast")
    return true;
  return typeof value["seq"] === "number" && typeof value["agent"] === "string" && typeof value["event"] === "string";
}

export function headlineOf(value: Readonly<Record<string, unknown>>): string {
  const parts = ["title", "event", "action", "summary", "message", "status", "error"].flatMap((name) =>
    typeof value[name] === "string" && value[name] !== "" ? [value[name]] : [],
  );
  const agent = ["agent", "author", "attested_by", "__source"]
    .map((name) => value[name])
    .find((one) => typeof one === "string");
  return `${typeof agent === "string" ? `${agent}: ` : ""}${parts.slice(0, 2).join(" – ")}`.slice(0, 300);
}

const DEPTH_MAX = 8;
const STRINGS_MAX = 2_000;

function stringsOf(value: unknown): { key: string; text: string }[] {
  const found: { key: string; text: string }[] = [];
  const visit = (one: unknown, key: string, depth: number): void => {
    if (found.length >= STRINGS_MAX || depth > DEPTH_MAX) return;
    if (typeof one === "string") found.push({ key, text: one });
    else if (Array.isArray(one)) for (const item of one) visit(item, key, depth + 1);
    else if (typeof one === "object" && one !== null)
      for (const [name, item] of Object.entries(one)) visit(item, name, depth + 1);
  };
  visit(value, "", 0);
  return found;
}

function isExactly(text: string, path: string): boolean {
  return text === path || text === `./${path}` || text.endsWith(`/${path}`);
}

/** `Path: /home/me/tree/tools/x.sh`. */
function endsWithPath(text: string, path: string): boolean {
  return isExactly(text.trim().split(/\s/).at(-1) ?? "", path);
}

/** The path as a word of its own: not `tools/x.sh.bak`, not `mytools/x.sh`. */
export function mentions(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const [before, after] = [text[at - 1] ?? " ", text.slice(at + path.length, at + path.length + 2)];
    if (!/[\w.-]/.test(before) && !/^([\w-]|\.\w)/.test(after)) return true;
  }
  return false;
}
