/** Alerts of a real daemon to real HTTP servers, programs, and what stands in for a desktop. */

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/base/index.ts";
import { ended, makeTree, type TestTree, until } from "../cli/holdfast.ts";
import { type Received, type Receiver, receiver } from "./receiver.ts";

const SECRET = "hunter2-T0KEN";

interface Sent {
  id: string;
  title: string;
  severity: string;
  records: number;
  incident: string | null;
  events: { event: string }[];
}

interface Shown {
  rules: { when: string; channel: string }[];
  waiting: { id: string; title: string; attempts: number; error: string | null }[];
}

let server: Receiver;
let tree: TestTree;
let called: string;
let shown: string;

function configure(rules: string): ReturnType<TestTree["run"]> {
  const text = tree.read("holdfast.yaml").split("\nalerts:")[0]!;
  tree.write("holdfast.yaml", `${text}\nalerts:\n${rules}\n`);
  return tree.run(["accept", "holdfast.yaml"]);
}

beforeAll(async () => {
  server = await receiver();
  tree = makeTree();
  for (let index = 0; index < 40; index += 1) tree.write(`tools/t${index}.sh`, `echo ${index}\n`);
  expect(tree.run(["protect", "tools"]).code).toBe(0);
  called = join(tree.base, "called.json");
  shown = join(tree.base, "shown.txt");
  writeFileSync(join(tree.base, "slack"), `${server.url(`/slack/${SECRET}`)}\n`, { mode: 0o600 });
  mkdirSync(join(tree.base, "bin"));
  const notify = `#!/bin/sh\nprintf '%s\\n' "$@" > ${shown}.part && mv ${shown}.part ${shown}\n`;
  writeFileSync(join(tree.base, "bin/notify-send"), notify, { mode: 0o755 });
  Object.assign(tree.environment, {
    PATH: `${join(tree.base, "bin")}:${tree.environment["PATH"]}`,
    HOOK_URL: server.url(`/hook/${SECRET}`),
    HOOK_AUTH: `Bearer ${SECRET}`,
    DISCORD_URL: server.url(`/discord/${SECRET}`),
    NTFY_URL: server.url(`/ntfy/${SECRET}`),
  });
});
afterAll(() => {
  tree.end();
  server.close();
});

const alerts = () => tree.run(["alerts", "--json"]).json<Shown>();
const at = (kind: string) => server.at(`/${kind}/${SECRET}`);
const order = (id: string) => tree.run(["submit", "-", "--wait"], { input: `id: ${id}\nfiles: { ${id}: "x" }\n` });
const records = (event: string) =>
  tree
    .run(["ledger", "export"])
    .out.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; data: Record<string, unknown> })
    .filter((record) => record.event === event);

describe("a rule", () => {
  it("is refused where it would never fire, and the nearest event is named", () => {
    const { code, err } = configure("  - { when: incident.open, to: desktop }");
    expect([code, err]).toEqual([5, expect.stringContaining('did you mean "incident.opened"?')]);
    expect(configure("  - { when: alert.failed, to: desktop }").err).toContain("not told by alerts");
  });

  it("names its secrets and never holds them", () => {
    for (const to of [
      '{ webhook: "https://example.org/hook" }',
      '{ slack: "env:A b" }',
      '{ ntfy: "env:A", authorization: "Bearer x" }',
    ]) {
      const { code, err } = configure(`  - { when: incident.opened, to: ${to} }`);
      expect([code, err]).toEqual([5, expect.stringContaining("it is a secret, and named only")]);
    }
  });
});

describe("an incident", () => {
  it("of 40 files is told once on every channel, and no secret is said anywhere", async () => {
    const accepted = configure(`
  - { when: "incident.*", to: { webhook: "env:HOOK_URL", authorization: "env:HOOK_AUTH" } }
  - { when: incident.opened, to: { slack: "file:${join(tree.base, "slack")}" } }
  - { when: incident.opened, to: { discord: "env:DISCORD_URL" } }
  - { when: incident.opened, to: { ntfy: "env:NTFY_URL" } }
  - { when: incident.opened, to: desktop }
  - { when: incident.opened, to: telemetry }
  - { when: incident.opened, to: { command: [sh, -c, 'cat > "$0.part" && mv "$0.part" "$0"', ${called}] } }`);
    expect(accepted.code).toBe(0);
    await tree.up();
    spawnSync("git", ["clean", "-fdxq", "tools"], { cwd: tree.root, env: tree.environment });
    await until(
      "every channel was told",
      () => records("alert.sent").length === 6 && records("alert.raised").length === 1,
    );

    const [hook] = at("hook");
    const sent = sentIn(hook!);
    expect(hook!.headers["authorization"]).toBe(`Bearer ${SECRET}`);
    expect(hook!.headers["idempotency-key"]).toBe(sent.id);
    expect(sent).toMatchObject({ v: 1, severity: "warning", incident: expect.stringMatching(/^INC-/), records: 2 });
    expect(sent.events.map(({ event }) => event)).toEqual(["incident.opened", "incident.resolved"]);
    for (const kind of ["hook", "slack", "discord", "ntfy"]) expect([kind, at(kind).length]).toEqual([kind, 1]);
    expect(JSON.parse(at("slack")[0]!.body).text).toMatch(/^\*Holdfast: INC-\S+ opened: tools deleted and 40 more/);
    expect(JSON.parse(at("discord")[0]!.body)).toMatchObject({
      content: expect.any(String),
      allowed_mentions: { parse: [] },
    });
    expect(at("ntfy")[0]!.headers).toMatchObject({ title: expect.stringContaining("Holdfast: "), priority: "4" });
    expect(JSON.parse(readFileSync(called, "utf8"))).toMatchObject({ incident: sent.incident });
    expect(readFileSync(shown, "utf8")).toContain("Holdfast: ");
    expect(everythingWritten()).not.toContain(SECRET);
  });

  it("is tried out on all channels by alerts test, which says what did not arrive", () => {
    const good = tree.run(["alerts", "test"]);
    expect([good.code, good.out]).toEqual([0, expect.stringMatching(/^(✓ .*\n){7}$/)]);
    server.answer(403);
    const bad = tree.run(["alerts", "test"]);
    server.answer(200);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain("✗ webhook env:HOOK_URL: it answered 403");
    expect(bad.out + bad.err + good.out).not.toContain(SECRET);
    expect(bad.out).not.toContain("hunter2");
    expect(records("alert.tested").length).toBe(2);
  });
});

describe("what cannot be delivered", () => {
  it("waits through a kill in the middle of another try, and arrives after it under the same id", async () => {
    expect(configure('  - { when: wo.accepted, to: { webhook: "env:HOOK_URL" } }').code).toBe(0);
    const before = at("hook").length;
    server.answer(500);
    expect(order("WO-KILLED").code).toBe(0);
    await until("it was refused", () => at("hook").length > before && alerts().waiting[0]?.error === "it answered 500");
    server.answer("hold");
    const refused = at("hook").length;
    await until("it is tried again, and not answered", () => at("hook").length > refused);
    const daemon = tree.children.at(-1)!;
    daemon.kill("SIGKILL");
    await ended(daemon);
    const [waiting] = alerts().waiting;
    expect(waiting!.attempts).toBeGreaterThan(0);
    server.answer(200);
    const tries = at("hook").length;
    await tree.up();
    await until("it arrived", () => records("alert.sent").length === 7);
    const ids = new Set(
      at("hook")
        .slice(before)
        .map((one) => sentIn(one).id),
    );
    expect([...ids]).toEqual([waiting!.id]);
    expect(at("hook").length).toBeGreaterThan(tries);
    expect(alerts().waiting).toEqual([]);
  });

  it("is told as trouble by status", async () => {
    server.answer(500);
    expect(order("WO-TROUBLE").code).toBe(0);
    await until("it is trouble", () => tree.run(["status", "--json"]).out.includes('"ALERT_FAILED"'));
    const { err, out } = tree.run(["status"]);
    expect(out + err).toContain("webhook env:HOOK_URL: it answered 500");
    server.answer(200);
    expect(tree.run(["alerts", "test"]).code).toBe(0);
    await until("it arrived after all", () => alerts().waiting.length === 0);
    expect(tree.run(["status", "--json"]).out).not.toContain("ALERT_FAILED");
  });
});

describe("many at once", () => {
  it("become few messages that tell of every one", async () => {
    const before = at("hook").length;
    const orders = Array.from({ length: 60 }, (_, n) => `id: WO-MANY-${n}\nfiles:\n  many/${n}: "x"\n`);
    tree.write("orders.yaml", orders.join("---\n"));
    expect(tree.run(["submit", "orders.yaml", "--wait"]).code).toBe(0);
    const told = () => at("hook").slice(before).map(sentIn);
    await until("all are told", () => told().reduce((sum, { records: count }) => sum + count, 0) === 60, 100_000);
    // As many as go out in a minute.
    expect(told().length).toBeLessThanOrEqual(LIMITS.alertsPerMinuteMax);
    expect(told().map(({ title }) => title)).toContainEqual(expect.stringMatching(/^Holdfast: \d+ things happened$/));
    await until("nothing waits", () => alerts().waiting.length === 0);
  }, 120_000);
});

const sentIn = ({ body }: Received) => JSON.parse(body) as Sent;

/** Whatever Holdfast wrote into the tree, its state folder, and says when it is asked. */
function everythingWritten(): string {
  const files = [tree.home, tree.root].flatMap((dir) =>
    (readdirSync(dir, { recursive: true }) as string[]).map((name) => join(dir, name)),
  );
  const written = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, "latin1"));
  const said = [
    ["alerts", "--json"],
    ["history", "--json"],
    ["status", "--json"],
  ].map((args) => tree.run(args).out);
  return [...written, ...said].join("\n");
}
