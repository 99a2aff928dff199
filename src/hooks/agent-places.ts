/** Where each agent keeps its hooks, and what is put there: the documented forms, in a table. */

import { join } from "node:path";
import type { ProcessPort } from "../base/index.ts";
import type { AgentName } from "./call.ts";
import type { Wanted } from "./json-config.ts";

export interface AgentPlace {
  /** As people call it. */
  readonly title: string;
  /** The user's own configuration. */
  file(process: Pick<ProcessPort, "env" | "home">): string;
  /** `command`: a shell's text. */
  wanted(command: string, options: { claimCheck: boolean }): Wanted[];
  /** What a person should know of this agent. */
  readonly notes: readonly string[];
}

/** Beyond it the agent goes on without an answer. */
const TIMEOUT_SECONDS = 5;

export const AGENT_PLACES: Readonly<Record<AgentName, AgentPlace>> = {
  "claude-code": {
    title: "Claude Code",
    file: ({ env, home }) => join(env("CLAUDE_CONFIG_DIR") || join(home(), ".claude"), "settings.json"),
    wanted: (command, { claimCheck }) => {
      const hooks = [{ type: "command", command, timeout: TIMEOUT_SECONDS }];
      return entries([
        ["PreToolUse", { matcher: "Bash", hooks }],
        ["PostToolUse", { matcher: "Bash", hooks }],
        // Commands that fail end here.
        ["PostToolUseFailure", { matcher: "Bash", hooks }],
        ["SessionStart", { hooks }],
        ...(claimCheck ? [["Stop", { hooks }] as const] : []),
      ]);
    },
    notes: ["sessions that run already do not see it"],
  },
  codex: {
    title: "Codex",
    file: ({ env, home }) => join(env("CODEX_HOME") || join(home(), ".codex"), "hooks.json"),
    wanted: (command, { claimCheck }) => {
      const hooks = [{ type: "command", command, timeout: TIMEOUT_SECONDS }];
      return entries([
        ["PreToolUse", { matcher: "Bash|apply_patch", hooks }],
        ["PostToolUse", { matcher: "Bash", hooks }],
        ["SessionStart", { hooks }],
        ...(claimCheck ? [["Stop", { hooks }] as const] : []),
      ]);
    },
    notes: ["Codex skips hooks that are not trusted, silently: open /hooks in Codex once and trust them"],
  },
  gemini: {
    title: "Gemini CLI",
    file: ({ home }) => join(home(), ".gemini", "settings.json"),
    wanted: (command, { claimCheck }) => {
      const hooks = [{ name: "holdfast", type: "command", command, timeout: TIMEOUT_SECONDS * 1_000 }];
      return entries([
        ["BeforeTool", { matcher: "run_shell_command", hooks }],
        ["AfterTool", { matcher: "run_shell_command", hooks }],
        ["SessionStart", { hooks }],
        ...(claimCheck ? [["AfterAgent", { hooks }] as const] : []),
      ]);
    },
    notes: ["sessions that run already do not see it"],
  },
  cursor: {
    title: "Cursor",
    file: ({ home }) => join(home(), ".cursor", "hooks.json"),
    wanted: (command) => [
      { kind: "setting", name: "version", value: 1 },
      ...entries([
        ["beforeShellExecution", { command, timeout: TIMEOUT_SECONDS }],
        ["afterShellExecution", { command, timeout: TIMEOUT_SECONDS }],
        ["postToolUse", { command, timeout: TIMEOUT_SECONDS, matcher: "Shell" }],
        ["sessionStart", { command, timeout: TIMEOUT_SECONDS }],
      ]),
    ],
    notes: ["Cursor tells no hook what an agent says at the end of a turn: claims are not checked there"],
  },
};

function entries(list: readonly (readonly [event: string, value: Record<string, unknown>])[]): Wanted[] {
  return list.map(([event, value]) => ({ kind: "entry", event, value }));
}
