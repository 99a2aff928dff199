/** Reads one simple command: takes wrappers off (`sudo`, `env`, `timeout`), finds the tool, lets its reader read. */

import { posix } from "node:path";
import { CONTENT_TOOLS } from "./content-tools.ts";
import { FILE_TOOLS } from "./file-tools.ts";
import { readGit } from "./git.ts";
import { HARMLESS_TOOLS, SERVICE_TOOLS } from "./harmless-tools.ts";
import { readInterpreter } from "./interpreters.ts";
import { resolvePath, UNKNOWN_PART } from "./operands.ts";
import { type CommandReading, harmless, type Place, understood, unknown } from "./reading.ts";
import { runsOthers } from "./runs-others.ts";
import type { WordsContext } from "./words-context.ts";
import { unwrap } from "./wrappers.ts";

const DEPTH_MAX = 8;

export function readWords(words: readonly string[], context: WordsContext): CommandReading {
  const outer = { words, place: withAssignments(context.place, context.assignments ?? []) };
  const inner = unwrap(outer.words, outer.place);
  const [program = "", ...args] = inner.words;
  const tool = toolName(program);
  if (inner.words.length === 0) return harmless(toolName(words[0] ?? ""));
  if (context.depth > DEPTH_MAX || program.includes(UNKNOWN_PART)) return unknown(tool);
  const reading = readTool(tool, program, { args, place: inner.place, context });
  return inner.isGuarded ? { ...reading, isGuarded: true } : reading;
}

function readTool(
  tool: string,
  program: string,
  { args, place, context }: { args: readonly string[]; place: Place; context: WordsContext },
): CommandReading {
  if (tool === "git") return readGit(args, place);
  const read = own(FILE_TOOLS, tool) ?? own(CONTENT_TOOLS, tool);
  if (read !== undefined)
    return args.includes("--help") || args.includes("--version") ? harmless(tool) : read(args, place);
  const inside = runsOthers(tool, args, { ...context, place }) ?? readInterpreter(tool, args, { ...context, place });
  if (inside !== null) return inside;
  if (HARMLESS_TOOLS.has(tool)) return harmless(tool);
  if (SERVICE_TOOLS.has(tool)) return understood(tool);
  if (AWKS.has(tool)) return args.includes("inplace") ? unknown(tool) : harmless(tool);
  // `./rollback.sh`, `tools/clean.zsh`: what it does stands in it.
  const isFile =
    program.includes("/") &&
    resolvePath(program, place.cwd) !== null &&
    /\.(?:sh|bash|zsh|ksh)$|^[^.]+$/.test(posix.basename(program));
  return unknown(tool, isFile ? { script: { written: program, path: resolvePath(program, place.cwd) } } : {});
}

const AWKS = new Set(["awk", "gawk", "mawk", "nawk"]);

/** `/usr/bin/git` and git's own `git-core/git-stash` are tools by their last name; a login shell's begins with a dash. */
function toolName(program: string): string {
  return posix.basename(program).replace(/^-/, "").replaceAll(UNKNOWN_PART, "…");
}

/** A table's own entry: `constructor` is a word like any other. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function withAssignments(
  place: Place,
  assignments: readonly { readonly name: string; readonly value: string }[],
): Place {
  const workTree = assignments.findLast(({ name }) => name === "GIT_WORK_TREE");
  return workTree === undefined ? place : { ...place, workTree: resolvePath(workTree.value, place.cwd) };
}
