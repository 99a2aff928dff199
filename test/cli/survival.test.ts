/** What survives: lost projections, a lost database, a changed configuration, copies, leaving and coming back, and every way to restore. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";
import { configure, drop, listing, show, submit, telemetry, type View } from "./order-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: ["--orders"] });
});
afterEach(() => tree.end());

const write = (id: string, path: string, content: string, more: object = {}) => ({
  id,
  files: [{ path, content }],
  ...more,
});
const remove = (path: string) => rmSync(join(tree.root, path), { recursive: true });
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
    cwd: tree.root,
    env: tree.environment,
    stdio: "pipe",
  });
const stateFolder = () => join(tree.home, tree.run(["status", "--json"]).json<{ tree: { id: string } }>().tree.id);

it("makes every projection and folder again, doubles nothing, and keeps lines that others wrote", () => {
  submit(tree, write("WO-1", "one.txt", "one\n"), "--agent", "CLC", "--wait");
  submit(tree, write("WO-2", "two.txt", "two\n", { tests: [{ name: "no", command: "false" }] }), "--wait");
  const places = ["bridge", "g", "apps", "mls", "logs"];
  const before = {
    states: readdirSync(join(tree.root, "g/followup/state")),
    telemetry: telemetry(tree).map(({ seq, event }) => ({ seq, event })),
  };
  const state = tree.read("g/followup/state/WO-1.json");
  for (const place of places) rmSync(join(tree.root, place), { recursive: true, force: true });
  expect(tree.run(["up", "--once"]).code).toBe(0);
  expect(readdirSync(join(tree.root, "g/followup/state"))).toEqual(before.states);
  expect(tree.read("g/followup/state/WO-1.json")).toBe(state);
  expect(telemetry(tree).map(({ seq, event }) => ({ seq, event }))).toEqual(before.telemetry);
  expect(existsSync(join(tree.root, "bridge/outbox/CLC/WO-1.ack.json"))).toBe(true);
  expect(existsSync(join(tree.root, "bridge/inbox/CLC"))).toBe(true);
  expect(JSON.parse(tree.read("apps/dashboard/data/followup.json"))).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ id: "WO-1" })]),
  });

  const file = "g/telemetry/unified.jsonl";
  const foreign = '{"ts":"2026-01-01T00:00:00Z","agent":"other","event":"mine"}\nno json at all\n';
  tree.write(file, `${foreign}${tree.read(file).split("\n").slice(2).join("\n")}`);
  tree.run(["up", "--once"]);
  tree.run(["up", "--once"]);
  const lines = tree.read(file).trim().split("\n");
  expect(lines.filter((line) => line.includes('"other"') || line === "no json at all")).toHaveLength(2);
  const seqs = lines.filter((line) => line.includes('"seq"')).map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(seqs.sort((a, b) => a - b)).toEqual(before.telemetry.map(({ seq }) => seq).sort((a, b) => a - b));
});

it("builds a lost database again: orders, baselines, versions, contents and configuration, and says so", () => {
  tree.write("mine.txt", "first\n");
  tree.run(["snapshot", "--note", "before"]);
  tree.write("mine.txt", "second\n");
  tree.run(["protect", "mine.txt", "--name", "mine"]);
  submit(tree, write("WO-1", "one.txt", "one\n"), "--wait");
  submit(tree, write("WO-2", "two.txt", "two\n", { tests: [{ name: "no", command: "false" }] }), "--wait");
  submit(tree, { id: "WO-3", title: "routed", assignee: "Mary" });
  const told = () => ({
    orders: tree.run(["wo", "list", "--json"]).json(),
    components: tree.run(["components", "--json"]).json(),
    snapshots: tree.run(["snapshots", "--json"]).json(),
    config: tree.run(["status", "--json"]).json<{ config: object }>().config,
  });
  const before = told();
  const folder = stateFolder();
  for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `holdfast.db${end}`), { force: true });
  expect(tree.run(["status"]).code).toBe(6);
  expect(tree.run(["up", "--once"]).code).toBe(0);
  expect(told()).toEqual(before);
  expect(tree.run(["ledger", "verify", "--json"]).json()).toMatchObject({ ok: true });
  expect(tree.run(["vault", "verify", "--json"]).json()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  expect(tree.run(["history"]).out).toContain("database was lost and built again");
  expect(
    tree
      .run([
        "restore",
        "mine.txt",
        "--from",
        before.snapshots["snapshots"] ? (before.snapshots as { snapshots: { id: string }[] }).snapshots[0]!.id : "",
        "--json",
      ])
      .json(),
  ).toMatchObject({ restored: ["mine.txt"] });
  expect(tree.read("mine.txt")).toBe("first\n");
  expect(submit(tree, write("WO-4", "four.txt", "4\n"), "--wait").json()).toMatchObject({ stage: "accepted" });
});

it("runs on the accepted configuration: a changed one does nothing until a person accepts it", () => {
  const run = "orders: { commands: allow }";
  tree.write("holdfast.yaml", tree.read("holdfast.yaml").replace("orders: { commands: submitted }", run));
  drop(tree, "CLC", "WO-RUN.json", JSON.stringify({ id: "WO-RUN", steps: [{ name: "s", run: "touch ran" }] }));
  tree.run(["up", "--once"]);
  expect(show(tree, "WO-RUN").stage).toBe("held");
  expect(existsSync(join(tree.root, "ran"))).toBe(false);
  const status = tree.run(["status"]);
  expect([status.code, status.out.includes("was changed and does not run")]).toEqual([1, true]);
  expect(tree.run(["protect", "holdfast.yaml", "--name", "x"]).code).toBe(3);
  tree.write("holdfast.yaml", "orders: { comands: allow }\n");
  const wrong = tree.run(["accept", "holdfast.yaml", "--json"]);
  expect([wrong.code, wrong.out.includes("commands")]).toEqual([5, true]);
  const back = /holdfast (restore holdfast\.yaml --from sha256:[0-9a-f]{64})/.exec(status.out);
  expect(tree.run(back![1]!.split(" ")).code).toBe(0);
  expect(tree.run(["status"]).code).toBe(0);
});

it("only reads a copy of the tree, and names it; a git worktree is a workspace", () => {
  tree.write("a.txt", "a\n");
  git("add", "-A");
  git("commit", "-qm", "first");
  const copy = join(tree.base, "copy");
  cpSync(tree.root, copy, { recursive: true });
  const read = tree.run(["status", "--json"], { cwd: copy });
  expect(read.json()).toMatchObject({ tree: { root: tree.root, standing: "copy" } });
  expect(read.err).toContain(copy);
  for (const args of [["snapshot"], ["submit", "-"], ["up", "--once"], ["init"]]) {
    const refused = tree.run([...args, "--json"], { cwd: copy, input: JSON.stringify(write("WO-C", "c.txt", "c")) });
    expect([args[0], refused.code, refused.json<{ error: { code: string } }>().error.code]).toEqual([
      args[0],
      3,
      "TREE_IS_COPY",
    ]);
  }
  expect(existsSync(join(copy, "c.txt"))).toBe(false);
  const workspace = join(tree.base, "workspace");
  git("worktree", "add", "-q", "-b", "side", workspace);
  const status = tree.run(["status", "--json"], { cwd: workspace });
  expect(status.json()).toMatchObject({ tree: { standing: "workspace", root: tree.root, branch: "main" } });
  expect(status.err).toContain(`${workspace} is a git worktree of ${tree.root}`);
  // Paths are meant as the shell means them: those of the workspace, of which nothing is remembered yet.
  expect(tree.run(["restore", "a.txt"], { cwd: workspace }).code).toBe(4);
  expect(tree.run(["init", "--json"], { cwd: workspace }).json()).toMatchObject({ error: { code: "TREE_UNSUITABLE" } });
});

it("`init` twice is `init` once; leaving and coming back keeps what was remembered", () => {
  tree.write("a.txt", "a\n");
  const again = tree.run(["init", "--yes", "--json"]);
  expect(again.json()).toMatchObject({ initialized: true });
  expect(
    tree
      .run(["history", "--json"])
      .json<{ records: { event: string }[] }>()
      .records.filter(({ event }) => event === "tree.initialized"),
  ).toHaveLength(1);
  const before = listing(tree);
  expect(tree.run(["uninstall"], { env: { CLAUDECODE: "1" } }).code).toBe(3);
  const left = tree.run(["uninstall", "--json"]);
  expect(left.json()).toMatchObject({ root: tree.root, kept: expect.any(String) });
  expect(existsSync(left.json<{ kept: string }>().kept)).toBe(true);
  expect(listing(tree)).toEqual(before);
  expect(tree.run(["status"]).code).toBe(4);
  expect(tree.run(["init", "--yes"]).code).toBe(0);
  expect(tree.run(["status"]).code).toBe(0);
  expect(submit(tree, write("WO-BACK", "b.txt", "b\n"), "--wait").json()).toMatchObject({ stage: "accepted" });
});

it("restores by time, by point, by digest, a deleted folder, a component; each with what it replaced kept", () => {
  tree.write("f/a.txt", "one\n");
  tree.write("f/deep/b.txt", "deep\n");
  mkdirSync(join(tree.root, "f/empty"));
  tree.write("f/run.sh", "#!/bin/sh\n", 0o755);
  symlinkSync("a.txt", join(tree.root, "f/link"));
  tree.run(["protect", "f", "--name", "folder"]);
  const first = listing(tree);
  const at = new Date().toISOString();
  tree.write("f/a.txt", "two and more\n");
  tree.run(["snapshot"]);
  expect(tree.run(["restore", "f/a.txt", "--from", at, "--dry-run", "--json"]).json()).toMatchObject({
    restored: ["f/a.txt"],
    dryRun: true,
  });
  expect(tree.read("f/a.txt")).toBe("two and more\n");
  const { snapshotBefore } = tree
    .run(["restore", "f/a.txt", "--from", at, "--json"])
    .json<{ snapshotBefore: string }>();
  expect(listing(tree)).toEqual(first);
  expect(tree.run(["restore", "f/a.txt", "--from", snapshotBefore]).code).toBe(0);
  expect(tree.read("f/a.txt")).toBe("two and more\n");
  const digest = `sha256:${execFileSync("sha256sum", { input: "one\n" }).toString().slice(0, 64)}`;
  expect(tree.run(["restore", "f/a.txt", "--from", digest]).code).toBe(0);
  expect(listing(tree)).toEqual(first);
  remove("f");
  expect(tree.run(["restore", "f"]).code).toBe(0);
  expect(listing(tree)).toEqual(first);
  remove("f");
  tree.write("f", "a file where the folder was\n");
  expect(tree.run(["restore", "folder"]).code).toBe(0);
  expect(listing(tree)).toEqual(first);
  rmSync(join(tree.root, "f/deep"), { recursive: true });
  mkdirSync(join(tree.base, "elsewhere"));
  symlinkSync(join(tree.base, "elsewhere"), join(tree.root, "f/deep"));
  const through = tree.run(["restore", "f/deep/b.txt", "--json"]);
  expect(through.code).not.toBe(0);
  expect(readdirSync(join(tree.base, "elsewhere"))).toEqual([]);
});

it("copies an SQLite database in use as one state, and gives it back whole", () => {
  const path = join(tree.root, "app.sqlite");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n INTEGER, x TEXT)");
  const insert = database.prepare("INSERT INTO t VALUES (?, hex(randomblob(500)))");
  for (let n = 0; n < 500; n += 1) insert.run(n);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(100_000);
  const taken = tree.run(["snapshot", "--json"]).json<{ id: string; skipped: { path: string; why: string }[] }>();
  expect(taken.skipped.filter(({ path }) => path === "app.sqlite")).toEqual([]);
  for (let n = 500; n < 600; n += 1) insert.run(n);
  database.close();
  for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  expect(tree.run(["restore", "app.sqlite", "--from", taken.id]).code).toBe(0);
  for (const end of ["-wal", "-shm"]) expect(existsSync(`${path}${end}`)).toBe(false);
  const back = new DatabaseSync(path);
  expect(back.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  expect(back.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 500 });
  back.close();
});

it("accepts by hand what is there now, and forgets a leaked secret for good", () => {
  tree.write(".env", "KEY=leaked-secret\n");
  tree.run(["snapshot"]);
  tree.write(".env", "KEY=rotated\n");
  tree.run(["snapshot"]);
  expect(tree.run(["forget", ".env"], { env: { CODEX_HOME: "x" } }).code).toBe(3);
  const ran = tree.run(["forget", ".env", "--reason", "leaked", "--json"]);
  expect(ran.json()).toMatchObject({ forgotten: expect.any(Array) });
  expect(execFileSync("sh", ["-c", `grep -rl leaked-secret ${tree.home} || true`]).toString()).toBe("");
  expect(tree.read(".env")).toBe("KEY=rotated\n");
  expect(tree.run(["history", "--json"]).out).toContain("vault.forgotten");
  configure(tree, (text) => `${text}\n# accepted by hand\n`);
  const view = submit(tree, write("WO-OK", "ok.txt", "ok\n"), "--wait").json<View>();
  expect(view.stage).toBe("accepted");
  writeFileSync(join(tree.root, "ok.txt"), "");
  expect(tree.run(["status"]).code).toBe(1);
  expect(tree.run(["accept", "ok.txt"]).code).toBe(0);
  expect(tree.run(["status"]).code).toBe(0);
});
