/**
 * A command's side of the socket: finds out quickly whether a daemon is there and alive, and never waits for a dead one.
 *
 * No daemon is an answer (`null`). One that took the connection and says nothing is an error that names it: its lock keeps everybody
 * else from writing.
 */

import { type Connection, HoldfastError, isSystemError, LIMITS, type Ports } from "../base/index.ts";
import {
  encodeFrame,
  errorFromWire,
  LineReader,
  PROTOCOL_VERSION,
  parseServerFrame,
  type ServerFrame,
} from "./frames.ts";
import type { Hello } from "./session.ts";

export interface ConnectOptions {
  ports: Pick<Ports, "clock" | "sockets">;
  /** For connection and greeting together; default `LIMITS.connectTimeoutMs`. */
  timeoutMs?: number;
  /** Who holds the tree's lock, for the message about a daemon that does not answer. */
  holderPid?: number;
}

export interface CallOptions {
  onEvent?: (event: unknown) => void;
  /** For the whole call. Default: none; a daemon that falls silent is noticed all the same. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Client {
  readonly hello: Hello;
  /**
   * Throws what the daemon threw; `DAEMON_WEDGED` when it is silent for `LIMITS.requestTimeoutMs`, `DAEMON_GONE` when it ends,
   * `CALL_TIMEOUT` after `timeoutMs`, the signal's reason when it aborts. The daemon is told of the last two.
   */
  call<Result>(name: string, input: unknown, options?: CallOptions): Promise<Result>;
  close(): void;
}

/** `null`: nobody listens there. Throws `DAEMON_WEDGED`, `PROTOCOL`. */
export async function connect(path: string, options: ConnectOptions): Promise<Client | null> {
  const { clock, sockets } = options.ports;
  const answered = new AbortController();
  const late = clock.sleep(options.timeoutMs ?? LIMITS.connectTimeoutMs, answered.signal).then((): typeof LATE => LATE);
  const opening = openOrNull(path, sockets);
  try {
    const connection = await Promise.race([opening, late]);
    if (connection === null) return null;
    if (connection === LATE) {
      // Whatever still comes of it is of no use to anybody.
      opening.then(
        (tooLate) => tooLate?.destroy(),
        () => undefined,
      );
      throw wedged(options.holderPid);
    }
    const client = new SocketClient(connection, options);
    const hello = await Promise.race([client.call<Hello>("hello", null), late]);
    if (hello !== LATE) return client.greetedBy(hello);
    client.close();
    throw wedged(options.holderPid);
  } finally {
    answered.abort();
  }
}

const LATE = Symbol("late");

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onEvent(event: unknown): void;
}

class SocketClient implements Client {
  hello!: Hello;
  readonly #connection: Connection;
  readonly #clock: Ports["clock"];
  readonly #holderPid: number | undefined;
  readonly #lines = new LineReader();
  readonly #pending = new Map<number, PendingCall>();
  readonly #closed = new AbortController();
  #nextId = 1;
  #silentMs = 0;
  #watching = false;

  constructor(connection: Connection, options: ConnectOptions) {
    this.#connection = connection;
    this.#clock = options.ports.clock;
    this.#holderPid = options.holderPid;
    connection.onData((bytes) => this.#receive(bytes));
    connection.onClose(() => this.#end(new HoldfastError("DAEMON_GONE", "The daemon closed the connection")));
  }

  greetedBy(hello: Hello): this {
    if (hello?.v !== PROTOCOL_VERSION) {
      this.close();
      throw new HoldfastError("PROTOCOL", `The daemon speaks another version of the protocol (${hello?.v})`, {
        data: { pid: hello?.pid, version: hello?.version },
      });
    }
    this.hello = hello;
    return this;
  }

  async call<Result>(name: string, input: unknown, options: CallOptions = {}): Promise<Result> {
    options.signal?.throwIfAborted();
    if (this.#closed.signal.aborted) throw new HoldfastError("DAEMON_GONE", "The connection to the daemon is closed");
    const id = this.#nextId++;
    const line = encodeFrame({ id, call: name, input });
    const answer = new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onEvent: options.onEvent ?? (() => undefined),
      });
    });
    this.#connection.write(line);
    this.#silentMs = 0;
    void this.#watch();
    const giveUp = (error: unknown) => this.#giveUp(id, error);
    const onAbort = () => giveUp(options.signal?.reason);
    options.signal?.addEventListener("abort", onAbort);
    const over = new AbortController();
    if (options.timeoutMs !== undefined) void this.#limit(options.timeoutMs, over.signal, giveUp);
    try {
      return await answer;
    } finally {
      over.abort();
      options.signal?.removeEventListener("abort", onAbort);
    }
  }

  close(): void {
    this.#end(new HoldfastError("DAEMON_GONE", "The connection to the daemon was closed"));
  }

  async #limit(timeoutMs: number, over: AbortSignal, giveUp: (error: unknown) => void): Promise<void> {
    await this.#clock.sleep(timeoutMs, over);
    if (!over.aborted) giveUp(new HoldfastError("CALL_TIMEOUT", `The daemon was not done after ${timeoutMs} ms`));
  }

  #giveUp(id: number, error: unknown): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    this.#connection.write(encodeFrame({ id, cancel: true }));
    call.reject(error);
  }

  /** Counts silence in beats and not by the clock: if this process itself was stopped, the daemon is not to blame. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    while (this.#pending.size > 0 && !this.#closed.signal.aborted) {
      await this.#clock.sleep(LIMITS.heartbeatMs, this.#closed.signal);
      this.#silentMs += LIMITS.heartbeatMs;
      if (this.#pending.size > 0 && this.#silentMs > LIMITS.requestTimeoutMs) {
        this.#end(wedged(this.hello?.pid ?? this.#holderPid));
      }
    }
    this.#watching = false;
  }

  #receive(bytes: Buffer): void {
    this.#silentMs = 0;
    try {
      for (const line of this.#lines.push(bytes)) this.#take(parseServerFrame(line));
    } catch (error) {
      this.#end(error);
    }
  }

  #take(frame: ServerFrame): void {
    if ("beat" in frame) return;
    if ("error" in frame && frame.id === null) {
      this.#end(errorFromWire(frame.error));
      return;
    }
    // An answer to a call that was given up has nobody to go to; 0 is no call.
    const call = this.#pending.get(frame.id ?? 0);
    if ("event" in frame) {
      call?.onEvent(frame.event);
      return;
    }
    this.#pending.delete(frame.id ?? 0);
    if (frame.ok) call?.resolve(frame.result);
    else call?.reject(errorFromWire(frame.error));
  }

  #end(error: unknown): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#connection.destroy();
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
  }
}

async function openOrNull(path: string, sockets: Ports["sockets"]): Promise<Connection | null> {
  try {
    return await sockets.connect(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "ECONNREFUSED")) return null;
    // The queue of connections that nobody takes is full.
    if (isSystemError(error, "EAGAIN")) return new Promise(() => undefined);
    throw error;
  }
}

function wedged(pid: number | undefined): HoldfastError {
  const who = pid === undefined ? "The daemon" : `The daemon (process ${pid})`;
  return new HoldfastError("DAEMON_WEDGED", `${who} holds the tree but does not answer`, {
    ...(pid === undefined ? {} : { hint: `end process ${pid}, then run the command again` }),
    data: { pid: pid ?? null },
  });
}
