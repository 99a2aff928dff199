/** Shells and other interpreters: the text behind `-c` is read, a script file is named, anything else is unknown. */

import { posix } from "node:path";
import { resolvePath, UNKNOWN_PART } from "./operands.ts";
import { type CommandReading, harmless, unknown } from "./reading.ts";
import type { WordsContext } from "./words-context.ts";

const SHELLS = new Set(["sh", "bash", "zsh", "dash", "ksh", "ash", "mksh", "fish", "rbash", "source", "."]);
const LANGUAGES = /^(?:python|pypy|node|nodejs|deno|bun|php|lua|tclsh|Rscript|julia|osascript|pwsh|tsx|ts-node)[\d.]*$/;
/** Shell options whose value is the next word. */
const SHELL_VALUES = new Set(["-o", "+o", "-O", "+O", "--rcfile", "--init-file"]);

/** `null` where `tool` is no interpreter. */
export function readInterpreter(tool: string, args: readonly string[], context: WordsContext): CommandReading | null {
  if (SHELLS.has(tool)) return readShell(tool, args, context);
  if (tool === "script") return readTerminalRecorder(args, context);
  if (tool === "su") return readSwitchUser(args, context);
  if (!LANGUAGES.test(tool)) return null;
  const file = args.find((arg) => !arg.startsWith("-"));
  const runsFile = file !== undefined && !/^-[ceEpm]$/.test(args[0] ?? "") && !file.includes(UNKNOWN_PART);
  return unknown(tool, runsFile ? { script: { written: file, path: resolvePath(file, context.place.cwd) } } : {});
}

function readShell(tool: string, args: readonly string[], context: WordsContext): CommandReading {
  let index = 0;
  let isText = false;
  for (; index < args.length && /^[-+]./.test(args[index]!); index += 1) {
    const arg = args[index]!;
    if (arg === "--") {
      index += 1;
      break;
    }
    if (SHELL_VALUES.has(arg)) index += 1;
    // The value of a bundle's `o` (`-euo pipefail`) follows as a word.
    else if (/^[-+][a-zA-Z]+o$/.test(arg)) index += 1;
    if (/^-[a-zA-Z]*c[a-zA-Z]*$/.test(arg)) isText = true;
  }
  const first = args[index];
  if (isText) return readText(tool, first ?? "", context);
  // A shell that nobody feeds waits for a person. What its builtins write by themselves is out of reach of any witness.
  if (first === undefined) return context.isFed ? unknown(tool) : harmless(tool);
  if (first.includes(UNKNOWN_PART)) return unknown(tool);
  return unknown(tool, {
    verb: posix.basename(first),
    script: { written: first, path: resolvePath(first, context.place.cwd) },
  });
}

function readText(tool: string, text: string, context: WordsContext): CommandReading {
  if (text.includes(UNKNOWN_PART)) return unknown(tool);
  return context.readText(text, tool, { ...context, depth: context.depth + 1 });
}

/** `script -qec 'command' file`, and the BSD form `script -q file command…`. */
function readTerminalRecorder(args: readonly string[], context: WordsContext): CommandReading {
  const bundle = args.findIndex((arg) => /^-[a-zA-Z]*c$/.test(arg) || arg === "--command");
  if (bundle >= 0) return readText("script", args[bundle + 1] ?? "", context);
  const attached = args.find((arg) => /^-[a-zA-Z]*c./.test(arg) || arg.startsWith("--command="));
  if (attached !== undefined) return readText("script", attached.replace(/^(?:--command=|-[a-zA-Z]*?c)/, ""), context);
  return args.length > 2 ? unknown("script") : harmless("script");
}

function readSwitchUser(args: readonly string[], context: WordsContext): CommandReading {
  const at = args.findIndex((arg) => arg === "-c" || arg === "--command");
  return at < 0 ? harmless("su") : readText("su", args[at + 1] ?? "", context);
}
