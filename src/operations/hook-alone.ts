/**
 * Answers an agent's hook in a process of its own: no daemon took it, or it concerns a tree that another daemon holds.
 *
 * Only reads, but for what has to be remembered and noted; a sandbox that forbids even that leaves the answer "limited".
 */

import { HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import type { HookReport } from "../cause/index.ts";
import {
  type AgentName,
  answerCall,
  hookWorld,
  noteEnded,
  noteFired,
  readHookCall,
  treesAt,
  writeHookReply,
} from "../hooks/index.ts";
import { listTrees, type Tree } from "../tree/index.ts";
import { type DeskAlone, deskAlone } from "./hook-desk.ts";

export interface HookAnswer {
  readonly out: string;
  readonly err: string;
}

export async function answerHookAlone(
  asked: { readonly agent: AgentName; readonly payload: string; readonly pid: number },
  ports: Ports,
): Promise<HookAnswer> {
  noteFired(asked.agent, ports);
  const call = readHookCall(asked.agent, asked.payload);
  if (call === null) return { out: "", err: "" };
  const desks: DeskAlone[] = [];
  const desksAt = async (cwd: string, reached: readonly string[]) => {
    const trees = treesAt(cwd, reached, await listTrees(ports), ports);
    desks.push(...trees.map((tree) => deskAlone(tree, ports, (ended) => remembered(tree, ended, ports))));
    return desks;
  };
  try {
    const world = hookWorld(ports, { desksAt, sessions: null });
    const reply = await answerCall({ call, installedFor: asked.agent, pid: asked.pid }, world);
    const err = reply.kind === "notice" ? `${reply.text}\n` : "";
    return { out: writeHookReply(call, reply), err };
  } catch (error) {
    if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
    const text = `Holdfast: limited – ${error.message}`;
    return { out: call.kind === "before" ? writeHookReply(call, { kind: "notice", text }) : "", err: `${text}\n` };
  } finally {
    for (const desk of desks) desk.close();
  }
}

const remembered = async (tree: Tree, ended: HookReport | null, ports: Ports): Promise<string | null> => {
  const over = new AbortController();
  const late = ports.clock
    .sleep(LIMITS.hookRememberMsMax, over.signal)
    .then(() => "it takes longer to remember everything");
  try {
    return await Promise.race([rememberBy(tree, ended, ports), late]);
  } catch (error) {
    if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
    return `what stands there is not remembered: ${error.message}`;
  } finally {
    over.abort();
  }
};

async function rememberBy(tree: Tree, ended: HookReport | null, ports: Ports): Promise<null> {
  const { connectToDaemon } = await import("./daemon-client.ts");
  const client = await connectToDaemon(tree, ports);
  if (client !== null) {
    try {
      await client.call("remember", ended, { timeoutMs: LIMITS.hookRememberMsMax });
    } finally {
      client.close();
    }
    return null;
  }
  const { openWriter } = await import("./writer.ts");
  const writer = await openWriter(tree, ports, { command: "holdfast hook", waitMs: LIMITS.hookRememberMsMax });
  try {
    await writer.rememberNow();
    if (ended !== null) noteEnded(ended, writer.house);
  } finally {
    await writer.close();
  }
  return null;
}
