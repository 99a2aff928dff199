/** The environment variables by which coding agents can be recognised. A name that ends in `_` stands for every name with that start. */

export const AGENT_MARKS: readonly { mark: string; agent: string }[] = [
  { mark: "CLAUDECODE", agent: "claude-code" },
  { mark: "CLAUDE_CODE_", agent: "claude-code" },
  { mark: "CODEX_", agent: "codex" },
  { mark: "GEMINI_CLI", agent: "gemini-cli" },
  { mark: "CURSOR_AGENT", agent: "cursor" },
  { mark: "CURSOR_TRACE_ID", agent: "cursor" },
  { mark: "AIDER_", agent: "aider" },
  { mark: "OPENCODE", agent: "opencode" },
  { mark: "HOLDFAST_AGENT", agent: "agent" },
];

/** The agent that an environment belongs to, or `null`. */
export function agentOf(names: readonly string[]): string | null {
  for (const { mark, agent } of AGENT_MARKS) {
    if (names.some((name) => (mark.endsWith("_") ? name.startsWith(mark) : name === mark))) return agent;
  }
  return null;
}
