/** The web server behind the port: Node's, through hono's adapter, bound to loopback and to limits. */

import type { Server } from "node:http";
import { type HttpListener, type HttpPort, LIMITS } from "../base/index.ts";

const HOST = "127.0.0.1";

export function realHttp(): HttpPort {
  return {
    async listen({ port, answer }) {
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
      return bind(server, port);
    },
  };
}

function bind(server: Server, port: number): Promise<HttpListener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            // An event stream never ends by itself.
            server.closeAllConnections();
          }),
      });
    });
  });
}
