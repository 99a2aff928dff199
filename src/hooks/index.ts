/** What is installed into agents, git and shells, and what they report. */

import { agentTarget } from "./agent-target.ts";
import type { AgentName } from "./call.ts";
import { DIALECTS } from "./dialects.ts";
import { gitTrace } from "./git-trace.ts";
import type { HookTarget } from "./hook-target.ts";

/** Every target, by the name that the command line takes. */
export const HOOK_TARGETS: Readonly<Record<string, HookTarget>> = {
  ...Object.fromEntries((Object.keys(DIALECTS) as AgentName[]).map((agent) => [agent, agentTarget(agent)])),
  [gitTrace.name]: gitTrace,
};

export { type Asked, answerCall } from "./answer.ts";
export type { AgentName, HookCall, HookReply } from "./call.ts";
export type { HookWorld, KeptPaths, KnownPath, TreeDesk } from "./desk.ts";
export { isAgentName, readHookCall, writeHookReply } from "./dialects.ts";
export { noteFired } from "./fired.ts";
export type { HookChange, HookOptions, HookPlan, HookPorts, HookStatus, HookTarget } from "./hook-target.ts";
export { hookWorld } from "./hook-world.ts";
export { noteEnded } from "./note-ended.ts";
export { type MissingPiece, type OwnPieces, openOwnPieces } from "./own-pieces.ts";
export { installShellShims, shellText } from "./shell.ts";
export { ADDRESS_FILE, refreshShim } from "./shim.ts";
export { treesAt } from "./trees-at.ts";
