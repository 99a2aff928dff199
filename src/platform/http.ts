/** The web server behind the port: Node's, through hono's adapter, bound to loopback or to a socket, and to limits. */

import * as fs from "node:fs";
import type { Server } from "node:http";
import { type HttpPort, LIMITS } from "../base/index.ts";

import { send } from "./http-send.ts";

const HOST = "127.0.0.1";

type Answer = (request: Request) => Response | Promise<Response>;

export function realHttp(): HttpPort {
  return {
    async listen({ port, answer }) {
      const server = await serverOf(answer);
      await bound(server, () => server.listen(port, HOST));
      const address = server.address();
      return {
        port: typeof address === "object" && address !== null ? address.port : port,
        close: () => close(server),
      };
    },
    async listenOnSocket({ path, answer }) {
      const server = await serverOf(answer);
      await bound(server, () => server.listen(path));
      // Between bind and chmod the folder's own mode (0700) keeps others out.
      fs.chmodSync(path, 0o600);
      return { close: () => close(server) };
    },
    send,
  };
}

async function serverOf(answer: Answer): Promise<Server> {
  // Loaded when somebody listens: no verb but `up` does.
  const { createAdaptorServer } = await import("@hono/node-server");
  const server = createAdaptorServer({
    fetch: answer,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: LIMITS.httpHeadersMs,
      requestTimeout: LIMITS.httpRequestMs,
      keepAliveTimeout: LIMITS.httpKeepAliveMs,
      connectionsCheckingInterval: LIMITS.httpHeadersMs / 4,
      maxHeaderSize: LIMITS.httpHeaderBytesMax,
    },
  }) as Server;
  server.maxConnections = LIMITS.httpConnectionsMax;
  return server;
}

function bound(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    listen();
  });
}

function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    // An event stream never ends by itself.
    server.closeAllConnections();
  });
}
