/**
 * The web side of a daemon: the page's files, `/api/<verb>` for every verb, `/api/events`, `/metrics`, `/healthz`.
 *
 * Decides nothing: a request is read as a verb and its input, and performed as the socket's would be. Everything but the page's own
 * files, the one-time link and `/healthz` needs the token.
 */

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HoldfastError, LIMITS, type Ports } from "../../base/index.ts";
import type { House } from "../../operations/index.ts";
import { renderError } from "../render-error.ts";
import { type Access, openAccess } from "./access.ts";
import { type EventStreams, openEventStreams } from "./events.ts";
import { metricsText } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { openPageFiles, type PageFiles } from "./page-files.ts";
import { inputFromBody, inputFromQuery, methodOf, operationAt, placedAt } from "./verb-request.ts";

export interface PageOptions {
  readonly house: House;
  /** Performs a verb as the daemon does for its socket. */
  perform(name: string, raw: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
  /** `0`: any that is free. */
  readonly port: number;
  readonly version: string;
  /** Where the page's files lie. */
  readonly files: string;
  readonly ports: Ports;
}

export interface PageServer {
  /** `http://127.0.0.1:4410`. */
  readonly url: string;
  /** An address that opens the page once and makes this browser known. */
  link(): string;
  close(): Promise<void>;
}

/** Throws `EADDRINUSE` where somebody listens on that port already. */
export async function servePage(options: PageOptions): Promise<PageServer> {
  const { house, ports, port, files } = options;
  let ownPort = port;
  const access = openAccess(house.tree.state.dir, ports, () => ownPort);
  const streams = openEventStreams(house, ports);
  const app = routes({ ...options, access, streams, files: openPageFiles(files, ports) });
  const listener = await ports.http.listen({ port, answer: (request) => app.fetch(request) });
  ownPort = listener.port;
  const url = `http://127.0.0.1:${ownPort}`;
  return {
    url,
    link: () => `${url}/open?code=${access.mintCode()}`,
    async close() {
      streams.close();
      await listener.close();
    },
  };
}

interface Parts extends Omit<PageOptions, "files"> {
  readonly access: Access;
  readonly streams: EventStreams;
  readonly files: PageFiles;
}

/** Nothing inline, nothing from elsewhere, in nobody's frame. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

function routes({ access, streams, files, perform, house, version, ports }: Parts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    access.proveOrigin(context.req.raw);
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });
  app.onError((error, context) => {
    const { httpStatus, code, message, hint, data, isDefect } = renderError(error);
    if (isDefect) ports.log.error("a web request failed", error, { path: context.req.path });
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const status = code === "PAGE_TOKEN" ? 401 : code === "PAGE_CONFIRMATION" ? 428 : httpStatus;
    return context.json({ error: { code, message, hint, data } }, status as 500);
  });

  app.get("/healthz", (context) => context.json({ ok: true, version }));
  app.get("/open", (context) => {
    const cookie = access.redeem(context.req.query("code") ?? "");
    if (cookie === null) throw new HoldfastError("PAGE_TOKEN", "this link was used already, or is too old");
    context.header("set-cookie", cookie);
    return context.redirect("/", 303);
  });
  app.use("/api/*", async (context, next) => {
    access.proveToken(context.req.raw);
    context.header("cache-control", "no-store");
    await next();
  });
  app.get("/metrics", async (context) => {
    access.proveToken(context.req.raw);
    const { type, text } = await metricsText({ house, version, perform });
    return context.body(text, 200, { "content-type": type });
  });
  app.get("/api/openapi.json", async (context) => context.json(await openApi(version)));
  app.get("/api/events", (context) => streams.open(context));
  app.use("/api/*", bodyLimit({ maxSize: LIMITS.httpBodyBytesMax, onError: tooLarge }));
  app.all("/api/*", async (context) => {
    const operation = await operationAt(context.req.path);
    const method = methodOf(operation);
    if (context.req.method !== method) {
      context.header("allow", method);
      return context.json(
        { error: { code: "USAGE", message: `${context.req.path} takes ${method}`, hint: "", data: {} } },
        405,
      );
    }
    const raw =
      method === "GET"
        ? inputFromQuery(operation, new URL(context.req.url).searchParams)
        : await inputFromBody(operation, context.req.raw);
    const input = placedAt(house.tree.root, { operation, raw });
    return context.json((await perform(operation.name, input, context.req.raw.signal)) as object);
  });
  app.get("*", (context) => files.at(context.req.path) ?? files.index());
  return app;
}

function tooLarge(): never {
  throw new HoldfastError("USAGE", `a body holds at most ${LIMITS.httpBodyBytesMax} bytes`, { hint: "send less" });
}
