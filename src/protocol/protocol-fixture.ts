/** A server and its clients on a real socket in a folder of their own; time is the test's where something is waited for. */

import * as fs from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FakeClock } from "../../test/fakes/index.ts";
import type { Log, Ports } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Client, connect, type Handler, type Server, serve } from "./index.ts";

export interface Stage {
  readonly dir: string;
  readonly path: string;
  readonly ports: Ports;
  /** What the server warned of, and the errors that it noted. */
  readonly logged: unknown[];
  start(handler: Handler, more?: { clock?: FakeClock }): Promise<Server>;
  client(more?: { clock?: FakeClock }): Promise<Client>;
  /** Something that speaks bytes, as no client of ours would. */
  stranger(): Promise<Stranger>;
  /** Somebody else's listener on the path. */
  impostor(onConnection: (socket: net.Socket) => void): Promise<net.Server>;
  end(): Promise<void>;
}

export interface Stranger {
  readonly socket: net.Socket;
  /** The first `count` lines that arrived, as soon as they have. */
  lines(count: number): Promise<string[]>;
  readonly closed: Promise<void>;
}

export function newStage(): Stage {
  const dir = fs.mkdtempSync(join(tmpdir(), "holdfast-socket-"));
  const path = join(dir, "run/daemon.sock");
  const logged: unknown[] = [];
  const log: Log = {
    info() {},
    warn: (message) => logged.push(message),
    error: (_message, error) => logged.push(error),
  };
  const ports = { ...realPorts(), log };
  const clients: Client[] = [];
  const servers: Server[] = [];
  return {
    dir,
    path,
    ports,
    logged,
    async start(handler, more = {}) {
      const server = await serve({ path, version: "1.2.3", tree: "/tree", handler, ports: { ...ports, ...more } });
      servers.push(server);
      return server;
    },
    async client(more = {}) {
      const client = await connect(path, { ports: { ...ports, ...more } });
      clients.push(client!);
      return client!;
    },
    stranger: () => meet(path),
    async impostor(onConnection) {
      fs.mkdirSync(join(dir, "run"));
      const listener = net.createServer(onConnection).listen(path);
      await new Promise((resolve) => listener.once("listening", resolve));
      return listener;
    },
    async end() {
      for (const client of clients) client.close();
      for (const server of servers) await server.close();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function meet(path: string): Promise<Stranger> {
  const socket = net.createConnection(path);
  let text = "";
  let arrived = () => {};
  socket.on("data", (bytes) => {
    text += bytes.toString();
    arrived();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return {
    socket,
    closed,
    async lines(count) {
      while (text.split("\n").length <= count) await new Promise<void>((resolve) => (arrived = resolve));
      return text.split("\n").slice(0, count);
    },
  };
}
