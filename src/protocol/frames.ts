/**
 * What crosses the socket: JSON values, one a line. Both sides check by hand what they get, because this is hot and small.
 *
 * A client sends requests and cancellations; the server answers with any number of events and one end for each request, and with a
 * beat every second while it works on one, so that silence means trouble.
 */

import { ERROR_CODES, type ErrorCode, HoldfastError, LIMITS } from "../base/index.ts";

export const PROTOCOL_VERSION = 1;

export interface RequestFrame {
  readonly id: number;
  readonly call: string;
  readonly input: unknown;
}
export interface CancelFrame {
  readonly id: number;
  readonly cancel: true;
}
export type ClientFrame = RequestFrame | CancelFrame;

export type ServerFrame =
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  /** `id: null`: about the connection, or about something that could not be read as a request. */
  | { readonly id: number | null; readonly ok: false; readonly error: WireError }
  | { readonly beat: true };

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly data: Record<string, unknown>;
}

/** The line for a frame. Throws `PROTOCOL` when it is longer than the other side takes. */
export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  const line = `${JSON.stringify(frame)}\n`;
  // UTF-16 units: at most a third of the bytes, so the exact length is rarely needed.
  if (line.length * 3 > LIMITS.frameSizeBytesMax && Buffer.byteLength(line) > LIMITS.frameSizeBytesMax) {
    throw new HoldfastError("PROTOCOL", `A message is larger than ${LIMITS.frameSizeBytesMax} bytes`, {
      hint: "ask for less at once",
      data: { sizeBytes: Buffer.byteLength(line) },
    });
  }
  return line;
}

/** Cuts a stream of bytes into lines. */
export class LineReader {
  #pieces: Buffer[] = [];
  #sizeBytes = 0;

  /** The lines that `bytes` completes. Throws `PROTOCOL` as soon as a line is too long, whether it ends or not. */
  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  #keep(piece: Buffer): void {
    this.#sizeBytes += piece.length;
    if (this.#sizeBytes > LIMITS.frameSizeBytesMax) {
      throw new HoldfastError("PROTOCOL", `A message is larger than ${LIMITS.frameSizeBytesMax} bytes`);
    }
    this.#pieces.push(piece);
  }

  #take(): string {
    const line = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#sizeBytes = 0;
    return line.toString("utf8");
  }
}

/** Throws `PROTOCOL` with what is wrong. */
export function parseClientFrame(line: string): ClientFrame {
  const frame = parseObject(line);
  if (!Number.isSafeInteger(frame["id"])) throw malformed("a request needs a whole number as its id");
  const id = frame["id"] as number;
  if (frame["cancel"] === true) return { id, cancel: true };
  if (typeof frame["call"] !== "string") throw malformed("a request needs the name of what it calls");
  return { id, call: frame["call"], input: frame["input"] ?? null };
}

/** Throws `PROTOCOL` with what is wrong. */
export function parseServerFrame(line: string): ServerFrame {
  const frame = parseObject(line);
  if (frame["beat"] === true) return { beat: true };
  const id = frame["id"];
  if (frame["ok"] === false && (id === null || Number.isSafeInteger(id))) {
    return { id: id as number | null, ok: false, error: parseError(frame["error"]) };
  }
  if (!Number.isSafeInteger(id)) throw malformed("an answer needs the id of its request");
  if (frame["ok"] === true) return { id: id as number, ok: true, result: frame["result"] };
  if ("event" in frame) return { id: id as number, event: frame["event"] };
  throw malformed("an answer is an event, a result or an error");
}

/** A code that this version does not know becomes `PROTOCOL`, with the message kept. */
export function errorFromWire(error: WireError): HoldfastError {
  const { code, message, hint, data } = error;
  if (Object.hasOwn(ERROR_CODES, code)) return new HoldfastError(code as ErrorCode, message, { hint, data });
  return new HoldfastError("PROTOCOL", message, { hint, data: { ...data, code } });
}

function parseError(value: unknown): WireError {
  if (!isObject(value) || typeof value["code"] !== "string" || typeof value["message"] !== "string") {
    throw malformed("an error needs a code and a message");
  }
  const hint = typeof value["hint"] === "string" ? value["hint"] : "";
  return { code: value["code"], message: value["message"], hint, data: isObject(value["data"]) ? value["data"] : {} };
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw malformed("a message is not JSON", error);
  }
  if (!isObject(value)) throw malformed("a message is no object");
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError("PROTOCOL", `Not understood: ${what}`, { cause });
}
