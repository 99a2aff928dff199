/** One connection to the daemon: its requests, what runs for them, and what is sent back. */

import { type Clock, type Connection, HoldfastError, LIMITS, type Log } from "../base/index.ts";
import {
  encodeFrame,
  LineReader,
  parseClientFrame,
  type RequestFrame,
  type ServerFrame,
  type WireError,
} from "./frames.ts";

/** The answer to `hello`, which every client calls first. */
export interface Hello {
  v: number;
  pid: number;
  version: string;
  /** The tree's root. */
  tree: string;
  /** ISO time. */
  startedAt: string;
}

/** Does what `request.call` names. What it throws reaches the client: a `HoldfastError` as it is, anything else as `DEFECT`. */
export type Handler = (
  request: { call: string; input: unknown },
  context: RequestContext,
) => Promise<unknown> | unknown;

export interface RequestContext {
  /** Streams one event to the client, before the result. */
  emit(event: unknown): void;
  /** Aborts when the client cancels or is gone, and when the daemon stops. */
  readonly signal: AbortSignal;
}

export class Session {
  readonly #connection: Connection;
  readonly #hello: Hello;
  readonly #handler: Handler;
  readonly #log: Log;
  readonly #lines = new LineReader();
  readonly #running = new Map<number, { abort: AbortController; ended: Promise<void> }>();
  #closed = false;

  constructor(options: { connection: Connection; hello: Hello; handler: Handler; log: Log }) {
    this.#connection = options.connection;
    this.#hello = options.hello;
    this.#handler = options.handler;
    this.#log = options.log;
    this.#connection.onData((bytes) => this.#receive(bytes));
    this.#connection.onClose(() => this.#onClose());
  }

  /** Tells a client that waits for something that the daemon is alive. */
  beat(): void {
    if (this.#running.size > 0) this.#send({ beat: true });
  }

  /** Aborts what runs, gives it a grace to answer, and closes. */
  async end(clock: Clock): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    const graceOver = new AbortController();
    await Promise.race([
      Promise.all(running.map(({ ended }) => ended)),
      clock.sleep(LIMITS.commandKillGraceMs, graceOver.signal),
    ]);
    graceOver.abort();
    this.#connection.end();
    // A client that never reads must not keep the daemon from stopping.
    if (this.#connection.unsentBytes > 0) await clock.sleep(LIMITS.socketFlushMs);
    this.#connection.destroy();
  }

  #receive(bytes: Buffer): void {
    let lines: string[];
    try {
      lines = this.#lines.push(bytes);
    } catch (error) {
      this.#fail(null, error);
      this.#closed = true;
      this.#connection.end();
      return;
    }
    for (const line of lines) if (!this.#closed && line !== "") this.#take(line);
  }

  #take(line: string): void {
    let frame: ReturnType<typeof parseClientFrame>;
    try {
      frame = parseClientFrame(line);
    } catch (error) {
      this.#fail(null, error);
      return;
    }
    if ("cancel" in frame) this.#running.get(frame.id)?.abort.abort();
    else if (frame.call === "hello") this.#send({ id: frame.id, ok: true, result: this.#hello });
    else this.#start(frame);
  }

  #start(frame: RequestFrame): void {
    const { id } = frame;
    if (this.#running.has(id)) {
      this.#fail(id, new HoldfastError("PROTOCOL", `Request ${id} runs already`));
      return;
    }
    if (this.#running.size >= LIMITS.requestsPerConnectionMax) {
      this.#fail(id, new HoldfastError("LOCK_BUSY", `${this.#running.size} requests run on this connection already`));
      return;
    }
    const abort = new AbortController();
    const ended = this.#answer(frame, abort.signal).finally(() => this.#running.delete(id));
    this.#running.set(id, { abort, ended });
  }

  async #answer(frame: RequestFrame, signal: AbortSignal): Promise<void> {
    const { id, call, input } = frame;
    // The next turn at the earliest, so that a request is registered before it can end.
    await null;
    try {
      if (signal.aborted) throw new HoldfastError("CALL_TIMEOUT", "The request was given up before it began");
      const emit = (event: unknown) => this.#send({ id, event });
      const result = await this.#handler({ call, input }, { emit, signal });
      this.#send({ id, ok: true, result: result ?? null });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #fail(id: number | null, error: unknown): void {
    if (!(error instanceof HoldfastError)) this.#log.error("a request failed unexpectedly", error, { id });
    try {
      this.#send({ id, ok: false, error: toWire(error) });
    } catch (tooLarge) {
      this.#send({ id, ok: false, error: toWire(tooLarge) });
    }
  }

  #send(frame: ServerFrame): void {
    if (this.#closed) return;
    this.#connection.write(encodeFrame(frame));
    if (this.#connection.unsentBytes <= LIMITS.socketUnsentBytesMax) return;
    this.#log.warn("a client does not read what it asked for; its connection is closed");
    this.#connection.destroy();
    this.#onClose();
  }

  #onClose(): void {
    this.#closed = true;
    for (const { abort } of this.#running.values()) abort.abort();
  }
}

function toWire(error: unknown): WireError {
  if (error instanceof HoldfastError) return error.toJSON();
  return new HoldfastError("DEFECT", error instanceof Error ? error.message : String(error)).toJSON();
}
