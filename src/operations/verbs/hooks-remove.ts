/** `holdfast hooks remove`: gives back what stood there before, byte for byte. */

import { carryOutHook, HOOK_COMMAND, hookInput, printHook } from "../hook-plan.ts";
import { operation } from "../operation.ts";

export const hooksRemove = operation({
  name: "hooks remove",
  commandLineOnly: true,
  about: "Take a hook out again: what stood there before comes back",
  effect: "none",
  input: hookInput,
  command: {
    ...HOOK_COMMAND,
    examples: ["holdfast hooks remove claude-code --dry-run", "holdfast hooks remove git-trace --yes"],
  },
  run: (context, input) => carryOutHook("remove", input, context),
  print: printHook,
});
