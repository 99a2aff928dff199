/** One request to somebody else's web server: answered or over in time, nothing followed, nothing of the answer kept. */

import type { ClientRequest, IncomingMessage } from "node:http";
import type { HttpRequest, HttpSent } from "../base/index.ts";
import { systemError } from "./system-error.ts";

/** Loaded when something is sent: no verb but alerts does. */
export async function send({ url, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpSent> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const asked: ClientRequest = request(
      url,
      // A connection of its own: nobody waits for the next one.
      { method: "POST", headers: { ...headers, ...length }, agent: false, signal: over },
      (answer: IncomingMessage) => {
        answer.resume();
        const seconds = Number(answer.headers["retry-after"]);
        resolve({
          status: answer.statusCode ?? 0,
          retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null,
        });
        answer.on("error", () => undefined);
        answer.on("end", () => asked.destroy());
      },
    );
    asked.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.name === "AbortError" || error.code === "ABORT_ERR" ? systemError("ETIMEDOUT", "send") : error),
    );
    asked.end(body);
  });
}
