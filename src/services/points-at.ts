/**
 * What a unit starts, and whether it is there: the program, the script that an interpreter is given, and the paths in a shell's command
 * line. A name that is looked up on PATH, a variable other than HOME, or a command that makes a path is not judged.
 */

import { isAbsolute, join } from "node:path";
import { type Disk, isSystemError } from "../base/index.ts";
import type { ReadUnit } from "./read-unit.ts";
import { wordsOf } from "./shell-words.ts";

export interface PointsAt {
  /** As the unit says it. */
  readonly said: string;
  /** Absolute. */
  readonly path: string;
  readonly problem: "missing" | "not executable" | null;
}

export interface PlaceOfUnit {
  readonly home: string;
  readonly userName: string;
  readonly disk: Pick<Disk, "lstat" | "realpath">;
}

export function pointsAt(unit: ReadUnit, place: PlaceOfUnit): PointsAt[] {
  const [program, ...args] = unit.command;
  if (program === undefined) return [];
  const found: PointsAt[] = [];
  const folder = unit.workingDirectory === null ? null : expanded(unit.workingDirectory, unit, place);
  const look = (said: string, mustExecute: boolean) => {
    const path = expanded(said, unit, place);
    if (path === null) return;
    const absolute = isAbsolute(path) ? path : folder !== null && path.includes("/") ? join(folder, path) : null;
    if (absolute === null || found.some((one) => one.path === absolute)) return;
    found.push({ said, path: absolute, problem: problemOf(absolute, mustExecute, place) });
  };
  look(program, true);
  for (const { said, runs } of scriptsIn(program, args)) look(said, runs);
  if (folder !== null && isAbsolute(folder)) look(unit.workingDirectory!, false);
  return found;
}

const INTERPRETERS = /^(?:[a-z]*sh|env|python[\d.]*|node|ruby|perl|bun|deno)$/;
const SCRIPT = /\.(?:zsh|sh|bash|py|js|mjs|cjs|ts|rb|pl)$/;

/** `runs`: it is started itself, and not read by an interpreter. */
function scriptsIn(program: string, args: readonly string[]): { said: string; runs: boolean }[] {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (!INTERPRETERS.test(name)) return [];
  const [first, ...rest] = args;
  if (name === "env") {
    if (first === undefined) return [];
    if (first.startsWith("-") || /^\w+=/.test(first)) return scriptsIn("env", rest);
    return INTERPRETERS.test(first) ? scriptsIn(first, rest) : [{ said: first, runs: true }];
  }
  const flag = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const line = flag < 0 ? undefined : args[flag + 1];
  if (line !== undefined) return pathsIn(line);
  if (args.some((arg) => arg === "-m")) return [];
  const script = args.find((arg) => !arg.startsWith("-"));
  return script === undefined ? [] : [{ said: script, runs: false }];
}

/** The words of a shell's line that are commands, and those that name scripts. */
function pathsIn(line: string): { said: string; runs: boolean }[] {
  return line
    .split(/&&|\|\||[;|&\n]/)
    .flatMap((part) => {
      const words = wordsOf(part).filter((word) => !/^(?:if|then|else|fi|!|exec|time|\w+=.*)$/.test(word));
      const [command, ...args] = words;
      if (command === undefined) return [];
      const nested = scriptsIn(command, args);
      return [{ said: command, runs: true }, ...nested, ...args.filter((word) => SCRIPT.test(word)).map(reading)];
    })
    .filter(({ said }) => said.includes("/") && !/[*?[\]<>]/.test(said));
}

function reading(said: string): { said: string; runs: boolean } {
  return { said, runs: false };
}

/** `null` where something stands in it that only a shell could tell. */
function expanded(said: string, { environment }: ReadUnit, { home, userName }: PlaceOfUnit): string | null {
  const path = said
    .replace(/^~(?=\/|$)/, home)
    .replace(/^%h(?=\/|$)/, home)
    .replace(/\$\(whoami\)|\$\{USER\}|\$USER\b/g, userName)
    .replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? "";
      const value = name === "HOME" ? home : environment[name];
      return value === undefined || value.includes("$") ? whole : value;
    });
  return /[$`]/.test(path) ? null : path;
}

function problemOf(path: string, mustExecute: boolean, { disk }: PlaceOfUnit): PointsAt["problem"] {
  let real: string;
  try {
    real = disk.realpath(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP")) return "missing";
    // It may be there: whoever may not look cannot say that it is not.
    if (isSystemError(error)) return null;
    throw error;
  }
  const stat = disk.lstat(real);
  if (stat === null) return "missing";
  return mustExecute && stat.kind === "file" && (stat.mode & 0o111) === 0 ? "not executable" : null;
}
