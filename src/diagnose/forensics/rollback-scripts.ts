/** Scripts that go back: what they name, what they would touch, when a log tells that they ran. Read, never run. */

import { join } from "node:path";
import { isoTime, LIMITS, type Ports, printableLine } from "../../base/index.ts";
import { type CommandReading, readCommand } from "../../cause/index.ts";
import { isAtOrBelow } from "../../tree/index.ts";
import type { LogSighting } from "../collectors/logs.ts";
import type { TimeLeft } from "../collectors/looked.ts";
import { findEvidence } from "../ledgers/evidence-files.ts";
import { readTail } from "../ledgers/read-tail.ts";
import { mentions } from "../ledgers/sightings.ts";
import type { RollbackScript } from "./contract.ts";

const PATTERNS = ["tools", "scripts", "bin", "run", "ops"].flatMap((folder) =>
  ["rollback", "revert", "restore", "reset", "cleanup"].flatMap((word) => [
    `${folder}/*${word}*`,
    `${folder}/**/*${word}*`,
  ]),
);
const SHELL_SCRIPT = /\.(sh|bash|zsh|command)$|(^|\/)[^./]+$/;
const COMMANDS_SHOWN = 8;
const COMMAND_LENGTH_MAX = 160;

export interface ScriptRequest {
  readonly root: string;
  /** Tree paths of what is investigated. */
  readonly names: readonly string[];
  readonly logs: readonly LogSighting[];
}

export function readRollbackScripts(
  { root, names, logs }: ScriptRequest,
  ports: Pick<Ports, "disk" | "process">,
  time: TimeLeft,
): { found: RollbackScript[]; note: string | null } {
  const { files, isCut } = findEvidence(root, PATTERNS, ports, time);
  const scripts = files.filter(({ path }) => SHELL_SCRIPT.test(path)).slice(0, LIMITS.forensicScriptsMax);
  const found = scripts.map(({ path }) => {
    const text = readTail(join(root, path), LIMITS.scriptSizeBytesMax, ports.disk)?.bytes.toString("utf8") ?? "";
    const acts = actsIn(readCommand(["sh", "-c", text], { cwd: root, workTree: root, home: ports.process.home() }));
    return {
      path,
      names: names.filter((name) => mentions(text, name) || acts.some((act) => reaches(act, join(root, name)))),
      commands: [...new Set(acts.map(shown))].slice(0, COMMANDS_SHOWN),
      runs: runsOf(path, logs),
    };
  });
  return {
    found: found.filter(({ commands, runs, names: named }) => commands.length + runs.length + named.length > 0),
    note: isCut ? "too many files to look through them all" : null,
  };
}

/** The commands in it that can take something away or put something older there. */
function actsIn(reading: CommandReading): CommandReading[] {
  if (reading.parts.length > 0) return reading.parts.flatMap(actsIn);
  return reading.harmless || reading.touches.length === 0 ? [] : [reading];
}

function reaches({ touches }: CommandReading, place: string): boolean {
  return touches.some(({ path }) => path !== null && (isAtOrBelow(place, path) || isAtOrBelow(path, place)));
}

function shown({ tool, verb, touches }: CommandReading): string {
  const operands = touches.map(({ written }) => written).join(" ");
  return printableLine([tool, verb, operands].filter((part) => part !== null && part !== "").join(" ")).slice(
    0,
    COMMAND_LENGTH_MAX,
  );
}

function runsOf(path: string, logs: readonly LogSighting[]): RollbackScript["runs"] {
  const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const lines = logs.filter(({ file, says }) => file.includes(stem) || says.includes(stem));
  return lines.map(({ atMs, says, file }) => ({ at: atMs === null ? null : isoTime(atMs), says, file }));
}
