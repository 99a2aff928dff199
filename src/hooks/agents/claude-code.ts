/**
 * Claude Code's hooks (https://code.claude.com/docs/en/hooks): silence lets the permission flow go on; a denial is JSON with exit 0.
 *
 * A command that failed ends in `PostToolUseFailure`, whose `error` holds exit code and output; `PostToolUse` sees only success.
 */

import {
  type AfterCommand,
  allText,
  type BeforeCommand,
  type Dialect,
  exitCodeIn,
  type HookCall,
  type HookReply,
  type Payload,
} from "../call.ts";

export const claudeCode: Dialect = {
  read(payload) {
    const common = {
      agent: "claude-code" as const,
      event: payload.text("hook_event_name") ?? "",
      session: payload.text("session_id"),
      cwd: payload.text("cwd"),
    };
    switch (common.event) {
      case "SessionStart":
        return { ...common, kind: "session" };
      case "PreToolUse":
        return before(common, payload);
      case "PostToolUse":
      case "PostToolUseFailure":
        return after(common, payload);
      case "Stop":
        return turnEnd(common, payload);
      default:
        return null;
    }
  },
  write: writeClaudeReply,
};

type Common = Pick<HookCall, "agent" | "event" | "session" | "cwd">;

export function before(common: Common, payload: Payload): BeforeCommand | null {
  const command = payload.object("tool_input").text("command");
  if (payload.text("tool_name") !== "Bash" || command === null) return null;
  return { ...common, kind: "before", command, callId: payload.text("tool_use_id"), removes: [] };
}

export function after(common: Common, payload: Payload): AfterCommand | null {
  const command = payload.object("tool_input").text("command");
  if (payload.text("tool_name") !== "Bash" || command === null) return null;
  const response = payload.any("tool_response");
  const output = [payload.text("error") ?? "", allText(response)].filter((text) => text !== "").join("\n");
  const told = payload.object("tool_response").number("exit_code") ?? exitCodeIn(output);
  const exitCode = told ?? (common.event === "PostToolUseFailure" ? null : 0);
  return { ...common, kind: "after", command, callId: payload.text("tool_use_id"), output, exitCode };
}

export function turnEnd(common: Common, payload: Payload): HookCall | null {
  const message = payload.text("last_assistant_message");
  return message === null
    ? null
    : { ...common, kind: "turn-end", message, isRetry: payload.isTrue("stop_hook_active") };
}

/** Codex took these answers over. */
export function writeClaudeReply({ event, kind }: HookCall, reply: HookReply): string {
  switch (reply.kind) {
    case "silence":
      return "";
    case "notice":
      return JSON.stringify({ systemMessage: reply.text });
    case "deny":
      return kind !== "before"
        ? ""
        : JSON.stringify({
            hookSpecificOutput: {
              hookEventName: event,
              permissionDecision: "deny",
              permissionDecisionReason: reply.reason,
            },
          });
    case "context":
      return JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: reply.text } });
    case "send-back":
      return JSON.stringify({ decision: "block", reason: reply.reason });
  }
}
