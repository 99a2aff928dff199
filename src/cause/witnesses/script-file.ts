/** Looks into the script that a command runs, so that a rollback script is known by what it does and not only by its name. */

import { type Disk, isSystemError, LIMITS } from "../../base/index.ts";
import { readWhole } from "../../tree/index.ts";
import { readScript } from "../command/read-script.ts";
import type { CommandReading, Place } from "../command/reading.ts";

/** `reading` with what stands in its script; as it was where there is none, or where it cannot be read. */
export function readScriptFile(reading: CommandReading, place: Place, { disk }: { disk: Disk }): CommandReading {
  const file = reading.script?.path ?? null;
  if (file === null) return reading;
  const text = shellTextOf(file, disk);
  if (text === null) return reading;
  const inside = readScript(text, { place, tool: reading.tool, file });
  return { ...inside, tool: reading.tool, verb: reading.verb, script: reading.script };
}

/** The text of a shell script; `null` for what is none, too long or not to be read. */
export function shellTextOf(file: string, disk: Disk): string | null {
  try {
    const stat = disk.lstat(file);
    if (stat?.kind !== "file" || stat.sizeBytes > LIMITS.scriptSizeBytesMax) return null;
    const text = readWhole(disk, file)?.toString("utf8") ?? "";
    const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(text);
    const isShell =
      interpreter === null ? SHELL_NAME.test(file) : SHELL_PROGRAM.test(`${interpreter[1]} ${interpreter[2] ?? ""}`);
    return isShell ? text : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

const SHELL_NAME = /\.(?:sh|bash|zsh|ksh|dash|command)$/;
const SHELL_PROGRAM = /(?:^|[/\s])(?:ba|z|k|da|a|mk)?sh(?:\s|$)/;
