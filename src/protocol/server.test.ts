import * as fs from "node:fs";
import * as net from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { LIMITS } from "../base/index.ts";
import { connect, serve } from "./index.ts";
import { newStage, type Stage } from "./protocol-fixture.ts";

let stage: Stage;
beforeEach(() => {
  stage = newStage();
});
afterEach(() => stage.end());

describe("a daemon", () => {
  it("greets with who it is, on a socket for its user only", async () => {
    await stage.start(() => null);
    expect((await stage.client()).hello).toEqual({
      v: 1,
      pid: process.pid,
      version: "1.2.3",
      tree: "/tree",
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(fs.statSync(stage.path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(join(stage.dir, "run")).mode & 0o777).toBe(0o700);
  });

  it("is not there: no socket, or one that nobody listens on; and takes the latter's place", async () => {
    expect(await connect(stage.path, { ports: stage.ports })).toBeNull();
    fs.mkdirSync(join(stage.dir, "run"));
    // A killed process leaves its socket: a name that outlives its listener.
    const left = net.createServer().listen(join(stage.dir, "left"));
    await new Promise((resolve) => left.once("listening", resolve));
    fs.linkSync(join(stage.dir, "left"), stage.path);
    await new Promise((resolve) => left.close(resolve));
    expect(fs.lstatSync(stage.path).isSocket()).toBe(true);
    expect(await connect(stage.path, { ports: stage.ports })).toBeNull();
    await stage.start(() => "new");
    expect(await (await stage.client()).call("x", {})).toBe("new");
  });

  it("does not take the place of one that answers, or of a file", async () => {
    await stage.start(() => "old");
    const second = serve({ path: stage.path, version: "2", tree: "/", handler: () => "new", ports: stage.ports });
    await expect(second).rejects.toMatchObject({ code: "DAEMON_RUNNING" });
    expect(await (await stage.client()).call("x", {})).toBe("old");
    const file = join(stage.dir, "run/file");
    fs.writeFileSync(file, "mine");
    const third = serve({ path: file, version: "2", tree: "/", handler: () => "new", ports: stage.ports });
    await expect(third).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(fs.readFileSync(file, "utf8")).toBe("mine");
  });

  it("leaves no socket behind when it stops", async () => {
    const server = await stage.start(() => null);
    await stage.client();
    await server.close();
    expect(fs.existsSync(stage.path)).toBe(false);
  });

  it("says every second that it is at work, and nothing while it is not", async () => {
    const clock = new FakeClock();
    const server = await stage.start(({ call }) => (call === "long" ? new Promise(() => undefined) : "fine"), {
      clock,
    });
    const { socket, lines } = await stage.stranger();
    await clock.advance(LIMITS.heartbeatMs);
    socket.write('{"id":1,"call":"long"}\n{"id":2,"call":"short"}\n');
    expect(await lines(1)).toEqual(['{"id":2,"ok":true,"result":"fine"}']);
    await clock.advance(2 * LIMITS.heartbeatMs);
    expect((await lines(3)).slice(1)).toEqual(['{"beat":true}', '{"beat":true}']);
    socket.destroy();
    const closing = server.close();
    await clock.advance(LIMITS.commandKillGraceMs);
    await closing;
  });

  it("answers nonsense with an error, and goes on", async () => {
    await stage.start(() => "fine");
    const { socket, lines } = await stage.stranger();
    socket.write('GET / HTTP/1.1\n\n{"id":1}\n{"id":7,"call":"x"}\n');
    const answers = (await lines(3)).map((line) => JSON.parse(line));
    expect(answers[0]).toMatchObject({ id: null, ok: false, error: { code: "PROTOCOL" } });
    expect(answers[1]).toMatchObject({ id: null, ok: false, error: { code: "PROTOCOL" } });
    expect(answers[2]).toEqual({ id: 7, ok: true, result: "fine" });
    socket.destroy();
  });

  it("closes on a frame without an end", async () => {
    await stage.start(() => "fine");
    const { socket, lines, closed } = await stage.stranger();
    socket.on("error", () => {});
    for (let index = 0; index < 18; index += 1) socket.write(Buffer.alloc(1024 * 1024, "x"));
    expect(JSON.parse((await lines(1))[0]!)).toMatchObject({ id: null, error: { code: "PROTOCOL" } });
    await closed;
    expect(await (await stage.client()).call("x", {})).toBe("fine");
  });

  it("drops a client that asks and never reads", async () => {
    let sent = 0;
    let dropped = () => {};
    const done = new Promise<void>((resolve) => (dropped = resolve));
    await stage.start(async (_request, { emit, signal }) => {
      signal.addEventListener("abort", dropped);
      for (; !signal.aborted && sent < 500; sent += 1) {
        emit("x".repeat(1024 * 1024));
        await stage.ports.clock.breathe();
      }
    });
    const socket = net.createConnection(stage.path);
    socket.on("error", () => {});
    socket.pause();
    socket.write('{"id":1,"call":"flood"}\n');
    await done;
    expect(sent).toBeLessThan(2 + LIMITS.socketUnsentBytesMax / (1024 * 1024) + 8);
    expect(stage.logged).toEqual([expect.stringContaining("does not read")]);
    socket.destroy();
  });

  it("takes no more connections than it can serve, and says so", async () => {
    await stage.start(() => "fine");
    const sockets: net.Socket[] = [];
    for (let index = 0; index < LIMITS.connectionsMax; index += 1) sockets.push((await stage.stranger()).socket);
    await expect(connect(stage.path, { ports: stage.ports })).rejects.toMatchObject({ code: "LOCK_BUSY" });
    for (const socket of sockets) socket.destroy();
  });
});
