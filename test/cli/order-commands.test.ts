/** Orders that run something: steps and their claims, timeouts, cancelling, agents whose own command line executes. */

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "./holdfast.ts";
import { allowCommands, configure, drop, listing, show, submit } from "./order-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: ["--orders"] });
});
afterEach(() => tree.end());

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie that nobody reaped is dead all the same.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

const pidsIn = (file: string) => readFileSync(file, "utf8").trim().split("\n").map(Number);

it("cancels a running order: its whole process group is gone, and what it wrote is undone", {
  timeout: 40_000,
}, async () => {
  await tree.up();
  const pids = join(tree.base, "pids");
  const run = `echo changed > half.txt; (sleep 300 & echo $! >> ${pids}; wait) & echo $$ >> ${pids}; wait`;
  expect(submit(tree, { id: "WO-LONG", steps: [{ name: "long", run }] }).code).toBe(0);
  await until("both processes wrote their ids", () => existsSync(pids) && pidsIn(pids).length === 2);
  expect(pidsIn(pids).every(isAlive)).toBe(true);
  expect(show(tree, "WO-LONG").status).toBe("running");
  expect(tree.run(["wo", "cancel", "WO-LONG", "--reason", "enough", "--json"]).code).toBe(0);
  await until("the order is over", () => show(tree, "WO-LONG").status === "cancelled");
  await until("the process group is gone", () => !pidsIn(pids).some(isAlive));
  expect(existsSync(join(tree.root, "half.txt"))).toBe(false);
  expect(tree.run(["wo", "cancel", "WO-LONG"]).code).toBe(3);
});

it("does not try a cancelled order again, and says who cancelled it and why", { timeout: 40_000 }, async () => {
  await tree.up();
  const begun = join(tree.base, "begun");
  submit(tree, {
    id: "WO-AGAIN",
    retries: 5,
    steps: [{ name: "long", run: `echo x >> ${begun}; sleep 300`, retry_on_failure: true }],
  });
  await until("it runs", () => existsSync(begun));
  tree.run(["wo", "cancel", "WO-AGAIN", "--reason", "enough of it"]);
  await until("the order is over", () => show(tree, "WO-AGAIN").status === "cancelled");
  expect(tree.run(["history", "WO-AGAIN"]).out).toContain("enough of it");
  expect(readFileSync(begun, "utf8")).toBe("x\n");
});

it("undoes an order whose command was running when the daemon was asked to end, and says so", {
  timeout: 40_000,
}, async () => {
  const daemon = await tree.up();
  submit(tree, { id: "WO-CUT", steps: [{ name: "long", run: `echo x > half.txt; sleep 300` }] });
  await until("it runs", () => existsSync(join(tree.root, "half.txt")));
  daemon.kill("SIGTERM");
  expect(await ended(daemon)).toBe(0);
  expect(show(tree, "WO-CUT")).toMatchObject({ status: "failed", stage: "undone", error: { code: "WO_INTERRUPTED" } });
  expect(existsSync(join(tree.root, "half.txt"))).toBe(false);
});

it("ends a step that takes too long together with its grandchildren, and says after how long", () => {
  const pids = join(tree.base, "pids");
  const run = `echo x > half.txt; (trap '' TERM; sleep 300 & echo $! >> ${pids}; wait) & wait`;
  const ran = submit(tree, { id: "WO-SLOW", steps: [{ name: "slow", run, timeout: 1 }] }, "--wait");
  expect(ran.code).toBe(1);
  expect(ran.json()).toMatchObject({ stage: "undone", error: { code: "WO_TIMEOUT" } });
  expect(pidsIn(pids).some(isAlive)).toBe(false);
  expect(existsSync(join(tree.root, "half.txt"))).toBe(false);
});

it("undoes what a failing step changed within its claim, and names what it changed outside of it", () => {
  tree.write("work/a.txt", "before\n");
  tree.write("other/b.txt", "before\n");
  tree.run(["snapshot"]);
  const order = {
    id: "WO-CLAIM",
    touches: ["work"],
    steps: [{ name: "s", run: "echo after > work/a.txt; echo new > work/new.txt; echo after > other/b.txt; exit 4" }],
  };
  const ran = submit(tree, order, "--wait");
  expect(ran.json()).toMatchObject({ status: "failed", error: { code: "WO_STEP_FAILED" } });
  expect(tree.read("work/a.txt")).toBe("before\n");
  expect(existsSync(join(tree.root, "work/new.txt"))).toBe(false);
  expect(tree.read("other/b.txt")).toBe("after\n");
  // What lies outside its claim is not undone, and that is said.
  expect(show(tree, "WO-CLAIM").error?.message).toContain("other/b.txt");
  expect(tree.read("g/followup/state/WO-CLAIM.json")).toContain("not undone");
});

it("accepts what steps wrote within what the order says that they touch, and lists all that they changed", () => {
  const order = {
    id: "WO-STEP",
    touches: ["bin"],
    steps: [{ name: "make", run: "mkdir -p bin && printf '#!/bin/sh\\n' > bin/tool && chmod 755 bin/tool" }],
  };
  expect(submit(tree, order, "--wait").json()).toMatchObject({
    stage: "accepted",
    paths: expect.arrayContaining(["bin/tool"]),
  });
  const free = { id: "WO-FREE", steps: [{ name: "make", run: "echo x > free.txt" }] };
  expect(submit(tree, free, "--wait").json()).toMatchObject({ stage: "accepted", paths: ["free.txt"] });
  expect(tree.run(["components", "--json"]).json()).toMatchObject({ components: [{ name: "accepted", drift: [] }] });
  chmodSync(join(tree.root, "bin/tool"), 0o644);
  expect(tree.run(["components", "--json"]).json()).toMatchObject({
    components: [{ drift: [{ path: "bin/tool", kind: "mode-changed" }] }],
  });
  expect(tree.run(["status"]).code).toBe(1);
});

it("runs each step at most once, with its retries, and none after one that failed", () => {
  const order = {
    id: "WO-STEPS",
    steps: [
      { name: "one", run: "echo one >> ../log" },
      { name: "two", run: "echo two >> ../log; exit 1" },
      { name: "three", run: "echo three >> ../log" },
    ],
  };
  const ran = submit(tree, order, "--wait");
  expect(ran.json()).toMatchObject({
    status: "failed",
    error: { code: "WO_STEP_FAILED", message: expect.stringContaining("two") },
  });
  expect(readFileSync(join(tree.base, "log"), "utf8")).toBe("one\ntwo\n");
});

it("strips git's own variables, names the order, and gives no terminal and no input", () => {
  const run =
    'env | grep -E "^(GIT_|HOLDFAST_WO)" | sort > env.txt; if read -r line; then echo "$line"; fi > input.txt; test -t 0 || echo none >> input.txt';
  const ran = tree.run(["submit", "-", "--wait", "--json"], {
    input: JSON.stringify({ id: "WO-ENV", steps: [{ name: "env", run }] }),
    env: { GIT_DIR: "/nowhere", GIT_INDEX_FILE: "/nowhere/index", GIT_WORK_TREE: "/nowhere" },
  });
  expect(ran.json()).toMatchObject({ stage: "accepted" });
  expect(tree.read("env.txt")).toBe("HOLDFAST_WO=WO-ENV\n");
  expect(tree.read("input.txt")).toBe("none\n");
});

it("bounds what a noisy command says, and lets it through", () => {
  const ran = submit(
    tree,
    { id: "WO-NOISE", steps: [{ name: "noise", run: "yes | head -c 30000000; exit 1" }] },
    "--wait",
  );
  expect(ran.json()).toMatchObject({ status: "failed" });
  expect(ran.out.length).toBeLessThan(1_000_000);
});

it("hands an order without a body to an agent's own command line, without a shell", () => {
  const script = join(tree.base, "agent.sh");
  writeFileSync(script, '#!/bin/sh\nprintf "%s" "$2" > prompt.txt\nprintf "%s\\n" "$1" "$#" > words.txt\n', {
    mode: 0o755,
  });
  configure(tree, (text) =>
    allowCommands(text).replace('["claude", "-p", "{prompt}"]', JSON.stringify([script, "-p", "{prompt}"])),
  );
  const nasty = 'title; touch "$(pwd)/pwned" `touch pwned` && touch pwned';
  drop(tree, "CLS", "WO-AGENT.yaml", `id: WO-AGENT\ntitle: ${JSON.stringify(nasty)}\n`);
  expect(tree.run(["up", "--once", "--json"]).json()).toMatchObject({ taken: ["WO-AGENT"], orders: { done: 1 } });
  expect(tree.read("prompt.txt")).toContain(nasty);
  expect(tree.read("words.txt")).toBe("-p\n2\n");
  expect(existsSync(join(tree.root, "pwned"))).toBe(false);
  expect(JSON.parse(tree.read("bridge/outbox/CLS/WO-AGENT.ack.json"))).toMatchObject({ status: "success" });
});

it("undoes what an agent's command left behind when it fails", () => {
  const script = join(tree.base, "agent.sh");
  writeFileSync(script, '#!/bin/sh\necho broken > seed.txt\necho "cannot do it" >&2\nexit 9\n', { mode: 0o755 });
  tree.write("seed.txt", "whole\n");
  configure(tree, (text) => text.replace('["claude", "-p", "{prompt}"]', JSON.stringify([script, "{prompt}"])));
  const before = listing(tree);
  drop(tree, "CLS", "WO-AGENT.yaml", "id: WO-AGENT\ntitle: do it\n");
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-AGENT").stage).toBe("held");
  const ran = tree.run(["wo", "approve", "WO-AGENT", "--wait", "--json"]);
  expect(ran.code).toBe(1);
  expect(ran.out).toContain("cannot do it");
  expect(listing(tree)).toEqual(before);
});
