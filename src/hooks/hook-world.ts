/** The part of a hook's world that is the same whoever answers: folders, scripts, what is installed. */

import { isSystemError, LIMITS, type Ports } from "../base/index.ts";
import { holdfastHome, readWhole } from "../tree/index.ts";
import { AGENT_PLACES } from "./agent-places.ts";
import type { HookWorld } from "./desk.ts";
import { isHookOf } from "./hook-command.ts";

export function hookWorld(
  ports: Pick<Ports, "disk" | "process" | "git" | "clock">,
  rest: Pick<HookWorld, "desksAt" | "sessions">,
): HookWorld {
  const { disk, process, git, clock } = ports;
  const home = process.home();
  return {
    ...rest,
    home,
    holdfastHome: holdfastHome(ports),
    program: process.which("holdfast") === null ? process.launcher : "holdfast",
    realPath(path) {
      try {
        return disk.realpath(path);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        return path;
      }
    },
    workTreeOf: (folder) => git.locate(folder)?.workTree ?? null,
    scriptAt: (path) => scriptAt(path, disk),
    nowMs: () => clock.now(),
    isInstalled(agent) {
      const text = textAt(AGENT_PLACES[agent].file(process), disk) ?? "";
      // Quick, and sure enough: only whether somebody else answers.
      return [...text.matchAll(/"((?:[^"\\]|\\.)*holdfast-hook(?:[^"\\]|\\.)*)"/g)].some(([, word]) =>
        isHookOf(agent, word!),
      );
    },
  };
}

/** `null` for what is no shell's script. */
function scriptAt(path: string, disk: Ports["disk"]): string | null {
  const text = textAt(path, disk);
  if (text === null) return null;
  const interpreter = /^#!\s*\S*?(\w+)(?:\s+(\w+))?/.exec(text);
  const isShell =
    interpreter === null
      ? /\.(?:sh|bash|zsh|ksh|dash|command)$/.test(path)
      : SHELL.test(interpreter[1] === "env" ? (interpreter[2] ?? "") : interpreter[1]!);
  return isShell ? text : null;
}

const SHELL = /^(?:ba|z|k|da|a|mk)?sh$/;

function textAt(path: string, disk: Ports["disk"]): string | null {
  try {
    const stat = disk.lstat(path);
    const real = stat?.kind === "link" ? disk.realpath(path) : path;
    if ((disk.lstat(real)?.sizeBytes ?? 0) > LIMITS.scriptSizeBytesMax) return null;
    return readWhole(disk, real)?.toString("utf8") ?? null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
