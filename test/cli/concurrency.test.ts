/** Many at once: orders from eight processes, two daemons, a daemon that hangs. */

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ended, HOLDFAST, makeTree, type TestTree, until } from "./holdfast.ts";
import { submit } from "./order-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: ["--orders"] });
});
afterEach(() => tree.end());

const ORDERS = 150;
const DUPLICATES = 50;
const PROCESSES = 8;
const ORDERS_PER_FILE = 10;

/** Each order appends its number: whoever is applied twice is seen. Some in a file, so that the test's time is not Node's start. */
function writeOrders(): string[] {
  const folder = join(tree.base, "orders");
  mkdirSync(folder);
  const orders = Array.from({ length: ORDERS }, (_, n) =>
    JSON.stringify({ id: `WO-${n}`, operations: [{ op: "append", path: `log/${n % 5}`, content: `${n}\n` }] }),
  );
  const all = [...orders, ...orders.slice(0, DUPLICATES)];
  return Array.from({ length: all.length / ORDERS_PER_FILE }, (_, n) => {
    const file = join(folder, `${n}.yaml`);
    const documents = all.slice(n * ORDERS_PER_FILE, (n + 1) * ORDERS_PER_FILE);
    writeFileSync(file, documents.map((document) => `---\n${document}\n`).join(""));
    return file;
  });
}

/** Each process submits its share one after the other, as a script does: interleaved, so that twins are under way at once. */
async function submitAll(files: readonly string[]): Promise<string[]> {
  const shares = Array.from({ length: PROCESSES }, (_, n) => files.filter((_file, index) => index % PROCESSES === n));
  const outcomes = shares.map(async (share) => {
    const script = `for file in "$@"; do ${HOLDFAST} submit "$file" >/dev/null || echo "$file: $?"; done`;
    const child = spawn("sh", ["-c", script, "sh", ...share], {
      cwd: tree.root,
      env: tree.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    await ended(child);
    return said;
  });
  return Promise.all(outcomes);
}

function expectEachOnce(): void {
  const { orders } = tree
    .run(["wo", "list", "--limit", "1000", "--json"])
    .json<{ orders: { id: string; stage: string; attempts: number }[] }>();
  expect(orders.filter(({ stage, attempts }) => stage !== "accepted" || attempts !== 1)).toEqual([]);
  expect(orders).toHaveLength(ORDERS);
  for (let file = 0; file < 5; file += 1) {
    const lines = tree
      .read(`log/${file}`)
      .trim()
      .split("\n")
      .map(Number)
      .sort((a, b) => a - b);
    expect(lines).toEqual(Array.from({ length: ORDERS }, (_, n) => n).filter((n) => n % 5 === file));
  }
  expect(tree.run(["ledger", "verify", "--json"]).json()).toMatchObject({ ok: true });
  expect(tree.run(["vault", "verify", "--json"]).json()).toMatchObject({ ok: true, missing: [] });
}

it("applies two hundred orders of eight processes, a quarter of them twins, each once: through the daemon", {
  timeout: 120_000,
}, async () => {
  await tree.up();
  expect(await submitAll(writeOrders())).toEqual(Array(PROCESSES).fill(""));
  await until(
    "all are accepted",
    () => tree.run(["status", "--json"]).json<{ orders: { done: number } }>().orders.done === ORDERS,
    60_000,
  );
  expectEachOnce();
});

it("and with no daemon, each process taking its turn", { timeout: 120_000 }, async () => {
  expect(await submitAll(writeOrders())).toEqual(Array(PROCESSES).fill(""));
  expect(tree.run(["up", "--once"]).code).toBe(0);
  expectEachOnce();
});

it("refuses a second `up`, naming the first", async () => {
  const first = await tree.up();
  const second = tree.run(["up", "--json"]);
  expect(second.code).toBe(6);
  expect(second.json<{ error: { code: string } }>().error.code).toMatch(/^(DAEMON_RUNNING|LOCK_BUSY)$/);
  expect(second.err).toContain(String(first.pid));
  const once = tree.run(["up", "--once", "--json"]);
  expect(once.code).toBe(6);
  expect(once.err).toContain(String(first.pid));
  expect(tree.run(["status", "--json"]).json()).toMatchObject({ daemon: { running: true, pid: first.pid } });
});

it("names a daemon that hangs within seconds, to who writes and to who asks", async () => {
  const daemon = await tree.up();
  daemon.kill("SIGSTOP");
  try {
    const beganMs = performance.now();
    const writing = submit(tree, { id: "WO-STUCK", files: { "a.txt": "x" } });
    expect([writing.code, writing.json<{ error: { code: string } }>().error.code]).toEqual([6, "DAEMON_WEDGED"]);
    expect(writing.err).toContain(String(daemon.pid));
    const asking = tree.run(["status", "--json"]);
    expect(asking.code).toBe(1);
    expect(asking.json()).toMatchObject({
      daemon: { running: true, pid: daemon.pid, trouble: [{ code: "DAEMON_WEDGED" }] },
      orders: { pending: 0 },
    });
    expect(tree.run(["status"]).out).toContain(`pid ${daemon.pid}`);
    expect(performance.now() - beganMs).toBeLessThan(15_000);
    expect(tree.run(["history"]).code).toBe(0);
  } finally {
    daemon.kill("SIGCONT");
  }
  expect(submit(tree, { id: "WO-FREE", files: { "a.txt": "x" } }, "--wait").code).toBe(0);
});

it("takes over from a daemon that was killed, at once", async () => {
  const daemon = await tree.up();
  daemon.kill("SIGKILL");
  await ended(daemon);
  expect(submit(tree, { id: "WO-NEXT", files: { "a.txt": "x" } }, "--wait").json()).toMatchObject({
    stage: "accepted",
  });
  expect(tree.run(["status", "--json"]).json()).toMatchObject({ daemon: { running: false } });
});
