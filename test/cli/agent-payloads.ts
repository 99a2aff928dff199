/** What each agent documents to send to its hooks, and to read from them. For tests. */

export interface Agent {
  file: string;
  before: { event: string; payload(command: string): object };
  denied(out: unknown): string | undefined;
  after: { event: string; payload(command: string, output: string): object };
  session: { event: string; payload: object };
  told(out: unknown): string | undefined;
}

type Json = Record<string, Record<string, string>>;
export const CLAUDE = {
  session_id: "s-1",
  transcript_path: "/home/u/.claude/projects/x/s-1.jsonl",
  permission_mode: "default",
};
export const CURSOR = {
  conversation_id: "c-1",
  generation_id: "g-1",
  model: "gpt-5.2",
  cursor_version: "3.18.2",
  user_email: null,
  transcript_path: null,
};

export const agentsIn = (root: string): Record<string, Agent> => ({
  "claude-code": {
    file: ".claude/settings.json",
    before: {
      event: "PreToolUse",
      payload: (command) => ({
        cwd: root,
        ...CLAUDE,
        hook_event_name: "PreToolUse",
        tool_name: "Bash",
        tool_input: { command, description: "x" },
        tool_use_id: "toolu_1",
      }),
    },
    denied: (out) => (out as Json)["hookSpecificOutput"]?.["permissionDecisionReason"],
    after: {
      event: "PostToolUseFailure",
      payload: (command, output) => ({
        cwd: root,
        ...CLAUDE,
        hook_event_name: "PostToolUseFailure",
        tool_name: "Bash",
        tool_input: { command },
        tool_use_id: "toolu_1",
        error: `Exit code 127\n${output}`,
        is_interrupt: false,
      }),
    },
    session: { event: "SessionStart", payload: { ...CLAUDE, hook_event_name: "SessionStart", source: "startup" } },
    told: (out) => (out as Json)["hookSpecificOutput"]?.["additionalContext"],
  },
  codex: {
    file: ".codex/hooks.json",
    before: {
      event: "PreToolUse",
      payload: (command) => ({
        cwd: root,
        session_id: "s-2",
        transcript_path: null,
        model: "gpt-5.2-codex",
        permission_mode: "default",
        turn_id: "t1",
        hook_event_name: "PreToolUse",
        tool_name: "Bash",
        tool_input: { command },
        tool_use_id: "call_1",
      }),
    },
    denied: (out) => (out as Json)["hookSpecificOutput"]?.["permissionDecisionReason"],
    after: {
      event: "PostToolUse",
      payload: (command, output) => ({
        cwd: root,
        session_id: "s-2",
        transcript_path: null,
        model: "gpt-5.2-codex",
        permission_mode: "default",
        turn_id: "t1",
        hook_event_name: "PostToolUse",
        tool_name: "Bash",
        tool_input: { command },
        tool_response: output,
        tool_use_id: "call_1",
      }),
    },
    session: {
      event: "SessionStart",
      payload: {
        session_id: "s-2",
        hook_event_name: "SessionStart",
        source: "startup",
        model: "gpt-5.2-codex",
        transcript_path: null,
        permission_mode: "default",
      },
    },
    told: (out) => (out as Json)["hookSpecificOutput"]?.["additionalContext"],
  },
  gemini: {
    file: ".gemini/settings.json",
    before: {
      event: "BeforeTool",
      payload: (command) => ({
        cwd: root,
        session_id: "s-3",
        transcript_path: "/x.json",
        timestamp: "2026-11-22T10:28:19.042Z",
        hook_event_name: "BeforeTool",
        tool_name: "run_shell_command",
        tool_input: { command, description: "x" },
      }),
    },
    denied: (out) => {
      const { decision, reason } = out as { decision?: string; reason?: string };
      return decision === "deny" ? reason : undefined;
    },
    after: {
      event: "AfterTool",
      payload: (command, output) => ({
        cwd: root,
        session_id: "s-3",
        transcript_path: "/x.json",
        timestamp: "2026-11-22T10:28:19.042Z",
        hook_event_name: "AfterTool",
        tool_name: "run_shell_command",
        tool_input: { command },
        tool_response: { llmContent: `Output: ${output}\nExit Code: 127`, returnDisplay: output },
      }),
    },
    session: {
      event: "SessionStart",
      payload: {
        session_id: "s-3",
        transcript_path: "/x.json",
        timestamp: "2026-11-22T10:28:19.042Z",
        hook_event_name: "SessionStart",
        source: "startup",
      },
    },
    told: (out) => (out as Json)["hookSpecificOutput"]?.["additionalContext"],
  },
  cursor: {
    file: ".cursor/hooks.json",
    before: {
      event: "beforeShellExecution",
      payload: (command) => ({
        cwd: root,
        ...CURSOR,
        workspace_roots: [root],
        hook_event_name: "beforeShellExecution",
        command,
        timeout: 30,
      }),
    },
    denied: (out) => {
      const { permission, agent_message } = out as { permission?: string; agent_message?: string };
      return permission === "deny" ? agent_message : undefined;
    },
    after: {
      event: "postToolUse",
      payload: (command, output) => ({
        cwd: root,
        ...CURSOR,
        workspace_roots: [root],
        hook_event_name: "postToolUse",
        tool_name: "Shell",
        tool_input: { command },
        tool_output: JSON.stringify({ output, exitCode: 127 }),
        tool_use_id: "u1",
        duration: 12,
      }),
    },
    session: {
      event: "sessionStart",
      payload: {
        ...CURSOR,
        workspace_roots: [],
        session_id: "c-1",
        hook_event_name: "sessionStart",
        is_background_agent: false,
      },
    },
    told: (out) => (out as { additional_context?: string }).additional_context,
  },
});
