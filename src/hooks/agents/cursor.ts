/**
 * Cursor's hooks (https://cursor.com/docs/agent/hooks). `permission: "allow"` would skip the user's own approval: it is never said.
 *
 * Cursor may run Claude Code's hooks too, under its own event names and with its own payload (`preToolUse`, tool `Shell`, an empty
 * `cwd`): those are read here as well, whatever the hook was installed for.
 */

import { allText, type Dialect, exitCodeIn, Payload } from "../call.ts";

export const cursor: Dialect = {
  read(payload) {
    const common = {
      agent: "cursor" as const,
      event: payload.text("hook_event_name") ?? "",
      session: payload.text("conversation_id") ?? payload.text("session_id"),
      cwd: payload.text("cwd") ?? firstRoot(payload),
    };
    // The generation is the turn: the same words in another turn are another command.
    const callId = payload.text("generation_id") ?? payload.text("tool_use_id");
    switch (common.event) {
      case "sessionStart":
        return { ...common, kind: "session" };
      case "beforeShellExecution":
      case "preToolUse": {
        const command = commandOf(payload);
        return command === null ? null : { ...common, kind: "before", command, callId, removes: [] };
      }
      case "afterShellExecution":
      case "postToolUse": {
        const command = commandOf(payload);
        const output = payload.text("output") ?? allText(parsed(payload.any("tool_output")));
        const exitCode = Payload.of(parsed(payload.any("tool_output")))?.number("exitCode") ?? exitCodeIn(output);
        return command === null ? null : { ...common, kind: "after", command, callId, output, exitCode };
      }
      default:
        return null;
    }
  },
  write({ kind, event }, reply) {
    switch (reply.kind) {
      case "silence":
      // Nothing that Cursor documents tells a person without deciding something.
      case "notice":
      case "send-back":
        return "";
      case "deny": {
        if (kind !== "before") return "";
        const denial = { permission: "deny", user_message: reply.reason, agent_message: reply.reason };
        // The general hook had another form before.
        return JSON.stringify(event === "preToolUse" ? { ...denial, decision: "deny", reason: reply.reason } : denial);
      }
      case "context":
        return kind === "session" || event === "postToolUse" ? JSON.stringify({ additional_context: reply.text }) : "";
    }
  },
};

/** Of a payload that Cursor wrote. */
export function isCursors(payload: Payload): boolean {
  return payload.text("cursor_version") !== null;
}

function commandOf(payload: Payload): string | null {
  const tool = payload.text("tool_name");
  if (tool === null) return payload.text("command");
  return tool === "Shell" || tool === "Bash" ? payload.object("tool_input").text("command") : null;
}

function firstRoot(payload: Payload): string | null {
  const roots = payload.any("workspace_roots");
  const first: unknown = Array.isArray(roots) ? roots[0] : null;
  return typeof first === "string" && first !== "" ? first : null;
}

/** A tool's output is JSON inside a string. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}
