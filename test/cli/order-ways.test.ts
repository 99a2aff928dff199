/** The ways an order can go besides straight through: held, denied, dry, waiting, superseded, tried again, routed. */

import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";
import { configure, denyCommands, drop, events, filesIn, listing, show, submit, type View } from "./order-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: ["--orders"] });
});
afterEach(() => tree.end());

const write = (id: string, path = `${id}.txt`, content = `${id}\n`) => ({ id, files: [{ path, content }] });
const command = (id: string, run: string, more: object = {}) => ({ id, steps: [{ name: "step", run }], ...more });

it("holds a dropped order that runs commands until a person approves it; an agent may not", () => {
  drop(tree, "CLC", "WO-HELD.json", JSON.stringify(command("WO-HELD", "echo ran > ran.txt")));
  expect(tree.run(["up", "--once", "--json"]).code).toBe(0);
  expect(show(tree, "WO-HELD")).toMatchObject({ status: "pending", stage: "held" });
  expect(existsSync(join(tree.root, "ran.txt"))).toBe(false);
  expect(tree.run(["status"]).out).toContain("1 waits for a person");
  for (const mark of ["CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "HOLDFAST_AGENT"]) {
    const refused = tree.run(["wo", "approve", "WO-HELD", "--json"], { env: { [mark]: "1" } });
    expect([mark, refused.code]).toEqual([mark, 3]);
    expect(refused.json()).toMatchObject({ error: { code: "REFUSED_FOR_AGENT" } });
  }
  expect(show(tree, "WO-HELD").stage).toBe("held");
  const approved = tree.run(["wo", "approve", "WO-HELD", "--wait", "--json"]);
  expect(approved.code).toBe(0);
  expect(approved.json()).toMatchObject({ stage: "accepted" });
  expect(tree.read("ran.txt")).toBe("ran\n");
  expect(tree.run(["wo", "approve", "WO-HELD"]).code).toBe(3);
  expect(events(tree, "WO-HELD")).toEqual(expect.arrayContaining(["wo.held", "wo.approved", "wo.accepted"]));
});

it("holds one whose checks are its only commands, and says so to who waits for a submitted one", () => {
  drop(tree, "CLC", "WO-CHECK.json", JSON.stringify({ ...write("WO-CHECK"), post_verify: ["true"] }));
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-CHECK").stage).toBe("held");
  expect(existsSync(join(tree.root, "WO-CHECK.txt"))).toBe(false);
});

it("refuses every order with commands under `commands: deny`, and takes those without", () => {
  configure(tree, denyCommands);
  const denied = submit(tree, command("WO-DENIED", "touch ran"), "--wait");
  expect(denied.code).toBe(5);
  expect(denied.json()).toMatchObject({ error: { code: "WO_COMMANDS_DENIED" } });
  drop(tree, "CLC", "WO-DENIED-2.json", JSON.stringify(command("WO-DENIED-2", "touch ran")));
  tree.run(["up", "--once"]);
  expect(filesIn(tree, "bridge/failed/CLC")).toEqual(["WO-DENIED-2.json", "WO-DENIED-2.json.error.json"]);
  expect(JSON.parse(tree.read("bridge/failed/CLC/WO-DENIED-2.json.error.json"))).toMatchObject({
    code: "WO_COMMANDS_DENIED",
    hint: expect.any(String),
  });
  expect(existsSync(join(tree.root, "ran"))).toBe(false);
  expect(submit(tree, write("WO-PLAIN"), "--wait").json()).toMatchObject({ stage: "accepted" });
});

it("refuses an inbox file that git tracks, names it, and leaves it where it lies", () => {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: tree.root, env: tree.environment });
  drop(tree, "CLC", "WO-PULLED.json", JSON.stringify(write("WO-PULLED")));
  git("add", "-f", "bridge/inbox/CLC/WO-PULLED.json");
  const ran = tree.run(["up", "--once", "--json"]);
  const place = "bridge/inbox/CLC/WO-PULLED.json";
  expect(ran.json()).toMatchObject({
    taken: [],
    left: [{ code: "WO_FROM_GIT", message: expect.stringContaining(place) }],
  });
  expect(tree.run(["up", "--once"]).out).toContain(place);
  expect(existsSync(join(tree.root, "bridge/inbox/CLC/WO-PULLED.json"))).toBe(true);
  expect(existsSync(join(tree.root, "WO-PULLED.txt"))).toBe(false);
  const said = tree.run(["history", "--json"]).json<{ records: { event: string; data: { code?: string } }[] }>();
  expect(said.records.filter(({ data }) => data.code === "WO_FROM_GIT")).toHaveLength(1);
});

it("plans and reports a dry run, and touches nothing", () => {
  const before = listing(tree);
  const dry = submit(tree, { ...write("WO-DRY", "a/b.txt"), dry_run: true }, "--wait");
  expect(dry.code).toBe(0);
  expect(dry.json()).toMatchObject({ status: "done", stage: "planned", paths: expect.arrayContaining(["a/b.txt"]) });
  expect(listing(tree)).toEqual(before);
});

it("waits for what an order depends on, and refuses it when that fails", () => {
  expect(submit(tree, { ...write("WO-B"), depends_on: ["WO-A"] }).json()).toMatchObject({ stage: "received" });
  expect(submit(tree, { ...write("WO-D"), depends_on: ["WO-C"] }).json()).toMatchObject({ stage: "received" });
  submit(tree, write("WO-A"));
  submit(tree, command("WO-C", "false"));
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-B").stage).toBe("accepted");
  expect(show(tree, "WO-D")).toMatchObject({ stage: "refused", error: { code: "WO_DEPENDENCY" } });
});

it("lets an order wait until its time, and no longer than `up --once` lives", () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  expect(submit(tree, { ...write("WO-LATER"), not_before: soon }).json()).toMatchObject({ stage: "received" });
  expect(submit(tree, { ...write("WO-NOW"), not_before: "2020-01-01T00:00:00Z" }, "--wait").json()).toMatchObject({
    stage: "accepted",
  });
  expect(tree.run(["up", "--once", "--json"]).json()).toMatchObject({ orders: { pending: 1, done: 1 } });
  expect(existsSync(join(tree.root, "WO-LATER.txt"))).toBe(false);
});

it("cancels what a newer order supersedes, and runs the pending ones by priority", () => {
  configure(tree, (text) =>
    text.replace("orders: { commands: submitted }", "orders: { commands: submitted, concurrency: 1 }"),
  );
  const at = new Date(Date.now() + 3_600_000).toISOString();
  submit(tree, { ...write("WO-OLD"), not_before: at });
  submit(tree, { ...write("WO-NEW"), supersedes: "WO-OLD" }, "--wait");
  expect(show(tree, "WO-OLD")).toMatchObject({ status: "cancelled", stage: "cancelled" });
  for (const [id, priority] of [
    ["WO-LOW", "P3"],
    ["WO-MID", "P2"],
    ["WO-TOP", "P0"],
  ] as const) {
    drop(
      tree,
      "CLC",
      `${id}.json`,
      JSON.stringify({ id, priority, operations: [{ op: "append", path: "order.txt", content: `${id}\n` }] }),
    );
  }
  tree.run(["up", "--once"]);
  expect(tree.read("order.txt")).toBe("WO-TOP\nWO-MID\nWO-LOW\n");
  expect(tree.run(["wo", "list", "--json"]).json<{ orders: View[] }>().orders[0]).toMatchObject({ id: "WO-TOP" });
});

it("tries a failed order again by itself as often as it says, and once more by hand", () => {
  const flaky = "echo try >> ../tries; test $(wc -l < ../tries) -ge 2";
  const ran = submit(tree, command("WO-FLAKY", flaky, { retries: 2 }), "--wait");
  expect(ran.json()).toMatchObject({ stage: "accepted", attempts: 2 });
  rmSync(join(tree.base, "tries"));
  expect(submit(tree, command("WO-ONCE", flaky), "--wait").json()).toMatchObject({ status: "failed", attempts: 1 });
  expect(tree.run(["wo", "retry", "WO-ONCE", "--wait", "--json"]).json()).toMatchObject({
    stage: "accepted",
    attempts: 2,
  });
  expect(tree.run(["wo", "retry", "WO-ONCE"]).code).toBe(3);
});

it("takes the same bytes once, and refuses other bytes under a taken id", () => {
  const order = { id: "WO-ONE", operations: [{ op: "append", path: "log.txt", content: "x\n" }] };
  submit(tree, order, "--wait");
  expect(submit(tree, order, "--wait").json()).toMatchObject({ stage: "accepted", attempts: 1 });
  expect(tree.read("log.txt")).toBe("x\n");
  const other = submit(tree, { ...order, title: "another" }, "--wait");
  expect(other.code).toBe(5);
  expect(other.json()).toMatchObject({ error: { code: "WO_ID_REUSED" } });
  expect(submit(tree, { ...order, title: "again", supersedes: "WO-ONE" }, "--wait").json()).toMatchObject({
    stage: "accepted",
    attempts: 2,
  });
});

it("routes what there is nothing to execute of, and what lies in a routing inbox, to its agent", () => {
  const routed = submit(tree, { id: "WO-WORDS", title: "please tidy up", assignee: "Mary" }, "--wait");
  expect(routed.code).toBe(0);
  expect(routed.json()).toMatchObject({ status: "pending", stage: "routed" });
  drop(tree, "ENTRY", "WO-ENTRY.yaml", "id: WO-ENTRY\ntitle: for Mary\nroute_hints: {preferred_executor: mary}\n");
  drop(tree, "ENTRY", "WO-ENTRY-BODY.yaml", "id: WO-ENTRY-BODY\ntarget: CLC\nfiles: {routed.txt: hello}\n");
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-ENTRY")).toMatchObject({ stage: "routed", executor: "Mary" });
  expect(show(tree, "WO-ENTRY-BODY")).toMatchObject({ stage: "accepted", executor: "CLC" });
  expect(tree.read("routed.txt")).toBe("hello");
});

it("closes a routed order by `wo complete`, either way, and by the agent's own acknowledgement", () => {
  for (const id of ["WO-M1", "WO-M2", "WO-M3"]) drop(tree, "Mary", `${id}.yaml`, `id: ${id}\ntitle: by hand\n`);
  tree.run(["up", "--once"]);
  expect(tree.run(["wo", "complete", "WO-M1", "--summary", "done by me", "--json"]).json()).toMatchObject({
    stage: "accepted",
  });
  expect(tree.run(["wo", "complete", "WO-M2", "--failed", "--json"]).json()).toMatchObject({ status: "failed" });
  tree.write(
    "bridge/outbox/Mary/WO-M3.ack.json",
    JSON.stringify({ wo_id: "WO-M3", status: "success", summary: "mine" }),
  );
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-M3")).toMatchObject({ status: "done", stage: "accepted" });
  expect(JSON.parse(tree.read("bridge/outbox/Mary/WO-M1.ack.json"))).toMatchObject({
    status: "success",
    summary: "done by me",
  });
  expect(tree.run(["wo", "complete", "WO-M1"]).code).toBe(3);
});

it("says of every document of a file what became of it, and goes on after one that is not taken", () => {
  for (const id of ["WO-A", "WO-B"]) expect(submit(tree, write(id)).code).toBe(0);
  const documents = [write("WO-A", "a.txt", "other"), write("WO-NEW"), write("WO-B", "b.txt", "other")];
  const text = documents.map((document) => JSON.stringify(document)).join("\n---\n");
  const told = tree.run(["submit", "-", "--wait", "--json"], { input: text });
  expect(told.code).toBe(5);
  expect(told.json()).toMatchObject({
    orders: [{ id: "WO-NEW", stage: "accepted" }],
    refused: [
      { code: "WO_ID_REUSED", data: { id: "WO-A" } },
      { code: "WO_ID_REUSED", data: { id: "WO-B" } },
    ],
  });
  const shown = tree.run(["submit", "-"], { input: text });
  expect(shown.out).toMatch(/not taken.*WO-A(.|\n)*not taken.*WO-B/);
});
