/** `holdfast hooks install`: opt-in witnesses and guards inside git, agents and shells. Shows first what it changes. */

import { carryOutHook, HOOK_COMMAND, hookInput, printHook } from "../hook-plan.ts";
import { operation } from "../operation.ts";

export const hooksInstall = operation({
  name: "hooks install",
  commandLineOnly: true,
  about: "Let git say what each command did, in your global configuration; shown first, taken back exactly",
  effect: "none",
  input: hookInput,
  command: {
    ...HOOK_COMMAND,
    examples: ["holdfast hooks install git-trace --dry-run", "holdfast hooks install git-trace"],
  },
  run: (context, input) => carryOutHook("install", input, context),
  print: printHook,
});
