/**
 * Reads a shell script: every command in it, one after the other, as one reading.
 *
 * Control flow is flattened, so the reading says what the script can do, not what it did. `cd` and plain assignments are followed,
 * because rollback scripts begin with them; where they cannot be, paths become unknown instead of wrong.
 */

import { posix } from "node:path";
import { alternatives, eachCommand, eachOf, namedValue, withoutMarks } from "./alternatives.ts";
import { CommandTeller, type OnCommand, withoutKeywords } from "./command-teller.ts";
import { resolvePath, touch, UNKNOWN_PART } from "./operands.ts";
import { readWords } from "./read-words.ts";
import { type CommandReading, harmless, type Place, together, understood, unknown } from "./reading.ts";
import { type SimpleCommand, splitShell } from "./shell-text.ts";
import { WORK_TREE } from "./shell-words.ts";
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
  /** Told of each command, as it is read. */
  onCommand?: OnCommand;
}

const NOWHERE: Place = { cwd: null, workTree: null };

/** The text of a script or of `sh -c`. Beyond the limits it is no longer understood. */
export function readScript(
  text: string,
  { place = NOWHERE, tool = "sh", file = null, depth = 0, onCommand }: ScriptContext = {},
): CommandReading {
  const state: ScriptState = { place, places: [], variables: startVariables(place, file), functions: new Set(), depth };
  const parts: CommandReading[] = [];
  const whole = withoutMarks(text.slice(0, SCRIPT_LENGTH_MAX));
  const teller = onCommand === undefined ? null : new CommandTeller(whole, onCommand);
  const lookup = (name: string) => {
    const value = valueIn(state, name);
    if (value === null || value.includes(UNKNOWN_PART)) teller?.unknown.add(name);
    return value === null ? null : namedValue(name, value);
  };
  for (const piece of splitShell(whole, lookup)) {
    if (piece.kind === "open") state.places.push(state.place);
    else if (piece.kind === "close") state.place = state.places.pop() ?? state.place;
    else if (piece.kind === "command") {
      const readings = readPiece(piece, state);
      teller?.tell(piece, readings);
      parts.push(...readings);
    }
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
  if (place.home !== undefined) variables.set("HOME", place.home);
  if (file !== null) variables.set("BASH_SOURCE", file).set("0", file);
  return variables;
}

function valueIn({ variables, place }: ScriptState, name: string): string | null {
  if (name === "PWD") return place.cwd;
  if (name === WORK_TREE) return place.workTree;
  return variables.get(name) ?? null;
}

/** As the shell does where the tilde stands unquoted; a quoted one is taken for the same. */
function withoutTilde(word: string, home: string | undefined): string {
  return home !== undefined && /^~(?:\/|$)/.test(word) ? home + word.slice(1) : word;
}

/** They are no commands: the words behind them are names and patterns. */
const HEADERS = new Set(["for", "foreach", "select", "case", "esac", "fi", "done", "end", "in"]);

function readPiece(piece: SimpleCommand, state: ScriptState): CommandReading[] {
  const { home } = state.place;
  const writes = piece.writes
    .filter(({ file }) => !file.startsWith("/dev/"))
    .flatMap(({ file, append }) => eachOf(file).map((one) => ({ file: withoutTilde(one, home), append })))
    .map((write) => readWrite(write, state.place));
  let words = home === undefined ? piece.words : piece.words.map((word) => withoutTilde(word, home));
  words = withoutKeywords(words);
  if (words[0] === "function") {
    state.functions.add(words[1] ?? "");
    return writes;
  }
  if (words[0] === "for" || words[0] === "foreach" || words[0] === "select") loopOver(words, state);
  const assignments: Assignment[] = [];
  for (let found = assignmentIn(words[0]); found !== null; found = assignmentIn(words[0])) {
    assignments.push(found);
    words = words.slice(1);
  }
  if (words.length === 0) for (const assignment of assignments) assign(state, assignment);
  if (words.length === 0 || HEADERS.has(words[0]!)) return writes;
  const circumstances = { isFed: piece.isFed, assignments };
  return [...writes, ...eachCommand(words).flatMap((one) => readSimple(one, circumstances, state))];
}

/** `for x in a b`: x is each of them; without `in` it is whatever the script was given. */
function loopOver([, name = "", word, ...values]: readonly string[], state: ScriptState): void {
  const value = word === "in" ? alternatives(values) : UNKNOWN_PART;
  assign(state, { name, value, adds: false });
}

interface Assignment {
  readonly name: string;
  readonly value: string;
  /** `+=` */
  readonly adds: boolean;
}

function assignmentIn(word: string | undefined): Assignment | null {
  const found = /^([A-Za-z_]\w*)(\+?)=/.exec(word ?? "");
  return found === null ? null : { name: found[1]!, value: word!.slice(found[0].length), adds: found[2] === "+" };
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

/** The same name set twice, in two branches: it may be either. */
function assign(state: ScriptState, { name, value, adds }: Assignment): void {
  const before = state.variables.get(name);
  const known = before === undefined || (adds && before === "") ? [] : [before];
  const longer = adds && before !== undefined && eachOf(before).length === 1 && eachOf(value).length === 1;
  const values = [...known, ...(value === "" && adds ? [] : [longer ? before + value : value])];
  if (values.some((one) => one.includes(UNKNOWN_PART))) state.variables.set(name, UNKNOWN_PART);
  else state.variables.set(name, alternatives(values));
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
