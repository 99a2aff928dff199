import type * as net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fakes/index.ts";
import { HoldfastError, LIMITS } from "../base/index.ts";
import { connect } from "./index.ts";
import { newStage, type Stage } from "./protocol-fixture.ts";

let stage: Stage;
beforeEach(() => {
  stage = newStage();
});
afterEach(() => stage.end());

describe("a call", () => {
  it("brings events in order, then the result", async () => {
    await stage.start(async ({ call, input }, { emit }) => {
      for (let index = 0; index < 3; index += 1) emit({ index });
      return { call, input };
    });
    const events: unknown[] = [];
    const result = await (await stage.client()).call("echo", { a: 1 }, { onEvent: (event) => events.push(event) });
    expect(result).toEqual({ call: "echo", input: { a: 1 } });
    expect(events).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }]);
  });

  it("brings the error that was thrown; an unexpected one as DEFECT, and into the log", async () => {
    await stage.start(({ call }) => {
      if (call === "refuse") throw new HoldfastError("WO_UNKNOWN", "no WO-1", { hint: "look", data: { id: 1 } });
      throw new TypeError("undefined is not a function");
    });
    const { call } = await stage.client().then((connected) => ({ call: connected.call.bind(connected) }));
    await expect(call("refuse", {})).rejects.toMatchObject({
      code: "WO_UNKNOWN",
      message: "no WO-1",
      hint: "look",
      data: { id: 1 },
    });
    await expect(call("crash", {})).rejects.toMatchObject({ code: "DEFECT", message: "undefined is not a function" });
    expect(stage.logged).toEqual([expect.any(TypeError)]);
  });

  it("is one of many at once, each with its own answer", async () => {
    await stage.start(async ({ input }) => {
      await stage.ports.clock.breathe();
      return input;
    });
    const connected = await stage.client();
    const numbers = Array.from({ length: LIMITS.requestsPerConnectionMax }, (_, index) => index);
    expect(await Promise.all(numbers.map((number) => connected.call("echo", number)))).toEqual(numbers);
  });

  it("fails when the answer is too large or no JSON, and the connection lives on", async () => {
    await stage.start(({ call }) =>
      call === "large" ? "x".repeat(LIMITS.frameSizeBytesMax) : call === "strange" ? 1n : "fine",
    );
    const connected = await stage.client();
    await expect(connected.call("large", {})).rejects.toMatchObject({ code: "PROTOCOL" });
    await expect(connected.call("strange", {})).rejects.toMatchObject({ code: "DEFECT" });
    expect(await connected.call("small", {})).toBe("fine");
  });

  it("tells the daemon when it is given up: by a signal, a timeout, or the end of the client", async () => {
    const aborted: string[] = [];
    let allAborted = () => {};
    const done = new Promise<void>((resolve) => (allAborted = resolve));
    await stage.start(
      ({ call }, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted.push(call);
            if (aborted.length === 3) allAborted();
            resolve(null);
          });
        }),
    );
    const connected = await stage.client();
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
    await stage.start(() => (begun += 1));
    const connected = await stage.client();
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
    const server = await stage.start(() => new Promise(() => undefined), { clock });
    const connected = await stage.client();
    const call = connected.call("never", {});
    await connected.call("hello", {});
    const closed = server.close();
    await clock.advance(LIMITS.commandKillGraceMs);
    await expect(call).rejects.toMatchObject({ code: "DAEMON_GONE" });
    await closed;
    await expect(connected.call("again", {})).rejects.toMatchObject({ code: "DAEMON_GONE" });
  });
});

describe("a wedged daemon", () => {
  it("is named when it does not greet", async () => {
    const taken: net.Socket[] = [];
    const listener = await stage.impostor((socket) => taken.push(socket));
    await expect(connect(stage.path, { ports: stage.ports, timeoutMs: 50, holderPid: 4123 })).rejects.toMatchObject({
      code: "DAEMON_WEDGED",
      message: "The daemon (process 4123) holds the tree but does not answer",
      data: { pid: 4123 },
    });
    for (const socket of taken) socket.destroy();
    listener.close();
  });

  it("is noticed when it falls silent in the middle, and not while it beats", async () => {
    const serverClock = new FakeClock();
    const server = await stage.start(() => new Promise(() => undefined), { clock: serverClock });
    const clock = new FakeClock();
    const connected = await stage.client({ clock });
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
    const closing = server.close();
    await serverClock.advance(LIMITS.commandKillGraceMs);
    await closing;
  });

  it("of another protocol is told apart", async () => {
    const listener = await stage.impostor((socket) => {
      socket.once("data", () => socket.end('{"id":1,"ok":true,"result":{"v":2,"pid":9,"version":"9"}}\n'));
    });
    await expect(connect(stage.path, { ports: stage.ports })).rejects.toMatchObject({
      code: "PROTOCOL",
      data: { pid: 9, version: "9" },
    });
    listener.close();
  });
});
