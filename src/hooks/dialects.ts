/** Every agent's way to speak to a hook, by the name under which the hook was installed. */

import { claudeCode } from "./agents/claude-code.ts";
import { codex } from "./agents/codex.ts";
import { cursor, isCursors } from "./agents/cursor.ts";
import { gemini } from "./agents/gemini.ts";
import { type AgentName, type Dialect, type HookCall, type HookReply, Payload } from "./call.ts";

export const DIALECTS: Readonly<Record<AgentName, Dialect>> = { "claude-code": claudeCode, codex, gemini, cursor };

export function isAgentName(name: string): name is AgentName {
  return Object.hasOwn(DIALECTS, name);
}

/** `agent`: what the hook was installed for. Cursor may run what was installed for Claude Code: what it wrote is read as Cursor's. */
export function readHookCall(agent: AgentName, text: string): HookCall | null {
  const payload = Payload.parse(text);
  if (payload === null) return null;
  return DIALECTS[isCursors(payload) ? "cursor" : agent].read(payload);
}

export function writeHookReply(call: HookCall, reply: HookReply): string {
  return DIALECTS[call.agent].write(call, reply);
}
