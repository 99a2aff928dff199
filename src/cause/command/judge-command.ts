/**
 * What a command line means for paths that must stay: harmless, or what it can reach. Pure and total: the disk is asked only through
 * what the caller hands in, and whatever the words are there is an answer.
 *
 * `harmless` is the allowlist: it cannot change a work tree, and nothing has to be remembered for it. `reaches`: all that it can do to
 * files stands in `touches`; none may be left, as of `git stash drop`, which still loses something. `unknown`: it could do anything
 * besides.
 */

import { posix } from "node:path";
import { NO, reachOf, YES } from "./reach.ts";
import { readCommand } from "./read-command.ts";
import { readScript } from "./read-script.ts";
import { type CommandReading, type Place, type Touch, together } from "./reading.ts";

export interface CommandJudgement {
  readonly kind: "harmless" | "reaches" | "unknown";
  readonly reading: CommandReading;
  readonly touches: readonly Touch[];
}

export interface CommandPlace {
  /** Absolute, without links. */
  readonly cwd: string;
  readonly home?: string;
  /** The root of the git work tree around a folder. Left out: what git reaches above the folder stays a perhaps. */
  workTreeOf?(folder: string): string | null;
  /** The text of a shell script, or `null` for what is none. Left out: a script stays unknown. */
  textOf?(script: string): string | null;
}

/** Arguments as a program gets them, or a shell's text. */
export function judgeCommand(command: readonly string[] | string, place: CommandPlace): CommandJudgement {
  const { cwd, home } = place;
  const here: Place = { cwd, workTree: place.workTreeOf?.(cwd) ?? null, ...(home === undefined ? {} : { home }) };
  const read = typeof command === "string" ? readScript(command, { place: here }) : readCommand(command, here);
  const reading = withWorkTrees(place.textOf === undefined ? read : withScripts(read, here, place.textOf, 0), place);
  const kind = reading.harmless ? "harmless" : reading.understood ? "reaches" : "unknown";
  return { kind, reading, touches: reading.touches };
}

export interface Reached {
  /** Named by the words, or in what they take in. */
  readonly sure: readonly string[];
  /** Not excluded by the words. A command that is not understood reaches everything perhaps: that is not listed here. */
  readonly perhaps: readonly string[];
}

/** Which of `paths` (absolute) the command can reach. */
export function reachedBy({ touches }: Pick<CommandJudgement, "touches">, paths: Iterable<string>): Reached {
  const reached = { sure: [] as string[], perhaps: [] as string[] };
  if (touches.length === 0) return reached;
  for (const path of paths) {
    let most: number = NO;
    for (const touch of touches) {
      most = Math.max(most, reachOf(touch, path));
      if (most === YES) break;
    }
    if (most === YES) reached.sure.push(path);
    else if (most !== NO) reached.perhaps.push(path);
  }
  return reached;
}

function withWorkTrees(reading: CommandReading, place: CommandPlace): CommandReading {
  const touches = reading.touches.map((touch) => withWorkTree(touch, place));
  return { ...reading, touches, parts: reading.parts.map((part) => withWorkTrees(part, place)) };
}

function withWorkTree(touch: Touch, { workTreeOf }: CommandPlace): Touch {
  if (touch.reach !== "work-tree" || touch.path === null || workTreeOf === undefined) return touch;
  const root = workTreeOf(touch.path);
  return root === null ? touch : { ...touch, path: root, reach: "below" };
}

const SCRIPT_DEPTH_MAX = 4;

/** The same with what stands in its scripts, and in the scripts that those run. */
function withScripts(
  reading: CommandReading,
  place: Place,
  textOf: (script: string) => string | null,
  depth: number,
): CommandReading {
  if (depth > SCRIPT_DEPTH_MAX) return reading;
  const { script, tool, verb } = reading;
  if (script !== null) {
    const text = script.path === null ? null : textOf(script.path);
    if (text === null) return reading;
    const inside = readScript(text, { place: placeOfScript(script, place), tool, file: script.path });
    return { ...withScripts(inside, place, textOf, depth + 1), tool, verb, script };
  }
  if (!reading.parts.some(holdsScript)) return reading;
  const parts = reading.parts.map((part) => withScripts(part, place, textOf, depth));
  const whole = together(tool, parts, verb);
  return { ...whole, inBulk: whole.inBulk || reading.inBulk };
}

function holdsScript({ script, parts }: CommandReading): boolean {
  return script !== null || parts.some(holdsScript);
}

/** `cd` may have led elsewhere before it: a relative name, made absolute, tells where the script stands. */
function placeOfScript({ written, path }: NonNullable<CommandReading["script"]>, place: Place): Place {
  if (path === null || posix.isAbsolute(written)) return place;
  const cwd = folderOf(written, path);
  const stays = cwd !== null && place.workTree !== null && `${cwd}/`.startsWith(`${place.workTree}/`);
  return { ...place, cwd, workTree: stays ? place.workTree : null };
}

/** The folder from which `written` is `path`; `null` where its dots hide it. */
function folderOf(written: string, path: string): string | null {
  const plain = posix.normalize(written);
  if (plain.startsWith("..")) return null;
  return path.endsWith(`/${plain}`) ? path.slice(0, -plain.length - 1) || "/" : null;
}
