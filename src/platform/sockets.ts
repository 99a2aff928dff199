/** Unix sockets, thin: bytes in, bytes out, and how much waits to be sent. Framing and meaning are `protocol/`. */

import * as fs from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import type { Connection, Listener, SocketPort } from "../base/index.ts";

export function realSockets(): SocketPort {
  return { listen, connect };
}

function listen(path: string, onConnection: (connection: Connection) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => onConnection(toConnection(socket)));
    server.once("error", reject);
    server.listen(path, () => {
      // Between bind and chmod the folder's own mode (0700) keeps others out.
      fs.chmodSync(path, 0o600);
      server.off("error", reject);
      resolve({ close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

function connect(path: string): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(toConnection(socket));
    });
  });
}

function toConnection(socket: Socket): Connection {
  // A broken pipe or reset: the close event follows, and says all that there is to do.
  socket.on("error", () => socket.destroy());
  return {
    get unsentBytes() {
      return socket.writableLength;
    },
    write: (text) => void socket.write(text),
    // Not `end()`: it would wait for the other side to close too, which a paused or hostile one never does.
    end: () => socket.destroySoon(),
    destroy: () => void socket.destroy(),
    onData: (take) => void socket.on("data", take),
    onClose: (note) => void (socket.destroyed ? queueMicrotask(note) : socket.once("close", note)),
  };
}
