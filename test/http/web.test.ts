/** The web side of a real daemon, asked as a stranger, as a browser, and as a program that holds the token. */

import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/base/index.ts";
import { makeTree, type TestTree, until } from "../cli/holdfast.ts";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json<T = { error: { code: string; hint: string } }>(): T;
}

interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

let tree: TestTree;
let port: number;
let token: string;
beforeAll(async () => {
  tree = makeTree();
  tree.write("tools/run.sh", "#!/bin/sh\n", 0o755);
  expect(tree.run(["protect", "tools"]).code).toBe(0);
  await tree.up(["--port", "0"]);
  port = Number(new URL(tree.run(["dashboard", "--json"]).json<{ url: string }>().url).port);
  const [id] = readdirSync(tree.home).filter((name) => statSync(join(tree.home, name)).isDirectory());
  token = readFileSync(join(tree.home, id!, "page-token"), "utf8").trim();
});
afterAll(() => tree.end());

function ask(path: string, { method = "GET", headers = {}, body }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (piece: Buffer) => (text += piece.toString()));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, text, json: () => JSON.parse(text) }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const withToken = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...headers });
const tell = (path: string, input: object, headers: Record<string, string> = {}) =>
  ask(path, {
    method: "POST",
    headers: withToken({ "content-type": "application/json", ...headers }),
    body: JSON.stringify(input),
  });

describe("who may ask", () => {
  it.each(["/api/status", "/api/wo/list", "/api/events", "/metrics", "/api/nothing"])(
    "needs a token for %s",
    async (path) => {
      const without = await ask(path);
      expect([without.status, without.json().error.code]).toEqual([401, "PAGE_TOKEN"]);
      const wrong = await ask(path, { headers: { authorization: `Bearer ${"x".repeat(43)}` } });
      expect(wrong.status).toBe(401);
      expect((await ask(path, { headers: { cookie: `holdfast-${port}=${token}x` } })).status).toBe(401);
    },
  );

  it("tells everybody that it lives, and no more", async () => {
    const { status, json } = await ask("/healthz");
    expect([status, Object.keys(json<object>())]).toEqual([200, ["ok", "version"]]);
  });

  it.each(["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"])(
    "refuses the host %s, token or not",
    async (host) => {
      const refused = await ask("/api/status", { headers: withToken({ host }) });
      expect([refused.status, refused.json().error.code]).toEqual([403, "PAGE_STRANGER"]);
    },
  );

  it("refuses what another site's page asks, with the cookie too", async () => {
    const cookie = `holdfast-${port}=${token}`;
    for (const headers of [
      { cookie, origin: "http://evil.example" },
      { cookie, origin: "null" },
      { cookie, "sec-fetch-site": "cross-site" },
      { cookie, "sec-fetch-site": "same-site" },
    ] as Record<string, string>[]) {
      expect((await ask("/api/status", { headers })).json().error.code).toBe("PAGE_STRANGER");
      const post = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: "{}" };
      expect((await ask("/api/check", post)).json().error.code).toBe("PAGE_STRANGER");
    }
    // A form of an old browser: no origin at all, and a type that needs no permission.
    const form = { method: "POST", headers: { cookie, "content-type": "text/plain" }, body: "{}" };
    expect((await ask("/api/check", form)).json().error.code).toBe("PAGE_STRANGER");
  });

  it("lets a browser in once by a link, with a cookie that no script and no other site gets", async () => {
    const link = new URL(tree.run(["dashboard"]).out.trim());
    const opened = await ask(`${link.pathname}${link.search}`);
    expect([opened.status, opened.headers.location]).toEqual([303, "/"]);
    const cookie = opened.headers["set-cookie"]![0]!;
    expect(cookie).toContain("HttpOnly; SameSite=Strict");
    const known = { cookie: cookie.split(";")[0]!, origin: `http://127.0.0.1:${port}` };
    expect((await ask("/api/status", { headers: known })).status).toBe(200);
    expect((await ask(`${link.pathname}${link.search}`)).status).toBe(401);
    expect((await ask("/open?code=guess")).status).toBe(401);
  });

  it("forbids everything inline and from elsewhere", async () => {
    for (const path of ["/", "/incidents/INC-1", "/api/status", "/api/nothing"]) {
      const { headers } = await ask(path, { headers: withToken() });
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
  });
});

describe("what is asked", () => {
  it("is answered as the command line answers it", async () => {
    const web = (await ask("/api/components", { headers: withToken() })).json<object>();
    expect(web).toEqual(tree.run(["components", "--json"]).json());
    const list = (await ask("/api/wo/list?status=done", { headers: withToken() })).json<{ orders: unknown[] }>();
    expect(Array.isArray(list.orders)).toBe(true);
  });

  it("is told from what is done: reading by GET, the rest by POST", async () => {
    const told = await tell("/api/status", {});
    expect([told.status, told.headers.allow]).toEqual([405, "GET"]);
    expect((await ask("/api/check", { headers: withToken() })).status).toBe(405);
    expect((await tell("/api/check", {})).json<{ ok: boolean }>().ok).toBe(true);
  });

  it("is refused where only the command line has it, or nobody", async () => {
    for (const path of ["/api/up", "/api/init", "/api/hooks/install", "/api/%2e%2e%2fstatus", "/api/constructor"])
      expect([path, (await ask(path, { headers: withToken() })).status]).toEqual([path, 404]);
  });

  it("is on record as the person's whose page it is", async () => {
    rmSync(join(tree.root, "tools/run.sh"));
    await until("it is back", () => tree.names().includes("tools/run.sh"));
    expect((await tell("/api/snapshot", { note: "from the page" })).status).toBe(200);
    const { records } = tree
      .run(["history", "--json"])
      .json<{ records: { event: string; actor: { kind: string } }[] }>();
    expect(records.find(({ event }) => event === "snapshot.taken")!.actor.kind).toBe("human");
  });

  it("has to be confirmed by its name where it cannot be taken back", async () => {
    const refused = await tell("/api/vault/prune", {});
    expect([refused.status, refused.json().error.code]).toEqual([428, "PAGE_CONFIRMATION"]);
    expect((await tell("/api/vault/prune", { confirm: "yes" })).status).toBe(428);
    expect((await tell("/api/vault/prune", { confirm: "vault prune" })).status).toBe(200);
    expect((await tell("/api/uninstall", {})).status).toBe(428);
  });

  it("never leaves the tree, whatever parameter names a path", async () => {
    for (const path of ["../../../../etc/passwd", "/etc/passwd", "..%2f..%2fetc", "a\u0000b", ".git/config"]) {
      const history = await ask(`/api/history?subject=${encodeURIComponent(path)}`, { headers: withToken() });
      expect(history.text).not.toContain("root:");
      const restored = await tell("/api/restore", { paths: [path] });
      expect(restored.status).toBeGreaterThanOrEqual(400);
      expect((await tell("/api/protect", { paths: [path] })).status).toBeGreaterThanOrEqual(400);
      const file = await ask(`/assets/${encodeURIComponent(path)}`);
      expect(file.text).not.toContain("root:");
    }
    expect((await ask("/../../../../../../etc/passwd")).text).not.toContain("root:");
  });

  it("is named when it is nonsense: no JSON, no object, another type, a long query, an unknown key", async () => {
    const headers = withToken({ "content-type": "application/json" });
    for (const body of ["{", "[]", "null", '"text"'])
      expect((await ask("/api/check", { method: "POST", headers, body })).json().error.code).toBe("USAGE");
    const typed = { method: "POST", headers: withToken({ "content-type": "text/html" }), body: "{}" };
    expect((await ask("/api/check", typed)).json().error.code).toBe("USAGE");
    expect((await ask(`/api/history?subject=${"x".repeat(9_000)}`, { headers: withToken() })).status).toBe(400);
    expect((await ask("/api/wo/list?nonsense=1", { headers: withToken() })).json().error.code).toBe("USAGE");
  });
});

describe("what is too much", () => {
  it("is a body of 10 MB", async () => {
    const body = JSON.stringify({ note: "x".repeat(10 * 1024 * 1024) });
    const headers = withToken({ "content-type": "application/json", "content-length": String(body.length) });
    const refused = await ask("/api/snapshot", { method: "POST", headers, body }).catch((error: Error) => error);
    // Refused before it was read: the answer, or a connection that is closed while it is still being sent.
    if (!(refused instanceof Error)) expect(refused.status).toBe(400);
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("is more event streams than are served: all others go on", async () => {
    const open = Array.from({ length: LIMITS.eventStreamsMax }, () => stream("/api/events"));
    await Promise.all(open.map(({ said }) => said("event: hello")));
    const refused = await ask("/api/events", { headers: withToken() });
    expect([refused.status, refused.json().error.code]).toEqual([503, "PAGE_TOO_MANY"]);
    expect((await ask("/api/status", { headers: withToken() })).status).toBe(200);
    for (const { end } of open) end();
    await expect.poll(async () => roomForOne(), { timeout: 20_000 }).toBe(true);
  });

  it("is a connection that never finishes its question, and ten thousand that only connect", async () => {
    const slow = connect(port, "127.0.0.1");
    slow.write("GET /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-");
    const many = Array.from({ length: 10_000 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    await expect
      .poll(async () => (await ask("/healthz").catch(() => null))?.status, { timeout: 30_000 })
      .toBeUndefined();
    for (const one of many) one.destroy();
    await expect.poll(async () => (await ask("/healthz").catch(() => null))?.status, { timeout: 30_000 }).toBe(200);
    await new Promise((closed) => slow.on("close", closed).resume());
  }, 60_000);
});

it("serves the OpenAPI document of docs/, and every verb in it by its own method", async () => {
  const served = (await ask("/api/openapi.json", { headers: withToken() })).json<{ paths: Record<string, object> }>();
  const kept = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8"));
  expect(served.paths).toEqual(kept.paths);
  for (const [path, methods] of Object.entries(served.paths).filter(([name]) => !/events|healthz|metrics/.test(name))) {
    const isRead = "get" in methods;
    const { status } = isRead ? await tell(path, {}) : await ask(path, { headers: withToken() });
    expect([path, status]).toEqual([path, 405]);
  }
});

describe("the event stream", () => {
  it("tells what happens, and after a gap what was missed", async () => {
    const first = stream("/api/events");
    await first.said("event: hello");
    await tell("/api/snapshot", { note: "seen as it happens" });
    await first.said("seen as it happens");
    const lastId = Number(/id: (\d+)/g.exec(first.text())![1]);
    first.end();
    await tell("/api/snapshot", { note: "while nobody listened" });
    const second = stream("/api/events", { "last-event-id": String(lastId) });
    await second.said("while nobody listened");
    expect(second.text()).not.toContain(`id: ${lastId}\n`);
    second.end();
  });
});

it("speaks Prometheus: every name has help and type, counters end in _total, units are base units", async () => {
  const { text, headers } = await ask("/metrics", { headers: withToken() });
  expect(headers["content-type"]).toContain("text/plain");
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
  for (const [, name] of text.matchAll(/^([a-z_]+)(?:\{[^}]*\})? -?[\d.e+-]+$/gm)) {
    expect(helped).toContain(name);
    expect(name!.endsWith("_total")).toBe(types.get(name!) === "counter");
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|percent)(_|$)/);
  }
  expect(types.size).toBeGreaterThan(10);
  expect(text).toMatch(/^holdfast_components\{state="healthy"\} 1$/m);
});

function stream(path: string, headers: Record<string, string> = {}) {
  let text = "";
  const waiting: { what: string; heard: () => void }[] = [];
  const asked = request({ host: "127.0.0.1", port, path, headers: withToken(headers), agent: false }, (response) => {
    response.on("data", (piece: Buffer) => {
      text += piece.toString();
      for (const { what, heard } of waiting) if (text.includes(what)) heard();
    });
    response.on("error", () => undefined);
  });
  asked.on("error", () => undefined);
  asked.end();
  return {
    text: () => text,
    said: (what: string) =>
      new Promise<void>((heard) => {
        if (text.includes(what)) heard();
        else waiting.push({ what, heard });
      }),
    end: () => asked.destroy(),
  };
}

async function roomForOne(): Promise<boolean> {
  const one = stream("/api/events");
  const isOpen = await Promise.race([
    one.said("event: hello").then(() => true),
    one.said("PAGE_TOO_MANY").then(() => false),
  ]);
  one.end();
  return isOpen;
}
