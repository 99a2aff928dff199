/**
 * The daemon's side of the socket.
 *
 * Whoever can open the socket is the tree's own user (folder 0700, socket 0600); still nothing that a client sends, or fails to
 * take, may end the daemon or fill its memory. A crash leaves the socket file; the next `serve` removes it when nobody answers. Only
 * the holder of the tree's lock may call `serve`: two at once could remove each other's socket.
 */

import { dirname } from "node:path";
import { assert, type Connection, HoldfastError, isoTime, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import { PROTOCOL_VERSION } from "./frames.ts";
import { type Handler, type Hello, Session } from "./session.ts";

export interface ServeOptions {
  /** Absolute, at most `LIMITS.socketPathBytesMax` bytes. Its folder is made when it is missing. */
  path: string;
  version: string;
  /** The tree's root. */
  tree: string;
  handler: Handler;
  ports: Pick<Ports, "disk" | "clock" | "sockets" | "process" | "log">;
}

export interface Server {
  /** Takes no more connections, aborts what runs, waits a grace for it to end, and closes every connection. */
  close(): Promise<void>;
}

/** Starts to serve. Throws `DAEMON_RUNNING` when somebody answers on that path already. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { path, ports } = options;
  assert(Buffer.byteLength(path) <= LIMITS.socketPathBytesMax, "a socket's path fits into sockaddr_un");
  prepareFolder(path, ports);
  await removeStaleSocket(path, ports);

  const hello: Hello = {
    v: PROTOCOL_VERSION,
    pid: ports.process.pid,
    version: options.version,
    tree: options.tree,
    startedAt: isoTime(ports.clock.now()),
  };
  const sessions = new Set<Session>();
  const listener = await ports.sockets.listen(path, (connection) => {
    if (sessions.size >= LIMITS.connectionsMax) {
      refuse(connection);
      return;
    }
    const session = new Session({ connection, hello, handler: options.handler, log: ports.log });
    sessions.add(session);
    connection.onClose(() => sessions.delete(session));
  });
  const closing = new AbortController();
  void beat(sessions, ports, closing.signal);
  return {
    async close() {
      closing.abort();
      const closed = listener.close();
      await Promise.all([...sessions].map((session) => session.end(ports.clock)));
      await closed;
    },
  };
}

async function beat(sessions: ReadonlySet<Session>, ports: Pick<Ports, "clock">, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ports.clock.sleep(LIMITS.heartbeatMs, signal);
    for (const session of sessions) session.beat();
  }
}

function prepareFolder(path: string, { disk }: Pick<Ports, "disk">): void {
  const folder = dirname(path);
  const found = disk.lstat(folder);
  if (found === null) disk.mkdir(folder, 0o700);
  else if (found.mode !== 0o700) disk.chmod(folder, 0o700);
}

async function removeStaleSocket(path: string, { disk, sockets }: Pick<Ports, "disk" | "sockets">): Promise<void> {
  const found = disk.lstat(path);
  if (found === null) return;
  if (found.kind !== "other") {
    throw new HoldfastError("STORE_UNAVAILABLE", `${path} should be a socket and is a ${found.kind}`, {
      hint: `move ${path} away`,
    });
  }
  try {
    const connection = await sockets.connect(path);
    connection.destroy();
  } catch (error) {
    if (!isSystemError(error, "ECONNREFUSED")) throw error;
    disk.unlink(path);
    return;
  }
  throw new HoldfastError("DAEMON_RUNNING", `Somebody answers on ${path} already`);
}

function refuse(connection: Connection): void {
  const error = new HoldfastError("LOCK_BUSY", `The daemon serves ${LIMITS.connectionsMax} connections already`);
  connection.write(`${JSON.stringify({ id: null, ok: false, error })}\n`);
  connection.end();
}
