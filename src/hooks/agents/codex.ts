/**
 * Codex's hooks (https://developers.openai.com/codex/hooks; schemas in codex-rs/hooks/schema): Claude Code's JSON, with differences.
 *
 * `ask` and a bare `allow` are errors there, after which the command runs: they are never said. `PostToolUse` comes after failures
 * too. `cwd` is the session's folder: a command may run in another, which the payload does not tell.
 */

import type { BeforeCommand, Dialect } from "../call.ts";
import { after, before, turnEnd, writeClaudeReply } from "./claude-code.ts";

export const codex: Dialect = {
  read(payload) {
    const common = {
      agent: "codex" as const,
      event: payload.text("hook_event_name") ?? "",
      session: payload.text("session_id"),
      cwd: payload.text("cwd"),
    };
    switch (common.event) {
      case "SessionStart":
        return { ...common, kind: "session" };
      case "PreToolUse": {
        const patch = payload.object("tool_input").text("command");
        if (payload.text("tool_name") !== "apply_patch" || patch === null) return before(common, payload);
        return { ...common, kind: "before", callId: payload.text("tool_use_id"), ...patching(patch) };
      }
      case "PostToolUse":
        return after(common, payload);
      case "Stop":
        return turnEnd(common, payload);
      default:
        return null;
    }
  },
  write: writeClaudeReply,
};

/** The patch itself is no shell's text: what it takes away stands in its headers. */
function patching(patch: string): Pick<BeforeCommand, "command" | "removes"> {
  const removes: string[] = [];
  let updated = "";
  for (const line of patch.split("\n")) {
    const header = /^\*\*\* (Delete File|Update File|Move to): (.+?)\r?$/.exec(line);
    if (header?.[1] === "Delete File") removes.push(header[2]!);
    else if (header?.[1] === "Update File") updated = header[2]!;
    else if (header?.[1] === "Move to") removes.push(updated);
  }
  return { command: "apply_patch", removes };
}
