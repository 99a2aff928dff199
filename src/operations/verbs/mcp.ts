/** `holdfast mcp`: serves coding agents over stdin and stdout. Agents start it; people register it. */

import { HoldfastError } from "../../base/index.ts";
import { operation } from "../operation.ts";

export const mcp = operation({
  name: "mcp",
  commandLineOnly: true,
  about:
    "Serve a coding agent over stdin and stdout (Model Context Protocol): diagnose, changes, status, restore, submit",
  effect: "none",
  input: (z) => z.strictObject({}),
  command: {
    examples: ["holdfast mcp", "holdfast mcp --tree ~/mono"],
    notes: [
      "Register it once, in the agent's own words:",
      "  Claude Code  claude mcp add --scope user holdfast -- holdfast mcp",
      "  Codex        codex mcp add holdfast -- holdfast mcp",
      "  Gemini CLI   gemini mcp add --scope user holdfast holdfast mcp",
      '  Cursor       ~/.cursor/mcp.json: {"mcpServers": {"holdfast":',
      `               {"command": "holdfast", "args": ["mcp", "--tree", "\${workspaceFolder}"]}}}`,
      "",
      "Without --tree it is about the folder that the agent starts it in. docs/mcp.md tells more.",
    ],
  },
  async run(context) {
    if (context.serveAgents === undefined)
      throw new HoldfastError("USAGE", "`mcp` is started from the command line", { hint: "holdfast mcp" });
    await context.serveAgents();
    return null;
  },
  print: () => "",
});
