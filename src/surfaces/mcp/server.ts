/**
 * `holdfast mcp`: the verbs for coding agents, over stdin and stdout, until the agent closes them.
 *
 * Works with no daemon and in a sandbox that only lets read: reading verbs open the store themselves, writing ones say what keeps them.
 * Nothing but the protocol goes to stdout. Where no tree is, `diagnose` and `changes` answer from git alone.
 */

import { McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";
import { HoldfastError, printableJson } from "../../base/index.ts";
import type { CallerContext } from "../../operations/index.ts";
import { renderError } from "../render-error.ts";
import { briefText } from "./brief.ts";
import { askAs, clientOf } from "./caller.ts";
import { offerResources } from "./resources.ts";
import { type Perform, TOOLS, type Tool } from "./tools.ts";

/** What a verb answers to whoever asked. Throws `HoldfastError` and system errors. */
export type Answer = (name: string, raw: Record<string, unknown>, context: ServerContext) => Promise<unknown>;

/** Resolves when the agent has gone, or `caller.signal` aborts. */
export async function serveAgents(caller: CallerContext, dir: string | null): Promise<void> {
  const gone = Promise.withResolvers<void>();
  const transport = new AgentTransport(gone.resolve);
  const onerror = (error: Error) => caller.ports.log.error("a message of an agent could not be handled", error);
  const handle = serveStdio(() => agentServer(caller, dir), { transport, onerror });
  caller.signal.addEventListener("abort", () => gone.resolve());
  await gone.promise;
  await handle.close();
}

/** Closes itself as its stdin ends, and whoever serves it hears nothing of that before the first message. */
class AgentTransport extends StdioServerTransport {
  readonly #onClosed: () => void;

  constructor(onClosed: () => void) {
    super();
    this.#onClosed = onClosed;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#onClosed();
  }
}

async function agentServer(caller: CallerContext, dir: string | null): Promise<McpServer> {
  const asker = askAs(caller, dir);
  const instructions = await instructionsFor((name) => asker(name, {}, { client: null, signal: caller.signal }));
  const server = new McpServer({ name: "holdfast", title: "Holdfast", version: caller.version }, { instructions });
  const answer: Answer = (name, raw, context) =>
    asker(name, raw, { client: clientOf(context, server.server.getClientVersion()), signal: context.mcpReq.signal });
  for (const tool of TOOLS) offerTool(tool, server, answer, caller);
  offerResources(server, answer);
  server.registerPrompt(
    "what-happened",
    {
      title: "What happened to it",
      description: "Find out what became of a path before anything is said about it",
      argsSchema: z.object({ path: z.string().describe("the path or component in question") }),
    },
    ({ path }) => ({ messages: [{ role: "user", content: { type: "text", text: whatHappened(path) } }] }),
  );
  return server;
}

function offerTool(tool: Tool, server: McpServer, answer: Answer, { ports }: CallerContext): void {
  const { name, title, description, input, annotations } = tool;
  server.registerTool(
    name,
    { title, description, inputSchema: input, annotations: { ...annotations, openWorldHint: false } },
    async (given, context) => {
      const perform = (async (verb, raw) => answer(verb, raw, context)) as Perform;
      try {
        const { brief, whole } = await tool.run(given, perform, ports.clock.now());
        return said(given["detail"] === true ? printableJson(whole) : briefText(brief));
      } catch (error) {
        return { ...said(errorText(error)), isError: true };
      }
    },
  );
}

function said(text: string) {
  return { content: [{ type: "text" as const, text }] };
}

/** Of a defect, too: the agent must not take silence for an answer. */
function errorText(error: unknown): string {
  const { code, message, hint } = renderError(error);
  return briefText({ claim: `${code}: ${message}`, evidence: [], command: hint });
}

/** At most 120 tokens: what is open now, the rule, the tool. */
async function instructionsFor(ask: (name: string) => Promise<unknown>): Promise<string> {
  const rule =
    "Before you say that something is missing, broken or never existed, call `diagnose`. Bring back with `restore`; change files all-or-nothing with `submit`.";
  try {
    const { incidents } = (await ask("status")) as { incidents: { open: number } };
    const open = incidents.open === 0 ? "no incident is open" : `${incidents.open} incidents are open: call \`status\``;
    return `Holdfast guards this tree; ${open}. ${rule}`;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return `Holdfast does not guard this folder (${error.code}), and answers from git alone. ${rule}`;
  }
}

function whatHappened(path: string): string {
  return `Call the tool \`diagnose\` with the path ${JSON.stringify(path)}. Say what became of it only in the words of its verdict and evidence: when, by what, and how sure that is. If it was lost, propose the command that the answer ends with, and do not write it anew.`;
}
