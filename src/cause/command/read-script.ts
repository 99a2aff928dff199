/**
 * Reads a shell script: every command in it, one after the other, as one reading.
 *
 * Control flow is flattened, so the reading says what the script can do, not what it did. `cd` and plain assignments are followed,
 * because rollback scripts begin with them; where they cannot be, paths become unknown instead of wrong.
 */

import { posix } from "node:path";
import { resolvePath, touch, UNKNOWN_PART } from "./operands.ts";
import { readWords } from "./read-words.ts";
import { type CommandReading, harmless, type Place, together, understood, unknown } from "./reading.ts";
import { type SimpleCommand, splitShell } from "./shell-text.ts";
import type { WordsContext } from "./words-context.ts";

const SCRIPT_LENGTH_MAX = 256 * 1024;
const COMMANDS_MAX = 2_000;

export interface ScriptContext {
  /** Default: nowhere known. */
  readonly place?: Place;
  /** `sh`, `zsh` …: what runs it. */
  readonly tool?: string;
  /** `$0`, where a script is a file. */
  readonly file?: string | null;
  /** How many shells deep this text stands. */
  readonly depth?: number;
}

const NOWHERE: Place = { cwd: null, workTree: null };

/** The text of a script or of `sh -c`. Beyond the limits it is no longer understood. */
export function readScript(
  text: string,
  { place = NOWHERE, tool = "sh", file = null, depth = 0 }: ScriptContext = {},
): CommandReading {
  const state: ScriptState = { place, places: [], variables: startVariables(place, file), functions: new Set(), depth };
  const parts: CommandReading[] = [];
  for (const piece of splitShell(text.slice(0, SCRIPT_LENGTH_MAX), (name) => state.variables.get(name) ?? null)) {
    if (piece.kind === "open") state.places.push(state.place);
    else if (piece.kind === "close") state.place = state.places.pop() ?? state.place;
    else if (piece.kind === "command") parts.push(...readPiece(piece, state));
    if (parts.length > COMMANDS_MAX) break;
  }
  const cut = text.length > SCRIPT_LENGTH_MAX || parts.length > COMMANDS_MAX;
  const telling = parts.filter((part) => !part.harmless);
  if (cut) telling.push(unknown(tool));
  return together(tool, telling.length === 0 ? [harmless(tool)] : telling);
}

interface ScriptState {
  place: Place;
  readonly places: Place[];
  readonly variables: Map<string, string>;
  readonly functions: Set<string>;
  readonly depth: number;
}

function startVariables(place: Place, file: string | null): Map<string, string> {
  const variables = new Map<string, string>();
  if (place.cwd !== null) variables.set("PWD", place.cwd);
  if (place.home !== undefined) variables.set("HOME", place.home);
  if (file !== null) variables.set("BASH_SOURCE", file);
  return variables;
}

/** As the shell does where the tilde stands unquoted; a quoted one is taken for the same. */
function withoutTilde(word: string, home: string | undefined): string {
  return home !== undefined && /^~(?:\/|$)/.test(word) ? home + word.slice(1) : word;
}

/** They stand in front of a command and change nothing about what it does. */
const KEYWORDS = new Set([
  "if",
  "then",
  "elif",
  "else",
  "do",
  "while",
  "until",
  "!",
  "{",
  "}",
  "time",
  "noglob",
  "nocorrect",
  "coproc",
  "always",
]);
/** They are no commands: the words behind them are names and patterns. */
const HEADERS = new Set(["for", "foreach", "select", "case", "esac", "fi", "done", "end", "in"]);

function readPiece(piece: SimpleCommand, state: ScriptState): CommandReading[] {
  const { home } = state.place;
  const writes = piece.writes
    .filter(({ file }) => !file.startsWith("/dev/"))
    .map(({ file, append }) => readWrite({ file: withoutTilde(file, home), append }, state.place));
  let words = home === undefined ? piece.words : piece.words.map((word) => withoutTilde(word, home));
  while (words.length > 0 && KEYWORDS.has(words[0]!)) words = words.slice(1);
  if (words[0] === "function") {
    state.functions.add(words[1] ?? "");
    return writes;
  }
  const assignments: Assignment[] = [];
  for (let found = assignmentIn(words[0]); found !== null; found = assignmentIn(words[0])) {
    assignments.push(found);
    words = words.slice(1);
  }
  if (words.length === 0) for (const assignment of assignments) assign(state, assignment);
  if (words.length === 0 || HEADERS.has(words[0]!)) return writes;
  return [...writes, ...readSimple(words, { isFed: piece.isFed, assignments }, state)];
}

interface Assignment {
  readonly name: string;
  readonly value: string;
}

function assignmentIn(word: string | undefined): Assignment | null {
  const found = /^([A-Za-z_]\w*)\+?=/.exec(word ?? "");
  return found === null ? null : { name: found[1]!, value: word!.slice(found[0].length) };
}

function readSimple(words: readonly string[], piece: Circumstances, state: ScriptState): CommandReading[] {
  const [tool = "", ...args] = words;
  // A function's body was read where it stands.
  if (state.functions.has(tool)) return [];
  switch (tool) {
    case "cd":
    case "pushd":
      state.place = placeIn(args.find((arg) => !arg.startsWith("-")) ?? "~", state.place);
      return [];
    case "popd":
      state.place = { ...state.place, cwd: null, workTree: null };
      return [];
    case "export":
    case "local":
    case "readonly":
    case "declare":
    case "typeset":
      for (const arg of args) {
        const assignment = assignmentIn(arg);
        if (assignment !== null) assign(state, assignment);
      }
      return [];
    case "read":
    case "unset":
      for (const arg of args) state.variables.delete(arg);
      return [];
    default:
      return [readWords(words, wordsContext(state.place, state.depth, piece))];
  }
}

type Circumstances = Required<Pick<WordsContext, "isFed" | "assignments">>;

/** How `readWords` reads what stands in a shell's text, or on a command line of its own. */
export function wordsContext(
  place: Place,
  depth: number,
  { isFed, assignments }: Circumstances = { isFed: false, assignments: [] },
): WordsContext {
  const readText = (text: string, tool: string, context: WordsContext) =>
    readScript(text, { place: context.place, tool, depth: context.depth });
  return { place, depth, isFed, assignments, readWords, readText };
}

/** The same name set twice, in two branches: neither value is sure. */
function assign(state: ScriptState, { name, value }: Assignment): void {
  const before = state.variables.get(name);
  if (value.includes(UNKNOWN_PART) || (before !== undefined && before !== value))
    state.variables.set(name, UNKNOWN_PART);
  else state.variables.set(name, value);
}

function placeIn(folder: string, place: Place): Place {
  const cwd = folder === "-" ? null : resolvePath(folder, place.cwd);
  const stays = cwd !== null && place.workTree !== null && `${posix.resolve(cwd)}/`.startsWith(`${place.workTree}/`);
  return { ...place, cwd, workTree: stays ? place.workTree : null };
}

/** `> file` empties it before anything is written. */
function readWrite({ file, append }: { file: string; append: boolean }, place: Place): CommandReading {
  const effects = append ? (["other-content"] as const) : (["other-content", "older-content", "empty"] as const);
  return understood(append ? ">>" : ">", { touches: [touch(file, place, effects)] });
}
