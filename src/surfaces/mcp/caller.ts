/** Who asks through MCP, and where: always an agent, by the name that its client gives. */

import type { ServerContext } from "@modelcontextprotocol/server";
import { type CallerContext, findOperation, locate, perform, recognizeCaller } from "../../operations/index.ts";

export interface Asked {
  readonly client: string | null;
  readonly signal: AbortSignal;
}

/** Performs a verb for the agent. The tree is looked for each time: it may be made, or move, while the agent works. */
export type Ask = (name: string, raw: Record<string, unknown>, asked: Asked) => Promise<unknown>;

export function askAs(caller: CallerContext, dir: string | null): Ask {
  return async (name, raw, { client, signal }) => {
    const operation = (await findOperation(name))!;
    const known = recognizeCaller(caller.ports.process);
    const actor = known.kind === "agent" ? known : { ...known, kind: "agent" as const, name: client ?? "agent" };
    const located = await locate(dir, caller.ports);
    const placed = operation.namesPaths === true ? { cwd: dir ?? caller.ports.process.cwd(), ...raw } : raw;
    const asking = { ...caller, actor, located, signal, json: true, progress: () => undefined, emit: () => undefined };
    return perform({ operation, raw: placed, caller: asking });
  };
}

const NAME_LENGTH_MAX = 64;

/** `claude-code`, `codex-mcp-client`: in the request itself since the protocol of 2026, before that in its first message. */
export function clientOf({ mcpReq }: ServerContext, greeted: { name: string } | undefined): string | null {
  const envelope = mcpReq.envelope as Record<string, { name?: unknown } | undefined> | undefined;
  const name = envelope?.["io.modelcontextprotocol/clientInfo"]?.name ?? greeted?.name;
  if (typeof name !== "string" || name === "") return null;
  return name.replace(/[^\w.@ -]/g, "").slice(0, NAME_LENGTH_MAX) || null;
}
