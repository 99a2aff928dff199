/** A web request read as a verb and its input: the names of the address, and the query or the body. */

import { HoldfastError, LIMITS } from "../../base/index.ts";
import { CATALOG, type Operation } from "../../operations/index.ts";

export interface VerbRequest {
  readonly operation: Operation;
  readonly raw: Record<string, unknown>;
}

/** `/api/wo/list` → `wo list`. `VERB_UNKNOWN` for one that only the command line has. */
export async function operationAt(pathname: string): Promise<Operation> {
  const name = pathname.slice("/api/".length).replaceAll("/", " ");
  const operation = await CATALOG.find((entry) => entry.name === name)?.load();
  if (operation === undefined || operation.commandLineOnly === true)
    throw new HoldfastError("VERB_UNKNOWN", `there is no ${pathname}`, { hint: "GET /api/openapi.json lists them" });
  return operation;
}

/** Reading verbs are asked for, the others are told. */
export function methodOf({ effect }: Operation): "GET" | "POST" {
  return effect === "write" ? "POST" : "GET";
}

/** Paths in a request are seen from the tree's root. */
export function placedAt(root: string, { operation, raw }: VerbRequest): Record<string, unknown> {
  return operation.namesPaths === true ? { ...raw, cwd: root } : raw;
}

/** What the query names, in the types that the verb's options and arguments have on the command line. */
export function inputFromQuery({ command }: Operation, query: URLSearchParams): Record<string, unknown> {
  if (query.toString().length > LIMITS.httpQueryLengthMax)
    throw new HoldfastError("USAGE", "the query is too long", { hint: "ask for less at once" });
  const flags = new Set(
    (command.options ?? []).filter(({ flags: text }) => !text.includes("<")).map(({ flags: text }) => optionName(text)),
  );
  const lists = new Set((command.arguments ?? []).filter(({ variadic }) => variadic).map(({ name }) => name));
  const raw: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (lists.has(name)) raw[name] = values;
    else if (flags.has(name)) raw[name] = values.at(-1) !== "false";
    else raw[name] = values.at(-1);
  }
  return raw;
}

/** `-f, --follow` → `follow`, `--no-page` → `page`, `--dry-run` → `dryRun`. */
export function optionName(flags: string): string {
  const long = /--(?:no-)?([a-z][a-z-]*)/.exec(flags)?.[1] ?? flags;
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The body's object. What destroys for good, or goes past a protection, needs the verb's name as `confirm`: a click can be
 * a mistake, a typed name hardly. Throws `USAGE`, `PAGE_CONFIRMATION`.
 */
export async function inputFromBody(operation: Operation, request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new HoldfastError("USAGE", "the body has to be application/json", {
      hint: 'send "content-type: application/json"',
    });
  const { confirm, ...raw } = asObject(parse(await request.text()));
  const isDestructive = operation.destructive === true || raw["force"] === true;
  if (isDestructive && confirm !== operation.name)
    throw new HoldfastError("PAGE_CONFIRMATION", `"${operation.name}" cannot be taken back`, {
      hint: `send {"confirm": "${operation.name}"} with it`,
    });
  return raw;
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HoldfastError("USAGE", `the body is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new HoldfastError("USAGE", "the body has to be one JSON object");
}
