/** Server and client on a real socket; time is the test's own where something has to be waited for. */

import * as fs from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { HoldfastError, LIMITS, type Log } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import { type Client, connect, type Handler, type Server, serve } from "./index.ts";

let dir: string;
let path: string;
let server: Server | null;
const clients: Client[] = [];
const logged: unknown[] = [];
const log: Log = { info() {}, warn: (message) => logged.push(message), error: (_message, error) => logged.push(error) };
const ports = { ...realPorts(), log };

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-socket-"));
  path = join(dir, "run/daemon.sock");
  server = null;
  logged.length = 0;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

async function start(handler: Handler, more: { clock?: FakeClock } = {}): Promise<void> {
  server = await serve({ path, version: "1.2.3", tree: "/tree", handler, ports: { ...ports, ...more } });
}

async function client(more: { clock?: FakeClock } = {}): Promise<Client> {
  const connected = await connect(path, { ports: { ...ports, ...more } });
  clients.push(connected!);
  return connected!;
}

/** Speaks bytes, as something that is no client of ours would. */
async function stranger(): Promise<{
  socket: net.Socket;
  lines(count: number): Promise<string[]>;
  closed: Promise<void>;
}> {
  const socket = net.createConnection(path);
  let text = "";
  let arrived = () => {};
  socket.on("data", (bytes) => {
    text += bytes.toString();
    arrived();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  const lines = async (count: number) => {
    while (text.split("\n").length <= count) await new Promise<void>((resolve) => (arrived = resolve));
    return text.split("\n").slice(0, count);
  };
  return { socket, lines, closed };
}

describe("a call", () => {
  it("brings events in order, then the result", async () => {
    await start(async ({ call, input }, { emit }) => {
      for (let index = 0; index < 3; index += 1) emit({ index });
      return { call, input };
    });
    const events: unknown[] = [];
    const result = await (await client()).call("echo", { a: 1 }, { onEvent: (event) => events.push(event) });
    expect(result).toEqual({ call: "echo", input: { a: 1 } });
    expect(events).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
  });

  it("brings the error that was thrown; an unexpected one as DEFECT, and into the log", async () => {
    await start(({ call }) => {
      if (call === "refuse") throw new HoldfastError("WO_UNKNOWN", "no WO-1", { hint: "look", data: { id: 1 } });
      throw new TypeError("undefined is not a function");
    });
    const { call } = await client().then((connected) => ({ call: connected.call.bind(connected) }));
    await expect(call("refuse", {})).rejects.toMatchObject({
      code: "WO_UNKNOWN",
      message: "no WO-1",
      hint: "look",
      data: { id: 1 },
    });
    await expect(call("crash", {})).rejects.toMatchObject({ code: "DEFECT", message: "undefined is not a function" });
    expect(logged).toEqual([expect.any(TypeError)]);
  });

  it("is one of many at once, each with its own answer", async () => {
    await start(async ({ input }) => {
      await ports.clock.breathe();
      return input;
    });
    const connected = await client();
    const numbers = Array.from({ length: LIMITS.requestsPerConnectionMax }, (_, index) => index);
    expect(await Promise.all(numbers.map((number) => connected.call("echo", number)))).toEqual(numbers);
  });

  it("fails when the answer is too large or no JSON, and the connection lives on", async () => {
    await start(({ call }) =>
      call === "large" ? "x".repeat(LIMITS.frameSizeBytesMax) : call === "strange" ? 1n : "fine",
    );
    const connected = await client();
    await expect(connected.call("large", {})).rejects.toMatchObject({ code: "PROTOCOL" });
    await expect(connected.call("strange", {})).rejects.toMatchObject({ code: "DEFECT" });
    expect(await connected.call("small", {})).toBe("fine");
  });

  it("tells the daemon when it is given up: by a signal, a timeout, or the end of the client", async () => {
    const aborted: string[] = [];
    let allAborted = () => {};
    const done = new Promise<void>((resolve) => (allAborted = resolve));
    await start(
      ({ call }, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted.push(call);
            if (aborted.length === 3) allAborted();
            resolve(null);
          });
        }),
    );
    const connected = await client();
    const abort = new AbortController();
    const signalled = connected.call("signalled", {}, { signal: abort.signal });
    // What the daemon answers after it, shows that it has begun with it.
    await connected.call("hello", {});
    abort.abort(new Error("enough"));
    await expect(signalled).rejects.toThrow("enough");
    await expect(connected.call("late", {}, { timeoutMs: 10 })).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    const orphan = connected.call("orphan", {});
    await connected.call("hello", {});
    connected.close();
    await expect(orphan).rejects.toMatchObject({ code: "DAEMON_GONE" });
    await done;
    expect(aborted).toEqual(["signalled", "late", "orphan"]);
  });

  it("that was given up before it began is not begun", async () => {
    let begun = 0;
    await start(() => (begun += 1));
    const connected = await client();
    const abort = new AbortController();
    const call = connected.call("x", {}, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await expect(connected.call("x", {}, { signal: abort.signal })).rejects.toThrow("enough");
    await connected.call("hello", {});
    expect(begun).toBe(0);
  });

  it("ends with DAEMON_GONE when the daemon stops without an answer", async () => {
    const clock = new FakeClock();
    await start(() => new Promise(() => undefined), { clock });
    const connected = await client();
    const call = connected.call("never", {});
    await connected.call("hello", {});
    const closed = server!.close();
    await clock.advance(LIMITS.commandKillGraceMs);
    await expect(call).rejects.toMatchObject({ code: "DAEMON_GONE" });
    await closed;
    server = null;
    await expect(connected.call("again", {})).rejects.toMatchObject({ code: "DAEMON_GONE" });
  });
});

describe("a daemon", () => {
  it("greets with who it is, on a socket for its user only", async () => {
    await start(() => null);
    expect((await client()).hello).toEqual({
      v: 1,
      pid: process.pid,
      version: "1.2.3",
      tree: "/tree",
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(join(dir, "run")).mode & 0o777).toBe(0o700);
  });

  it("is not there: no socket, or one that nobody listens on; and takes the latter's place", async () => {
    expect(await connect(path, { ports })).toBeNull();
    fs.mkdirSync(join(dir, "run"));
    // A killed process leaves its socket: a name that outlives its listener.
    const left = net.createServer().listen(join(dir, "left"));
    await new Promise((resolve) => left.once("listening", resolve));
    fs.linkSync(join(dir, "left"), path);
    await new Promise((resolve) => left.close(resolve));
    expect(fs.lstatSync(path).isSocket()).toBe(true);
    expect(await connect(path, { ports })).toBeNull();
    await start(() => "new");
    expect(await (await client()).call("x", {})).toBe("new");
  });

  it("does not take the place of one that answers, or of a file", async () => {
    await start(() => "old");
    const second = serve({ path, version: "2", tree: "/", handler: () => "new", ports });
    await expect(second).rejects.toMatchObject({ code: "DAEMON_RUNNING" });
    expect(await (await client()).call("x", {})).toBe("old");
    const file = join(dir, "run/file");
    fs.writeFileSync(file, "mine");
    const third = serve({ path: file, version: "2", tree: "/", handler: () => "new", ports });
    await expect(third).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(fs.readFileSync(file, "utf8")).toBe("mine");
  });

  it("leaves no socket behind when it stops", async () => {
    await start(() => null);
    await client();
    await server!.close();
    server = null;
    expect(fs.existsSync(path)).toBe(false);
  });

  it("answers nonsense with an error, and goes on", async () => {
    await start(() => "fine");
    const { socket, lines } = await stranger();
    socket.write('GET / HTTP/1.1\n\n{"id":1}\n{"id":7,"call":"x"}\n');
    const answers = (await lines(3)).map((line) => JSON.parse(line));
    expect(answers[0]).toMatchObject({ id: null, ok: false, error: { code: "PROTOCOL" } });
    expect(answers[1]).toMatchObject({ id: null, ok: false, error: { code: "PROTOCOL" } });
    expect(answers[2]).toEqual({ id: 7, ok: true, result: "fine" });
    socket.destroy();
  });

  it("closes on a frame without an end", async () => {
    await start(() => "fine");
    const { socket, lines, closed } = await stranger();
    socket.on("error", () => {});
    for (let index = 0; index < 18; index += 1) socket.write(Buffer.alloc(1024 * 1024, "x"));
    expect(JSON.parse((await lines(1))[0]!)).toMatchObject({ id: null, error: { code: "PROTOCOL" } });
    await closed;
    expect(await (await client()).call("x", {})).toBe("fine");
  });

  it("drops a client that asks and never reads", async () => {
    let sent = 0;
    let dropped = () => {};
    const done = new Promise<void>((resolve) => (dropped = resolve));
    await start(async (_request, { emit, signal }) => {
      signal.addEventListener("abort", dropped);
      for (; !signal.aborted && sent < 500; sent += 1) {
        emit("x".repeat(1024 * 1024));
        await ports.clock.breathe();
      }
    });
    const socket = net.createConnection(path);
    socket.on("error", () => {});
    socket.pause();
    socket.write('{"id":1,"call":"flood"}\n');
    await done;
    expect(sent).toBeLessThan(2 + LIMITS.socketUnsentBytesMax / (1024 * 1024) + 8);
    expect(logged).toEqual([expect.stringContaining("does not read")]);
    socket.destroy();
  });

  it("takes no more connections than it can serve, and says so", async () => {
    await start(() => "fine");
    const sockets: net.Socket[] = [];
    for (let index = 0; index < LIMITS.connectionsMax; index += 1) sockets.push((await stranger()).socket);
    await expect(connect(path, { ports })).rejects.toMatchObject({ code: "LOCK_BUSY" });
    for (const socket of sockets) socket.destroy();
  });
});

describe("a wedged daemon", () => {
  /** Takes connections, and does with them what it is told. */
  async function wedge(onConnection: (socket: net.Socket) => void): Promise<net.Server> {
    fs.mkdirSync(join(dir, "run"));
    const listener = net.createServer(onConnection).listen(path);
    await new Promise((resolve) => listener.once("listening", resolve));
    return listener;
  }

  it("is named when it does not greet", async () => {
    const taken: net.Socket[] = [];
    const listener = await wedge((socket) => taken.push(socket));
    await expect(connect(path, { ports, timeoutMs: 50, holderPid: 4123 })).rejects.toMatchObject({
      code: "DAEMON_WEDGED",
      message: "The daemon (process 4123) holds the tree but does not answer",
      data: { pid: 4123 },
    });
    for (const socket of taken) socket.destroy();
    listener.close();
  });

  it("is noticed when it falls silent in the middle, and not while it beats", async () => {
    const serverClock = new FakeClock();
    await start(() => new Promise(() => undefined), { clock: serverClock });
    const clock = new FakeClock();
    const connected = await client({ clock });
    const call = connected.call("long", {});
    const outcome = call.then(
      () => "done",
      (error: HoldfastError) => error.code,
    );
    for (let second = 0; second < 20; second += 1) {
      await connected.call("hello", {});
      await serverClock.advance(LIMITS.heartbeatMs);
      await clock.advance(LIMITS.heartbeatMs);
    }
    expect(await Promise.race([outcome, "still waiting"])).toBe("still waiting");
    await clock.advance(LIMITS.requestTimeoutMs + 2 * LIMITS.heartbeatMs);
    expect(await outcome).toBe("DAEMON_WEDGED");
    const closing = server!.close();
    await serverClock.advance(LIMITS.commandKillGraceMs);
    await closing;
    server = null;
  });

  it("of another protocol is told apart", async () => {
    const listener = await wedge((socket) => {
      socket.once("data", () => socket.end('{"id":1,"ok":true,"result":{"v":2,"pid":9,"version":"9"}}\n'));
    });
    await expect(connect(path, { ports })).rejects.toMatchObject({ code: "PROTOCOL", data: { pid: 9, version: "9" } });
    listener.close();
  });
});
