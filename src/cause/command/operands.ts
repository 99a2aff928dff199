/** Options told from operands as getopt(3) does, and operands made absolute. */

import { posix } from "node:path";
import type { CommandEffect, Place, Touch } from "./reading.ts";

export interface ParsedOptions {
  /** `-r`, `--recursive`; each letter of a bundle on its own. */
  readonly flags: ReadonlySet<string>;
  /** The last value of each option that takes one, under the name as written: `-C`, `--target-directory`. */
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** How many of `operands` stand before `--`; `null` where there is none. */
  readonly beforeDashes: number | null;
}

export interface OptionShape {
  /** Letters that take a value, attached or as the next word: `"Ct"`. */
  readonly short?: string;
  /** Long options whose value may be the next word. */
  readonly long?: readonly string[];
}

export function parseOptions(args: readonly string[], { short = "", long = [] }: OptionShape = {}): ParsedOptions {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  let beforeDashes: number | null = null;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    if (beforeDashes !== null || arg === "-" || !arg.startsWith("-")) operands.push(arg);
    else if (arg === "--") beforeDashes = operands.length;
    else if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg : arg.slice(0, equals);
      flags.add(name);
      if (equals >= 0) values.set(name, arg.slice(equals + 1));
      else if (long.includes(name) && index + 1 < args.length) values.set(name, args[++index]!);
    } else {
      for (let at = 1; at < arg.length; at += 1) {
        const name = `-${arg[at]}`;
        flags.add(name);
        if (!short.includes(arg[at]!)) continue;
        if (at + 1 < arg.length) values.set(name, arg.slice(at + 1));
        else if (index + 1 < args.length) values.set(name, args[++index]!);
        break;
      }
    }
  }
  return { flags, values, operands, beforeDashes };
}

export function hasAny(options: Pick<ParsedOptions, "flags">, ...names: readonly string[]): boolean {
  return names.some((name) => options.flags.has(name));
}

/** The first of `names` that was given a value. */
export function optionValue(options: Pick<ParsedOptions, "values">, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = options.values.get(name);
    if (value !== undefined) return value;
  }
  return null;
}

/** Stands in a word for what only the running shell knew. NUL cannot be part of a real argument. */
export const UNKNOWN_PART = "\0";

/** Absolute and without a slash at the end; `null` where it cannot be known. */
export function resolvePath(written: string, cwd: string | null): string | null {
  if (written.includes(UNKNOWN_PART) || written.startsWith("~")) return null;
  if (!written.startsWith("/") && cwd === null) return null;
  const whole = posix.resolve("/", cwd ?? "/", written);
  return whole;
}

const WILDCARD = /[*?[]/;

/** The touch of one operand. Wildcards stand where a shell's text was read, or in git's pathspecs. */
export function touch(
  written: string,
  { cwd }: Pick<Place, "cwd">,
  effects: readonly CommandEffect[],
  reach: "path" | "below" = "path",
): Touch {
  const wildcard = written.search(WILDCARD);
  if (wildcard < 0) return { effects, written, path: resolvePath(written, cwd), reach };
  const folder = written.slice(0, written.lastIndexOf("/", wildcard) + 1);
  return { effects, written, path: resolvePath(folder === "" ? "." : folder, cwd), reach: "pattern" };
}

/** What `cp a b`, `mv a b` may write to: the last operand, and, were it a folder, the same name inside it. */
export function destinations(
  sources: readonly string[],
  destination: string,
  { place, effects, reach }: { place: Place; effects: readonly CommandEffect[]; reach: "path" | "below" },
): Touch[] {
  const inside = sources
    .map((source) => posix.basename(source))
    .filter((name) => name !== "" && name !== "." && name !== "..")
    .map((name) => touch(`${destination.replace(/\/+$/, "")}/${name}`, place, effects, reach));
  return [touch(destination, place, effects, reach), ...inside];
}
