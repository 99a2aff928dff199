/** `holdfast rollback`: scripts, snapshots, times, orders, and rollbacks themselves. */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";
import { submit } from "./order-fixture.ts";

let tree: TestTree;
const at = (path: string) => join(tree.root, path);
interface Went {
  run: string | null;
  changed: string[];
  skipped: { path: string }[];
  accepted: string[];
  snapshotBefore: string | null;
}
const rollback = (...args: string[]) => tree.run(["rollback", ...args]);
const went = (...args: string[]) => rollback(...args, "--json").json<Went>();
const isHealthy = () => tree.run(["check"]).code === 0;

beforeAll(() => {
  tree = makeTree({ init: ["--orders"] });
  tree.write("agents/x/run.sh", "one\n", 0o755);
  tree.write("docs/d.md", "one\n");
  expect(tree.run(["protect", "agents/x", "--name", "x"]).code).toBe(0);
});
afterAll(() => tree?.end());

describe("to a snapshot, a point, a time", () => {
  it("everything is as it was but what is protected, and that is said; the way back is one command", () => {
    const { id } = tree.run(["snapshot", "--json"]).json<{ id: string }>();
    tree.write("docs/d.md", "two\n");
    tree.write("docs/new.md", "new\n");
    tree.write("agents/x/run.sh", "two\n", 0o755);
    const planned = went(id, "--dry-run");
    expect(planned).toMatchObject({ run: null, changed: ["docs/d.md", "docs/new.md"] });
    expect(tree.read("docs/d.md")).toBe("two\n");
    const ran = rollback(id);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("⚠️  Protected components will NOT be rolled back:\n  - agents/x\n");
    expect(ran.out).toContain("Add --force to rollback everything (including protected)");
    expect(ran.out).toContain("SKIP: agents/x (protected)");
    expect([tree.read("docs/d.md"), existsSync(at("docs/new.md")), tree.read("agents/x/run.sh")]).toEqual([
      "one\n",
      false,
      "two\n",
    ]);
    const run = /holdfast rollback (R-[0-9a-f]+)/.exec(ran.out)![1]!;
    expect(went(run).changed).toEqual(["docs/d.md", "docs/new.md"]);
    expect([tree.read("docs/d.md"), tree.read("docs/new.md")]).toEqual(["two\n", "new\n"]);
    tree.write("agents/x/run.sh", "one\n", 0o755);
  });

  it("a component alone is refused without force, and with it that state is the accepted one", () => {
    tree.run(["snapshot"]);
    const point = new Date().toISOString();
    tree.write("agents/x/run.sh", "three\n", 0o755);
    tree.write("docs/d.md", "three\n");
    tree.run(["accept", "x"]);
    const refused = rollback("--to", point, "x");
    expect([refused.code, refused.out]).toEqual([3, ""]);
    expect(refused.err).toContain("ROLLBACK_PROTECTED");
    expect(went("--to", point, "x", "--force")).toMatchObject({ changed: ["agents/x/run.sh"], skipped: [] });
    expect([tree.read("agents/x/run.sh"), tree.read("docs/d.md"), isHealthy()]).toEqual(["one\n", "three\n", true]);
    expect(rollback("--to", "yesterday 01:50").code).toBe(4);
    expect(rollback("--to", "whenever").code).toBe(2);
    expect(rollback("--to", point, "no-such").code).toBe(4);
  });

  it("leaves the files alone that Holdfast itself keeps in the tree", () => {
    const before = tree.run(["snapshot", "--json"]).json<{ id: string }>().id;
    submit(tree, { id: "WO-LATER", title: "later", files: [{ path: "srv/x", content: "x" }] }, "--wait");
    const { changed } = went(before, "--dry-run");
    expect(changed.filter((path) => /^(g|bridge|mls)\//.test(path))).toEqual([]);
    expect(existsSync(at("g/followup/state/WO-LATER.json"))).toBe(true);
  });
});

describe("of an order", () => {
  const ORDER = { id: "WO-1", title: "one", files: [{ path: "srv/a/run.sh", content: "a\n", mode: "755" }] };

  it("needs force, for what it left is accepted; then exactly its effects are gone, and come back", () => {
    tree.write("docs/d.md", "before\n");
    submit(tree, { ...ORDER, files: [...ORDER.files, { path: "docs/d.md", content: "by order\n" }] }, "--wait");
    const refused = rollback("WO-1");
    expect(refused.code).toBe(3);
    expect(refused.err).toContain("docs/d.md and 2 more is protected");
    const undone = went("WO-1", "--force");
    expect(undone.changed).toEqual(["docs/d.md", "srv/a", "srv/a/run.sh"]);
    expect([tree.read("docs/d.md"), existsSync(at("srv/a")), isHealthy()]).toEqual(["before\n", false, true]);
    expect(went(undone.run!).accepted).toEqual(undone.accepted);
    expect([tree.read("docs/d.md"), tree.read("srv/a/run.sh"), isHealthy()]).toEqual(["by order\n", "a\n", true]);
    rmSync(at("srv/a"), { recursive: true });
    expect(isHealthy()).toBe(false);
    tree.run(["repair", "accepted"]);
  });

  it("is refused where a later change overlaps, which is named", () => {
    submit(tree, { id: "WO-2", title: "two", files: [{ path: "srv/b", content: "two\n" }] }, "--wait");
    submit(tree, { id: "WO-3", title: "three", files: [{ path: "srv/b", content: "three\n" }] }, "--wait");
    const refused = rollback("WO-2", "--force");
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/srv\/b was changed by WO-3 at .*ROLLBACK_OVERLAPS/);
    expect(tree.read("srv/b")).toBe("three\n");
    submit(tree, { id: "WO-4", title: "four", files: [{ path: "srv/c/made", content: "m\n" }] }, "--wait");
    tree.write("srv/c/theirs", "theirs\n");
    expect(rollback("WO-4", "--force").err).toContain("srv/c/theirs was changed by");
    expect(existsSync(at("srv/c/made"))).toBe(true);
  });

  it("that never was, or left nothing, is said", () => {
    expect(rollback("WO-NEVER")).toMatchObject({ code: 4 });
    submit(tree, { ...ORDER, id: "WO-NOT", tests: [{ name: "no", command: "false" }] }, "--wait");
    expect(rollback("WO-NOT")).toMatchObject({ code: 5 });
  });
});

describe("a script", () => {
  beforeAll(() => {
    tree.write("tools/rollback_night.sh", 'echo "rolling $1"; rm -rf agents docs/plain.md; exit 7\n');
    tree.write("docs/plain.md", "doc\n");
  });

  it("has its arguments and its exit code, and takes nothing that is protected", () => {
    const ran = rollback("tools/rollback_night.sh", "--", "now");
    expect(ran).toMatchObject({ code: 7 });
    expect(ran.err).toContain("⚠️  Protected components will NOT be rolled back:\n  - agents/x\n");
    expect(ran.out).toBe("rolling now\nSKIP: agents/x (protected)\n");
    expect([tree.read("agents/x/run.sh"), existsSync(at("docs/plain.md"))]).toEqual(["one\n", false]);
    const history = tree.run(["history", "--json"]).json<{ records: { event: string; data: { log: string } }[] }>();
    const [record] = history.records.filter(({ event }) => event === "rollback.completed").slice(-1);
    expect(record!.data.log).toMatch(`${tree.root}/logs/rollback_night_`);
    expect(readFileSync(record!.data.log, "utf8")).toContain("SKIP: agents/x/run.sh (protected): put back");
    const telemetry = tree.read("g/telemetry/unified.jsonl").trim().split("\n").slice(-3);
    expect(telemetry.map((line) => JSON.parse(line) as object)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ agent: "rollback", event: "rollback_started" }),
        expect.objectContaining({ agent: "rollback", event: "rollback_completed", ok: true }),
      ]),
    );
  });

  it("runs only when what must pass before has passed", () => {
    const config = tree.read("holdfast.yaml");
    tree.write("holdfast.yaml", `${config}\nrollback: { before: ["test -e allowed", "echo checked"] }\n`);
    expect(tree.run(["accept", "holdfast.yaml"]).code).toBe(0);
    tree.write("docs/plain.md", "doc\n");
    const refused = rollback("tools/rollback_night.sh");
    expect([refused.code, refused.out, existsSync(at("docs/plain.md"))]).toEqual([1, "", true]);
    expect(refused.err).toContain("`test -e allowed`: exit 1; nothing was changed");
    expect(rollback("V1")).toMatchObject({ code: 1, out: "" });
    expect(rollback("V1", "--dry-run")).toMatchObject({ code: 0 });
    tree.write("allowed", "");
    expect(rollback("tools/rollback_night.sh").code).toBe(7);
  });

  it("is not forced by an agent", () => {
    const env = { CODEX_SANDBOX: "1" };
    for (const target of [["tools/rollback_night.sh"], ["WO-1"], ["--to", "1s"]])
      expect(tree.run(["rollback", ...target, "--force"], { env })).toMatchObject({ code: 3, out: "" });
    expect(existsSync(at("agents/x/run.sh"))).toBe(true);
  });
});
