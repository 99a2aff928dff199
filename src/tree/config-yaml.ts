/**
 * The YAML half of reading `holdfast.yaml`: a plain value, and where each key of it stands.
 *
 * The text is hostile: a pull or an agent may have written it. Size, nesting and aliases are bounded; custom tags are errors.
 */

import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { HoldfastError, LIMITS } from "../base/index.ts";

/** One thing that is wrong, at a 1-based line and column. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type KeyPath = readonly PropertyKey[];

export interface ConfigSource {
  readonly value: unknown;
  placeOf(path: KeyPath, key?: string): { line: number; column: number };
}

/** Throws `CONFIG_INVALID` for what is no single, sound YAML document. An empty one is `null`. */
export function readConfigYaml(text: string): ConfigSource {
  refuseExcess(text);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: "error",
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complaints = [...document.errors, ...document.warnings, ...hostileNodes(document)];
  if (complaints.length > 0) {
    throw invalidConfig(
      "CONFIG_INVALID",
      complaints.map((error) => ({ ...at(error.pos[0]), message: error.message })),
    );
  }
  return {
    value: document.toJS({ maxAliasCount: LIMITS.configAliasesMax }),
    placeOf: (path, key) => at(offsetOf(document, path, key)),
  };
}

/** Before the parser: it needs seconds for a megabyte of open brackets. */
function refuseExcess(text: string): void {
  const start = { line: 1, column: 1 };
  if (Buffer.byteLength(text) > LIMITS.configSizeBytesMax) {
    throw invalidConfig("CONFIG_INVALID", [
      { ...start, message: `the file is larger than ${LIMITS.configSizeBytesMax} bytes` },
    ]);
  }
  let open = 0;
  for (const bracket of text.match(/[[{}\]]/g) ?? []) {
    open += bracket === "[" || bracket === "{" ? 1 : -1;
    if (open > LIMITS.configDepthMax)
      throw invalidConfig("CONFIG_INVALID", [{ ...start, message: "the file is nested too deeply" }]);
  }
}

/**
 * Aliases are expanded by multiplication, so a few lines can stand for gigabytes: they may not nest. A key `__proto__` would be
 * dropped in silence further on.
 */
function hostileNodes(document: Document): { pos: [number, number]; message: string }[] {
  const found: { pos: [number, number]; message: string }[] = [];
  let aliases = 0;
  visit(document, {
    Alias(_key, alias, path) {
      const pos: [number, number] = [alias.range?.[0] ?? 0, alias.range?.[1] ?? 0];
      aliases += 1;
      if (aliases > LIMITS.configAliasesMax) {
        found.push({ pos, message: `more than ${LIMITS.configAliasesMax} aliases` });
        return visit.BREAK;
      }
      if (alias.resolve(document) === undefined)
        found.push({ pos, message: `no anchor &${alias.source} stands before this alias` });
      else if (path.some((node) => "anchor" in node && node.anchor))
        found.push({ pos, message: "an alias inside an anchor" });
      return undefined;
    },
    Scalar(key, scalar) {
      if (key === "key" && scalar.value === "__proto__") {
        found.push({
          pos: [scalar.range?.[0] ?? 0, scalar.range?.[1] ?? 0],
          message: "no key may be called __proto__",
        });
      }
    },
  });
  return found;
}

/** Of the value at `path`, or of the key there; of the nearest thing above it where it is missing. */
function offsetOf(document: Document, path: KeyPath, key?: string): number {
  const parent = key === undefined ? document.getIn(path.slice(0, -1), true) : document.getIn(path, true);
  const name = key ?? path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(name));
    if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
  }
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] | null } | null | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

export function invalidConfig(code: "CONFIG_INVALID" | "COMPONENT_INVALID", problems: ConfigProblem[]): HoldfastError {
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const shown = problems.map((problem) => `${problem.line}:${problem.column} ${problem.message}`).join("\n  ");
  const { line, column } = problems[0] ?? { line: 1, column: 1 };
  return new HoldfastError(code, `holdfast.yaml is not valid:\n  ${shown}`, { data: { line, column, problems } });
}
