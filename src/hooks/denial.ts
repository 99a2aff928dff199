/** What an agent reads instead of running a command: what is at stake, and the way that loses nothing. */

import { LIMITS, printableLine } from "../base/index.ts";
import type { BeforeCommand } from "./call.ts";
import { quoted } from "./shim.ts";
import type { Threat } from "./threat.ts";

export function denial(
  { command, removes }: Pick<BeforeCommand, "command" | "removes">,
  { by, components, paths }: Threat & { components: readonly string[] },
  program: string,
): string {
  const named =
    components.slice(0, NAMED).join(", ") + (components.length > NAMED ? ` and ${components.length - NAMED} more` : "");
  const what = `Holdfast: \`${by.join("`, `")}\` would take away what is protected: ${named} (${paths.length} ${paths.length === 1 ? "path" : "paths"}).`;
  const instead =
    removes.length > 0
      ? `Leave them out; if they have to go, ask the person who owns the tree.`
      : `Run it so that they stay:\n  ${guarded(command, program)}\nIf they have to go too, ask the person who owns the tree: only a person may force that.`;
  return `${what}\n${instead}`.split("\n").map(printableLine).join("\n");
}

const NAMED = 4;
/** Words that a shell takes as they stand. */
const PLAIN = /^[\w@%+=:,.~^/ -]+$/;

function guarded(command: string, program: string): string {
  const text = command.trim();
  if (text.length > LIMITS.commandLineLengthMax) return `${program} exec -- sh -c '<the same>'`;
  return `${program} exec -- ${PLAIN.test(text) ? text : `sh -c ${quoted(text)}`}`;
}
