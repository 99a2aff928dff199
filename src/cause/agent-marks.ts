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

/** Where agents write which of their sessions it is. */
export const SESSION_VARIABLES: readonly string[] = [
  "CLAUDE_CODE_SESSION_ID",
  "CODEX_SESSION_ID",
  "CODEX_THREAD_ID",
  "GEMINI_SESSION_ID",
  "CURSOR_TRACE_ID",
];

/** Git's trace takes whole names only: these, of the marks that are beginnings of names. `PWD` tells the folder, which no event does. */
export const TRACED_VARIABLES: readonly string[] = [
  ...AGENT_MARKS.map(({ mark }) => mark).filter((mark) => !mark.endsWith("_")),
  "CLAUDE_CODE_ENTRYPOINT",
  "CODEX_SANDBOX",
  "CODEX_SANDBOX_NETWORK_DISABLED",
  "CODEX_CI",
  ...SESSION_VARIABLES.filter((name) => name !== "CURSOR_TRACE_ID"),
  "PWD",
];

/** The agent that an environment belongs to, or `null`. */
export function agentOf(names: readonly string[]): string | null {
  for (const { mark, agent } of AGENT_MARKS) {
    if (names.some((name) => (mark.endsWith("_") ? name.startsWith(mark) : name === mark))) return agent;
  }
  return null;
}
