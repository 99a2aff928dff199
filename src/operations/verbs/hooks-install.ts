/** `holdfast hooks install`: opt-in witnesses and guards inside git, agents and shells. Shows first what it changes. */

import { carryOutHook, HOOK_COMMAND, hookInput, printHook } from "../hook-plan.ts";
import { operation } from "../operation.ts";

export const hooksInstall = operation({
  name: "hooks install",
  commandLineOnly: true,
  about: "Let agents ask before they run a command, and git say what each did; shown first, taken back exactly",
  effect: "none",
  input: hookInput,
  command: {
    ...HOOK_COMMAND,
    options: [
      ...HOOK_COMMAND.options,
      {
        flags: "--claim-check",
        about: 'also send back, once a turn, a claim like "it never existed" without a diagnosis',
      },
    ],
    examples: [
      "holdfast hooks install claude-code --dry-run",
      "holdfast hooks install codex --claim-check",
      "holdfast hooks install git-trace",
    ],
  },
  run: (context, input) => carryOutHook("install", input, context),
  print: printHook,
});
