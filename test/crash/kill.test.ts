/** The real daemon, killed at random moments under a stream of orders: every order's effect exactly once, nothing left behind. */

import { existsSync, readdirSync, renameSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { ended, makeTree, type TestTree } from "../cli/holdfast.ts";

const KILLS = 200;
const ORDERS_MAX = 600;

let tree: TestTree;
afterEach(() => tree?.end());

it(`survives ${KILLS} kills: each order's effect exactly once, ledger and vault clean, no temporary name left`, {
  timeout: 400_000,
}, async () => {
  tree = makeTree({ init: ["--orders"] });
  let dropped = 0;
  const random = seeded(20261122);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = tree.start(["up"]);
    const isAimed = kill % 2 === 1;
    for (let n = Math.floor(random() * 5) + (isAimed ? 1 : 0); n > 0 && dropped < ORDERS_MAX; n -= 1) drop(dropped++);
    // Node and SQLite are up after some 150 ms; then it recovers, takes in, applies, settles. Every other time it is killed at any
    // moment of that, else soon after the tree was first touched.
    const moment = new Promise<void>((later) => setTimeout(later, isAimed ? 3_000 : 60 + random() * 480));
    await (isAimed ? touchedOr(moment, random() * 12) : moment);
    child.kill("SIGKILL");
    await ended(child);
  }
  const drained = tree.run(["up", "--once"]);
  expect(drained.err).toBe("");
  expect(drained.code).toBe(0);

  const retried = tree.run(["history", "--limit", "100000", "--json"]).json<{ records: { event: string }[] }>().records;
  expect(retried.filter(({ event }) => event === "wo.retried").length).toBeGreaterThan(KILLS / 10);
  const { orders } = tree
    .run(["wo", "list", "--limit", "10000", "--json"])
    .json<{ orders: { id: string; stage: string }[] }>();
  expect(orders.filter(({ stage }) => stage !== "accepted")).toEqual([]);
  expect(orders.map(({ id }) => id).sort()).toEqual(Array.from({ length: dropped }, (_, n) => `WO-${n}`).sort());
  for (let file = 0; file < FILES; file += 1) {
    const lines = tree.read(`effects/${file}`).trim().split("\n").map(Number);
    const expected = [...Array(dropped).keys()].filter((n) => n % FILES === file);
    expect(lines.sort((a, b) => a - b)).toEqual(expected);
  }
  for (let n = 0; n < dropped; n += 1) expect(tree.read(`files/${n}`)).toBe(`content of ${n}\n`);
  expect(
    (readdirSync(tree.root, { recursive: true }) as string[]).filter((name) => name.includes(".holdfast-")),
  ).toEqual([]);
  expect(readdirSync(join(tree.root, "bridge/inbox/CLC"))).toEqual([]);
  expect(tree.run(["ledger", "verify", "--json"]).json()).toMatchObject({ ok: true });
  expect(tree.run(["vault", "verify", "--json"]).json()).toMatchObject({ ok: true, missing: [] });
  expect(
    tree
      .run(["components", "--json"])
      .json<{ components: { drift: unknown[] }[] }>()
      .components.flatMap(({ drift }) => drift),
  ).toEqual([]);
});

const FILES = 7;

/** Resolves some milliseconds after something was first put into the folder of effects; at the latest with `moment`. */
async function touchedOr(moment: Promise<void>, laterMs: number): Promise<void> {
  const folder = join(tree.root, "files");
  if (!existsSync(folder)) return moment;
  const seen = Promise.withResolvers<void>();
  const watcher = watch(folder, () => seen.resolve());
  await Promise.race([moment, seen.promise.then(() => new Promise((later) => setTimeout(later, laterMs)))]);
  watcher.close();
}

/** An order whose effect would be seen twice: it appends. Dropped whole, by rename. */
function drop(n: number): void {
  const order = {
    wo_id: `WO-${n}`,
    title: `number ${n}`,
    operations: [
      { op: "append", path: `effects/${n % FILES}`, content: `${n}\n` },
      { op: "write", path: `files/${n}`, content: `content of ${n}\n` },
    ],
  };
  const inbox = join(tree.root, "bridge/inbox/CLC");
  writeFileSync(join(inbox, `.${n}.json.tmp`), JSON.stringify(order));
  renameSync(join(inbox, `.${n}.json.tmp`), join(inbox, `${n}.json`));
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
