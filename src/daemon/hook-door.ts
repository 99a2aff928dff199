/**
 * Where a daemon answers agents' hooks: HTTP on a socket of its own, because a shell has curl and no other way that is as quick.
 *
 * A shim finds it by a small file in the tree's state folder. What concerns another tree is not answered here (421): the shim then
 * starts a process of its own. Crash: the file names a socket that nobody listens on, and the shim goes on without.
 */

import { join } from "node:path";
import { HoldfastError, isSystemError, LIMITS } from "../base/index.ts";
import type { Eyes } from "../guard/index.ts";
import {
  ADDRESS_FILE,
  answerCall,
  type HookWorld,
  hookWorld,
  isAgentName,
  noteFired,
  readHookCall,
  treesAt,
  writeHookReply,
} from "../hooks/index.ts";
import { deskOf, type House } from "../operations/index.ts";
import { listTrees, makeFolders, replaceDurably } from "../tree/index.ts";

export interface HookDoor {
  close(): Promise<void>;
}

export async function openHookDoor(house: House, eyes: Pick<Eyes, "rememberNow">): Promise<HookDoor> {
  const { tree, ports } = house;
  const { disk, http } = ports;
  const address = join(tree.state.dir, ADDRESS_FILE);
  const world = worldOf(house, eyes);
  // Only the holder of the tree's lock comes here: what lies there is a dead daemon's.
  if (disk.lstat(tree.state.hookSocket) !== null) disk.unlink(tree.state.hookSocket);
  const listener = await http.listenOnSocket({
    path: tree.state.hookSocket,
    answer: (request) => answer(request, world, house),
  });
  makeFolders(disk, tree.state.dir, 0o700);
  replaceDurably(disk, address, `${tree.root}\n${tree.state.hookSocket}\n`);
  return {
    async close() {
      if (disk.lstat(address) !== null) disk.unlink(address);
      await listener.close();
    },
  };
}

/** It concerns another tree too. */
class Misdirected extends Error {}

async function answer(request: Request, world: HookWorld, { ports }: House): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const agent = pathname.replace(/^\/hook\//, "");
  if (request.method !== "POST" || !isAgentName(agent)) return new Response(null, { status: 404 });
  // Told beforehand, as curl does.
  if (!(Number(request.headers.get("content-length") ?? Number.NaN) <= LIMITS.hookPayloadBytesMax))
    return new Response(null, { status: 413 });
  noteFired(agent, ports);
  const call = readHookCall(agent, await request.text());
  if (call === null) return new Response("");
  try {
    const pid = Number(searchParams.get("pid")) || ports.process.pid;
    const reply = await answerCall({ call, installedFor: agent, pid }, world);
    return new Response(writeHookReply(call, reply));
  } catch (error) {
    if (error instanceof Misdirected) return new Response(null, { status: 421 });
    ports.log.error("a hook could not be answered; its shim asks a process of its own", error);
    return new Response(null, { status: 500 });
  }
}

function worldOf(house: House, eyes: Pick<Eyes, "rememberNow">): HookWorld {
  const { tree, ports } = house;
  const desk = deskOf(house, () => remember(house, eyes));
  const diagnosed = new Map<string, number>();
  return hookWorld(ports, {
    async desksAt(cwd, reached) {
      const trees = treesAt(cwd, reached, await listTrees(ports), ports);
      if (trees.some(({ id }) => id !== tree.id)) throw new Misdirected();
      return trees.length === 0 ? [] : [desk];
    },
    sessions: {
      hasDiagnosed: (session) => diagnosed.has(session),
      noteDiagnosis(session) {
        diagnosed.delete(session);
        diagnosed.set(session, ports.clock.now());
        if (diagnosed.size > LIMITS.witnessesMax) diagnosed.delete(diagnosed.keys().next().value!);
      },
    },
  });
}

/** Bounded: an agent waits. What was begun goes on. */
async function remember({ ports }: House, eyes: Pick<Eyes, "rememberNow">): Promise<string | null> {
  const over = new AbortController();
  const late = ports.clock
    .sleep(LIMITS.hookRememberMsMax, over.signal)
    .then(() => "it takes longer to remember everything");
  const done = eyes.rememberNow().then(
    () => null,
    (error: unknown) => {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      return `what stands there is not remembered: ${error.message}`;
    },
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    over.abort();
  }
}
