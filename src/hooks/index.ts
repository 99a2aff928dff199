/** What is installed into agents, git and shells. */

import { gitTrace } from "./git-trace.ts";
import type { HookTarget } from "./hook-target.ts";

/** Every target, by the name that the command line takes. */
export const HOOK_TARGETS: Readonly<Record<string, HookTarget>> = {
  [gitTrace.name]: gitTrace,
};

export type { HookChange, HookPlan, HookPorts, HookStatus, HookTarget } from "./hook-target.ts";
