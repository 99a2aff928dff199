/**
 * What of a command's reading decides at its end: plain data, so that a crash does not lose it.
 *
 * Going back is told from going on. A command that brings back what was (git's discards, copies from elsewhere, moves) is undone with
 * all that it did to a protected path, whatever content it brought; of any other (a build, a formatter, an editor) only what is a loss
 * whoever looks.
 */

import { posix } from "node:path";
import { type Disk, isSystemError } from "../base/index.ts";
import { type CommandJudgement, type CommandReading, couldHaveDone, type Touch } from "../cause/index.ts";

export interface RunReach {
  /** Nothing but what `touches` says can have happened. */
  readonly understood: boolean;
  readonly touches: readonly Touch[];
  /** Where it can have brought back what was; all, and anything, for a rollback script. */
  readonly back: readonly Touch[] | "anything";
  /** Git throws newer content away without a record. */
  readonly discards: boolean;
}

const TOUCHES_KEPT = 500;

/** Beyond what is kept, it is as if nothing was understood. */
export function reachOf(
  { reading, touches }: CommandJudgement,
  kind: "exec" | "script",
  disk: Pick<Disk, "realpath">,
): RunReach {
  const real = (touch: Touch): Touch => ({ ...touch, path: touch.path === null ? null : realOf(touch.path, disk) });
  const back = backTouches(reading);
  const isCut = touches.length > TOUCHES_KEPT;
  return {
    understood: reading.understood && !isCut,
    touches: touches.slice(0, TOUCHES_KEPT).map(real),
    back: kind === "script" || back.length > TOUCHES_KEPT ? "anything" : back.map(real),
    discards: discards(reading),
  };
}

/** Whether the run can have brought this content to `path` (absolute) by going back. */
export function bringsBack({ back }: RunReach, path: string): boolean {
  if (back === "anything") return true;
  const reading = { tool: "", harmless: false, understood: true, touches: back };
  return couldHaveDone(reading, [{ path, kind: "modified" }]) !== "no";
}

/** Of scripts and wrappers, the commands in them; a command that git records is going on. */
function backTouches(reading: CommandReading): Touch[] {
  if (reading.parts.length > 0) return reading.parts.flatMap(backTouches);
  return goesBack(reading) ? [...reading.touches] : [];
}

function goesBack({ tool, recordedByGit, copiesFromElsewhere, moves }: CommandReading): boolean {
  return (tool === "git" && !recordedByGit) || copiesFromElsewhere || moves.length > 0;
}

function discards({ tool, recordedByGit, parts, touches }: CommandReading): boolean {
  return (tool === "git" && !recordedByGit && touches.length > 0) || parts.some(discards);
}

/** Links on the way resolved, as far as there is a way. */
function realOf(path: string, disk: Pick<Disk, "realpath">): string {
  const missing: string[] = [];
  for (let at = path; ; at = posix.dirname(at)) {
    try {
      return posix.join(disk.realpath(at), ...missing);
    } catch (error) {
      if (!isSystemError(error) || at === "/") return path;
      missing.unshift(posix.basename(at));
    }
  }
}
