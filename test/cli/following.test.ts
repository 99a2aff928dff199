/** What goes on telling: `history -f`, and `up` on a terminal and elsewhere. */

import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, HOLDFAST, makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
const started: ChildProcess[] = [];
beforeAll(() => {
  tree = makeTree();
});
afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill("SIGKILL");
  tree.end();
});

/** A program whose output can be waited for. */
function listen(command: readonly [string, ...string[]]) {
  const child = spawn(command[0], command.slice(1), { cwd: tree.root, env: { ...tree.environment, NO_COLOR: "" } });
  started.push(child);
  let text = "";
  const waiting = new Set<() => void>();
  child.stdout!.on("data", (bytes: Buffer) => {
    text += bytes.toString();
    for (const look of waiting) look();
  });
  return {
    child,
    text: () => text,
    said: (what: RegExp) =>
      new Promise<void>((heard) => {
        const look = () => {
          if (!what.test(text)) return;
          waiting.delete(look);
          heard();
        };
        waiting.add(look);
        look();
      }),
  };
}

const order = (id: string) =>
  expect(tree.run(["submit", "-", "--wait"], { input: `id: ${id}\nfiles: { ${id}: x }\n` }).code).toBe(0);

it("history -f tells what was, then what comes, of what was asked for, and ends with Ctrl-C", async () => {
  order("WO-BEFORE");
  const all = listen([HOLDFAST, "history", "-f", "--json"]);
  const one = listen([HOLDFAST, "history", "WO-AFTER", "-f"]);
  await all.said(/WO-BEFORE accepted/);
  order("WO-AFTER");
  await all.said(/WO-AFTER accepted/);
  for (const line of all.text().trimEnd().split("\n")) expect(JSON.parse(line)).toMatchObject({ v: 1 });
  all.child.kill("SIGINT");
  expect(await ended(all.child)).toBe(0);
  one.child.kill("SIGINT");
  await ended(one.child);
  expect(one.text()).not.toContain("WO-BEFORE");
});

it("up draws how it stands below what it tells on a terminal, and plain lines elsewhere", async () => {
  const drawn = listen(["script", "-qefc", `${HOLDFAST} up --no-page`, "/dev/null"]);
  await drawn.said(/holding/);
  await drawn.said(/open incidents/);
  order("WO-SEEN");
  await drawn.said(/WO-SEEN accepted/);
  await drawn.said(/WO-SEEN accepted[\s\S]*\r\x1b\[2K[\s\S]*orders 0 running, 0 pending/);
  const { pid } = tree.run(["status", "--json"]).json<{ daemon: { pid: number } }>().daemon;
  process.kill(pid, "SIGINT");
  await ended(drawn.child);
  const plain = listen([HOLDFAST, "up", "--no-page"]);
  await plain.said(/holding/);
  order("WO-PLAIN");
  await plain.said(/WO-PLAIN accepted/);
  expect(plain.text()).not.toContain("\x1b");
  expect(plain.text()).not.toContain("open incidents");
  plain.child.kill("SIGINT");
  expect(await ended(plain.child)).toBe(0);
});
