/** Gemini CLI's hooks (https://geminicli.com/docs/hooks/reference): nothing but JSON on stdout; a denial is `decision: "deny"`. */

import { allText, type Dialect, exitCodeIn, type HookCall, type Payload } from "../call.ts";

export const gemini: Dialect = {
  read(payload) {
    const common = {
      agent: "gemini" as const,
      event: payload.text("hook_event_name") ?? "",
      session: payload.text("session_id"),
      cwd: payload.text("cwd"),
    };
    switch (common.event) {
      case "SessionStart":
        return { ...common, kind: "session" };
      case "BeforeTool":
        return shell(payload, (command, folder) => ({
          ...common,
          cwd: folder ?? common.cwd,
          kind: "before",
          command,
          callId: null,
          removes: [],
        }));
      case "AfterTool":
        return shell(payload, (command, folder) => {
          const output = allText(payload.any("tool_response"));
          const exitCode = exitCodeIn(output);
          return { ...common, cwd: folder ?? common.cwd, kind: "after", command, callId: null, output, exitCode };
        });
      case "AfterAgent": {
        const message = payload.text("prompt_response");
        const isRetry = payload.isTrue("stop_hook_active");
        return message === null ? null : { ...common, kind: "turn-end", message, isRetry };
      }
      default:
        return null;
    }
  },
  write({ kind }, reply) {
    switch (reply.kind) {
      case "silence":
        return "";
      case "notice":
        return JSON.stringify({ systemMessage: reply.text });
      // After a tool, `deny` would hide its result.
      case "deny":
        return kind === "before" ? JSON.stringify({ decision: "deny", reason: reply.reason }) : "";
      case "context":
        return JSON.stringify({ hookSpecificOutput: { additionalContext: reply.text } });
      case "send-back":
        return JSON.stringify({ decision: "deny", reason: reply.reason });
    }
  },
};

function shell(payload: Payload, call: (command: string, folder: string | null) => HookCall): HookCall | null {
  const input = payload.object("tool_input");
  const command = input.text("command");
  if (payload.text("tool_name") !== "run_shell_command" || command === null) return null;
  const folder = [input.text("dir_path"), input.text("directory")].find((one) => one?.startsWith("/")) ?? null;
  return call(command, folder);
}
