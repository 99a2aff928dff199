/** Tools that run commands on what they find or are told: find, xargs, parallel, eval, trap, script. */

import { touch, UNKNOWN_PART } from "./operands.ts";
import { type CommandReading, harmless, type Touch, together, understood, unknown } from "./reading.ts";
import type { WordsContext } from "./words-context.ts";

/** `null` where `tool` is none of them. */
export function runsOthers(tool: string, args: readonly string[], context: WordsContext): CommandReading | null {
  const deeper = { ...context, depth: context.depth + 1, assignments: [] };
  switch (tool) {
    case "find":
    case "gfind":
      return find(args, deeper);
    case "fd":
    case "fdfind":
      return args.some((arg) => /^(?:-[xX]|--exec(?:-batch)?)$/.test(arg)) ? unknown("fd") : harmless("fd");
    case "xargs":
    case "gxargs":
      return xargs(args, deeper);
    case "parallel":
      return unknown("parallel");
    case "script":
      return onTerminal(args, deeper);
    case "eval":
    case "trap":
      return inText(tool, tool === "eval" ? args.join(" ") : (args[0] ?? ""), deeper);
    default:
      return null;
  }
}

function inText(tool: string, text: string, context: WordsContext): CommandReading {
  return text.includes(UNKNOWN_PART) ? unknown(tool) : context.readText(text, tool, context);
}

/** `script -qec 'rm x' /dev/null`, and as macOS has it, `script -q /dev/null rm x`; without a command: a shell. */
function onTerminal(args: readonly string[], context: WordsContext): CommandReading {
  const option = args.findIndex((arg) => /^-[a-zA-Z]*c$/.test(arg) || arg === "--command");
  if (option >= 0) return inText("script", args[option + 1] ?? "", context);
  const operands = args.filter((arg) => !arg.startsWith("-"));
  return operands.length > 1 ? context.readWords(operands.slice(1), context) : harmless("script");
}

const EXECUTES = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

/** What it deletes, and what its commands do, lies below the folders that it starts from. */
function find(args: readonly string[], context: WordsContext): CommandReading {
  const first = args.findIndex((arg, index) => /^[-(!]/.test(arg) && !(index === 0 && /^-[HLP]$/.test(arg)));
  const named = args.slice(0, first < 0 ? undefined : first).filter((arg) => !arg.startsWith("-"));
  const starts = named.length > 0 ? named : ["."];
  const parts: CommandReading[] = [];
  if (args.includes("-delete"))
    parts.push(
      understood("find", {
        inBulk: true,
        touches: starts.map((start) => touch(start, context.place, ["delete"], "below")),
      }),
    );
  for (let index = 0; index < args.length; index += 1) {
    if (!EXECUTES.has(args[index]!)) continue;
    const end = args.findIndex((arg, at) => at > index && (arg === ";" || arg === "+"));
    const words = args.slice(index + 1, end < 0 ? undefined : end);
    parts.push(withinStarts(words, starts, context));
    if (end > 0) index = end;
  }
  const telling = parts.filter((part) => !part.harmless);
  return telling.length === 0
    ? harmless("find")
    : together("find", telling, args.includes("-delete") ? "-delete" : "-exec");
}

/** `{}` stands for anything below the starts, so what the command would do to `{}` it can do to all of that. */
function withinStarts(words: readonly string[], starts: readonly string[], context: WordsContext): CommandReading {
  const reading = context.readWords(
    words.map((word) => word.replaceAll("{}", UNKNOWN_PART)),
    context,
  );
  const touches = reading.touches.flatMap((one): Touch[] =>
    one.written === UNKNOWN_PART ? starts.map((start) => touch(start, context.place, one.effects, "below")) : [one],
  );
  return { ...reading, touches, inBulk: true };
}

/** Its operands come from a pipe: unknown. With `-I {}` they stand where the command says. */
function xargs(args: readonly string[], context: WordsContext): CommandReading {
  const withValue = /^-[InPLsdEa]$/;
  let replaced: string | null = null;
  let index = 0;
  for (; index < args.length && args[index]!.startsWith("-"); index += 1) {
    const arg = args[index]!;
    if (arg.startsWith("-I") || arg === "-i")
      replaced = arg === "-I" ? (args[index + 1] ?? "{}") : arg.slice(2) || "{}";
    if (withValue.test(arg)) index += 1;
  }
  const command = args.slice(index);
  if (command.length === 0) return harmless("xargs");
  const words =
    replaced === null ? [...command, UNKNOWN_PART] : command.map((word) => word.replaceAll(replaced, UNKNOWN_PART));
  const reading = context.readWords(words, { ...context, isFed: false });
  return reading.harmless ? harmless("xargs") : { ...together("xargs", [reading]), inBulk: true };
}
