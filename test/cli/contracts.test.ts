/** What other programs rely on: the shape of every `--json` answer, the exit code of every kind of cause, and where each is written. */

import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";
import { submit } from "./order-fixture.ts";

let tree: TestTree;
beforeAll(() => {
  tree = makeTree({ init: ["--orders"] });
  tree.write("a/one.txt", "one\n");
  tree.write("a/two.txt", "two\n");
});
afterAll(() => tree?.end());

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const SHA = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);

it("`status`", () => {
  const ran = tree.run(["status", "--json"]);
  expect(ran.code).toBe(0);
  expect(ran.json()).toMatchObject({
    tree: { id: expect.any(String), root: tree.root, branch: "main", standing: "canonical" },
    daemon: { running: false },
    orders: { pending: 0, running: 0, done: 0, failed: 0 },
    components: { healthy: 0, drifted: 0 },
    incidents: { open: 0 },
    canary: null,
    slo: null,
  });
});

const ORDER = {
  id: "WO-SHAPE",
  title: "the shape",
  files: [{ path: "made.txt", content: "made\n" }],
  tests: [{ name: "there", command: "test -f made.txt" }],
};

it("`submit`, `wo show`, `wo list`", () => {
  const shape = {
    id: "WO-SHAPE",
    status: "done",
    stage: "accepted",
    title: "the shape",
    agent: null,
    attempts: 1,
    paths: ["made.txt"],
    tests: [{ name: "there", ok: true, output: "" }],
    error: null,
    snapshot: expect.stringMatching(/^[SV][0-9a-f]+$/),
    ledgerSeq: expect.any(Number),
    createdAt: ISO,
    acceptedAt: ISO,
  };
  expect(submit(tree, ORDER, "--wait").json()).toMatchObject(shape);
  expect(tree.run(["wo", "show", "WO-SHAPE", "--json"]).json()).toMatchObject(shape);
  expect(tree.run(["wo", "list", "--json"]).json()).toMatchObject({ orders: [shape] });
  const failed = submit(tree, { ...ORDER, id: "WO-NOT", tests: [{ name: "no", command: "false" }] }, "--wait").json();
  expect(failed).toMatchObject({
    acceptedAt: null,
    tests: [{ name: "no", ok: false, output: expect.any(String) }],
    error: { code: "WO_VERIFY_FAILED", message: expect.any(String), hint: expect.any(String) },
  });
});

it("`snapshot`, `snapshots`, `restore`, `diff`", () => {
  const taken = tree.run(["snapshot", "--json"]).json<{ id: string }>();
  const shape = {
    id: expect.stringMatching(/^S[0-9a-f]+$/),
    at: ISO,
    files: expect.any(Number),
    bytes: expect.any(Number),
  };
  expect(taken).toMatchObject({ ...shape, newBytes: expect.any(Number), skipped: [], elapsedMs: expect.any(Number) });
  expect(tree.run(["snapshots", "--json"]).json()).toMatchObject({ snapshots: [shape] });
  rmSync(join(tree.root, "a"), { recursive: true });
  const diff = tree.run(["diff", taken.id, "--json"]);
  expect(diff.code).toBe(1);
  expect(diff.json()).toMatchObject({
    differences: expect.arrayContaining([expect.objectContaining({ path: "a/one.txt", kind: "removed" })]),
  });
  const restored = tree.run(["restore", "a", "--from", taken.id, "--json"]).json<{ restored: string[] }>();
  expect(restored).toMatchObject({ kept: [], from: taken.id, snapshotBefore: expect.stringMatching(/^[SV]/) });
  expect(restored.restored.sort()).toEqual(["a", "a/one.txt", "a/two.txt"]);
  expect(tree.run(["restore", "a", "--json"]).json()).toMatchObject({ restored: [], kept: [] });
});

it("`history`: ledger records, whole", () => {
  const { records } = tree.run(["history", "WO-SHAPE", "--json"]).json<{ records: object[] }>();
  for (const record of records) {
    expect(record).toMatchObject({
      v: 1,
      seq: expect.any(Number),
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      ts: ISO,
      tree: expect.any(String),
      actor: { kind: expect.stringMatching(/^(agent|human|service|unknown)$/), name: expect.any(String) },
      event: expect.stringMatching(/^wo\./),
      ok: expect.any(Boolean),
      wo: "WO-SHAPE",
      summary: expect.any(String),
      data: expect.any(Object),
      prev: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }
  expect(records.length).toBeGreaterThan(3);
});

it("`canary`, `components`, `protect`, `accept`", () => {
  expect(tree.run(["canary", "--json"]).json()).toMatchObject({
    ok: true,
    id: expect.stringMatching(/^WO-CANARY-/),
    steps: expect.arrayContaining([{ name: "accepted", ok: true, ms: expect.any(Number) }]),
  });
  expect(tree.run(["protect", "a", "--name", "alpha", "--json"]).json()).toMatchObject({
    component: "alpha",
    response: "repair",
  });
  expect(tree.run(["components", "--json"]).json()).toMatchObject({
    components: [
      { name: "alpha", paths: ["a"], response: "repair", strict: false, scope: "branch", drift: [] },
      { name: "accepted", strict: true, drift: [] },
    ],
  });
  // New content is going on, and healthy; an emptied file is a loss.
  tree.write("a/one.txt", "longer than one\n");
  expect(tree.run(["status"]).code).toBe(0);
  tree.write("a/one.txt", "");
  expect(tree.run(["status", "--json"]).json()).toMatchObject({ components: { healthy: 1, drifted: 1 } });
  expect(tree.run(["status"]).code).toBe(1);
  expect(tree.run(["accept", "alpha", "--json"]).json()).toMatchObject({ accepted: expect.any(Array), removed: [] });
  expect(tree.run(["status"]).code).toBe(0);
});

it("`protect` and `accept` take what nobody remembered yet, and what is left out unless it is named", () => {
  tree.write("b/audit.log", "entry\n");
  expect(tree.run(["protect", "b/audit.log", "--name", "beta", "--json"]).json()).toMatchObject({
    paths: ["b/audit.log"],
  });
  tree.write("a/just-now.txt", "new\n");
  const { accepted } = tree.run(["accept", "alpha", "--json"]).json<{ accepted: string[] }>();
  expect(accepted).toContain("a/just-now.txt");
  tree.write("b/audit.log", "");
  expect(tree.run(["check", "beta", "--json"]).json()).toMatchObject({
    ok: false,
    components: [{ drift: [{ path: "b/audit.log", kind: "emptied" }] }],
  });
  expect(tree.run(["repair", "beta"]).code).toBe(0);
  expect(tree.read("b/audit.log")).toBe("entry\n");
});

it("`vault stats|verify`, `ledger verify`", () => {
  expect(tree.run(["vault", "verify", "--json"]).json()).toMatchObject({ ok: true, corrupt: [], missing: [] });
  expect(tree.run(["vault", "stats", "--json"]).json()).toMatchObject({ packs: expect.any(Number), oldest: ISO });
  expect(tree.run(["ledger", "verify", "--json"]).json()).toMatchObject({ ok: true, records: expect.any(Number) });
  const config = tree.run(["status", "--json"]).json<{ config: object }>().config;
  expect(config).toMatchObject({ accepted: SHA, differs: false });
});

const CAUSES: readonly [string, readonly string[], number, string][] = [
  ["an unknown verb", ["stauts"], 2, "USAGE"],
  ["a group without its verb", ["wo"], 2, "USAGE"],
  ["an unknown option", ["status", "--jsno"], 2, "USAGE"],
  ["a missing argument", ["wo", "show"], 2, "USAGE"],
  ["one argument too many", ["status", "what"], 2, "USAGE"],
  ["a value that is none of the choices", ["wo", "list", "--status", "dnoe"], 2, "USAGE"],
  ["a time that is none", ["history", "--since", "the day of the fox"], 2, "USAGE"],
  ["an unknown order", ["wo", "show", "WO-NOWHERE"], 4, "WO_UNKNOWN"],
  ["an unknown snapshot", ["diff", "S00000000"], 4, "SNAPSHOT_UNKNOWN"],
  ["a path that was never there", ["restore", "never/there"], 4, "PATH_UNKNOWN"],
  ["a digest that nobody knows", ["restore", "made.txt", "--from", `sha256:${"0".repeat(64)}`], 4, "PATH_UNKNOWN"],
  ["a path outside", ["restore", "../x"], 5, "PATH_ESCAPES"],
  ["a path of git", ["restore", ".git/config"], 3, "PATH_FORBIDDEN"],
  ["a state that does not allow it", ["wo", "approve", "WO-SHAPE"], 3, "WO_STATE"],
  ["an order file that is not there", ["submit", "nowhere.yaml"], 5, "WO_UNREADABLE"],
  ["a component that matches nothing", ["protect", "not/here/*.txt"], 5, "COMPONENT_INVALID"],
  ["a component outside", ["protect", "../x"], 5, "PATH_ESCAPES"],
  ["a component of git's folder", ["protect", ".git"], 3, "PATH_FORBIDDEN"],
  ["a component that nobody knows, to be checked", ["check", "nosuch"], 4, "COMPONENT_UNKNOWN"],
  ["a component that nobody knows, to be repaired", ["repair", "nosuch"], 4, "COMPONENT_UNKNOWN"],
  ["a repair outside", ["repair", "../x"], 5, "PATH_ESCAPES"],
  ["a folder that is no tree", ["status", "--tree", "/"], 4, "TREE_NOT_FOUND"],
];

it.each(CAUSES)("%s: exit code and error code, one document on stdout, words on stderr", (_, args, exit, code) => {
  const ran = tree.run([...args, "--json"]);
  expect([ran.json<{ error?: { code: string } }>().error?.code, ran.code]).toEqual([code, exit]);
  expect(ran.json()).toMatchObject({
    error: { message: expect.any(String), hint: expect.any(String), data: expect.any(Object) },
  });
  expect(ran.err).toContain(`[${code}]`);
  expect(ran.out.trimEnd().split("\n")).toHaveLength(1);
});

it("puts nothing on stdout when an error is for people", () => {
  for (const [, args, exit] of CAUSES.slice(0, 2)) expect(tree.run(args)).toMatchObject({ out: "", code: exit });
});

it("names the nearest verb and option", () => {
  expect(tree.run(["stauts"]).err).toContain("holdfast status");
  expect(tree.run(["snapshto"]).err).toContain("holdfast snapshot");
  expect(tree.run(["status", "--jsno"]).err).toMatch(/--json/);
  expect(tree.run(["wo", "lsit"]).err).toContain("wo list");
});

it("says that the store cannot be had, with exit 6", () => {
  const db = join(tree.home, tree.run(["status", "--json"]).json<{ tree: { id: string } }>().tree.id, "holdfast.db");
  renameSync(db, `${db}.away`);
  const ran = tree.run(["status", "--json"]);
  expect([ran.code, ran.json<{ error: { code: string } }>().error.code]).toEqual([6, "STORE_UNAVAILABLE"]);
  renameSync(`${db}.away`, db);
  expect(tree.run(["status"]).code).toBe(0);
});

it("takes the tree from `--tree`, from a folder below it, and from nowhere else", () => {
  mkdirSync(join(tree.root, "deep/er"), { recursive: true });
  const elsewhere = join(tree.base, "user");
  expect(tree.run(["status", "--tree", tree.root, "--json"], { cwd: elsewhere }).json()).toMatchObject({
    tree: { root: tree.root },
  });
  expect(tree.run(["status", "--json"], { cwd: join(tree.root, "deep/er") }).json()).toMatchObject({
    tree: { root: tree.root },
  });
  expect(tree.run(["status"], { cwd: elsewhere }).code).toBe(4);
  // A relative path means the same thing as in the shell.
  copyFileSync(join(tree.root, "made.txt"), join(tree.root, "deep/er/made.txt"));
  tree.run(["snapshot"]);
  rmSync(join(tree.root, "deep/er/made.txt"));
  expect(tree.run(["restore", "made.txt", "--json"], { cwd: join(tree.root, "deep/er") }).json()).toMatchObject({
    restored: ["deep/er/made.txt"],
  });
});

it("writes no colour to a pipe, asked or not, and asks nothing there", () => {
  for (const env of [
    { NO_COLOR: "1" },
    { NO_COLOR: undefined },
    { NO_COLOR: undefined, FORCE_COLOR: "1", TERM: "xterm" },
  ]) {
    expect(tree.run(["status"], { env }).out).not.toContain("\u001b");
  }
  const fresh = makeTree({ init: null });
  try {
    const ran = fresh.run(["init", "--json"]);
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({ initialized: true, root: fresh.root, remembered: { files: 1 } });
    expect(fresh.run(["init", "--json"]).json()).toMatchObject({ initialized: true });
  } finally {
    fresh.end();
  }
});

it("answers `--version` and `-V` with one line", () => {
  for (const flag of ["--version", "-V"])
    expect(tree.run([flag])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/), err: "" });
});
