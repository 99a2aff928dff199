/** The order that the specification is about, as a user sends it: accepted with everything that follows, or the tree as before. */

import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";
import {
  allowCommands,
  configure,
  drop,
  events,
  filesIn,
  listing,
  PROCESSORS,
  rebuildOrder,
  show,
  submit,
  telemetry,
  type View,
} from "./order-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTree({ init: ["--orders"] });
});
afterEach(() => tree.end());

const ID = "WO-20251113-WO-PIPELINE-REBUILD";

function expectRebuilt(): void {
  for (const path of PROCESSORS) {
    expect(statSync(join(tree.root, path)).mode & 0o7777).toBe(0o755);
    expect(tree.read(path)).toBe(
      `#!/usr/bin/env zsh\n# ${path.split("/").at(-1)} at $(date)\nset -euo pipefail\nprint "ok"\n`,
    );
  }
  expect(lstatSync(join(tree.root, "state/followup")).isDirectory()).toBe(true);
  const view = show(tree, ID);
  expect(view).toMatchObject({ id: ID, status: "done", stage: "accepted", attempts: 1, error: null });
  expect(view.paths).toEqual(expect.arrayContaining([...PROCESSORS, "state/followup"]));
  expect(view.tests.filter(({ ok }) => !ok)).toEqual([]);
  expect(view.tests.map(({ name }) => name)).toEqual(expect.arrayContaining(["runs", "state directory"]));

  const state = JSON.parse(tree.read(`g/followup/state/${ID}.json`)) as { meta: object };
  expect(state).toMatchObject({
    id: ID,
    title: "Rebuild the pipeline",
    owner: "CLC",
    category: "apply_patch",
    priority: "High",
    status: "done",
    due_date: "2025-11-14",
    goal: "pipeline back",
    progress: 100,
    tags: ["pipeline", "rebuild"],
    notes: "from the spec",
    last_error: null,
    source: "work_order",
  });
  expect(Object.keys(state).sort()).toEqual(
    "id title summary description owner category priority status created_at updated_at due_date goal progress tags notes last_error source meta"
      .split(" ")
      .sort(),
  );
  expect(state.meta).toMatchObject({ stage: "accepted", attempts: 1, extra: { migration_window: "tonight" } });
  expect(Object.keys(state.meta)).toEqual(
    expect.arrayContaining(
      "stage state_schema_version inbox_path raw_filename executor age_hours age_days is_stale attempts snapshot ledger_seq paths extra".split(
        " ",
      ),
    ),
  );
  const lines = telemetry(tree).filter(({ wo }) => wo === ID);
  expect(lines.map(({ event }) => event)).toEqual(
    expect.arrayContaining(["wo_received", "wo_started", "wo_completed"]),
  );
  expect(events(tree, ID)).toEqual(expect.arrayContaining(["wo.received", "wo.planned", "wo.accepted"]));
  const followup = JSON.parse(tree.read("apps/dashboard/data/followup.json")) as { items: { id: string }[] };
  expect(followup.items).toMatchObject([{ id: ID, status: "done", progress: 100, priority: "High" }]);
}

it("accepts the spec's rebuild when it is submitted: files, exec bits, state, telemetry, ledger, dashboard", () => {
  const ran = submit(tree, rebuildOrder(ID), "--agent", "CLC", "--wait");
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  expectRebuilt();
  const ack = JSON.parse(tree.read(`bridge/outbox/CLC/${ID}.ack.json`)) as object;
  expect(ack).toMatchObject({ wo_id: ID, status: "success", stage: "accepted", error: null });
  expect(tree.run(["components", "--json"]).json()).toMatchObject({ components: [{ name: "accepted", drift: [] }] });
});

it("accepts the same order dropped into an inbox where commands are allowed, and archives the original", () => {
  configure(tree, allowCommands);
  drop(tree, "CLC", `${ID}.yaml`, rebuildOrder(ID));
  const ran = tree.run(["up", "--once", "--json"]);
  expect(ran.err).toBe("");
  expect(ran.json()).toMatchObject({ taken: [ID], setAside: [], orders: { done: 1, failed: 0 } });
  expectRebuilt();
  expect(filesIn(tree, "bridge/inbox/CLC")).toEqual([]);
  const [day, archived] = filesIn(tree, "bridge/archive/CLC");
  expect(archived).toBe(`${day}/${ID}.yaml`);
  expect(tree.read(`bridge/archive/CLC/${archived}`)).toBe(rebuildOrder(ID));
  const ack = JSON.parse(tree.read(`bridge/outbox/CLC/${ID}.ack.json`)) as object;
  expect(Object.keys(ack)).toEqual(
    expect.arrayContaining(["wo_id", "status", "stage", "result", "error", "summary", "completed_at"]),
  );
  const state = JSON.parse(tree.read(`g/followup/state/${ID}.json`)) as { meta: object };
  expect(state.meta).toMatchObject({ raw_filename: `${ID}.yaml`, inbox_path: `bridge/inbox/CLC/${ID}.yaml` });
});

it("leaves the tree byte for byte as before when one test fails, and the state names the test with its output", () => {
  tree.write(PROCESSORS[0], "#!/bin/sh\necho the one before\n", 0o700);
  tree.write("tools/notes.txt", "mine\n");
  const before = listing(tree);
  const ran = submit(tree, rebuildOrder(ID, "echo what went wrong; exit 3"), "--wait");
  expect(ran.code).toBe(1);
  expect(ran.json()).toMatchObject({
    status: "failed",
    stage: "undone",
    error: { code: "WO_VERIFY_FAILED", message: expect.stringContaining("state directory") },
  });
  expect(listing(tree)).toEqual(before);
  const failed = show(tree, ID).tests.find(({ name }) => name === "state directory");
  expect(failed).toMatchObject({ ok: false, output: expect.stringContaining("what went wrong") });
  const state = JSON.parse(tree.read(`g/followup/state/${ID}.json`)) as Record<string, unknown>;
  expect(state).toMatchObject({ status: "failed", meta: { stage: "undone" } });
  expect(String(state["last_error"])).toContain("state directory");
  expect(JSON.stringify(state)).toContain("what went wrong");
  const lines = telemetry(tree).filter(({ wo }) => wo === ID);
  expect(lines.at(-1)).toMatchObject({ event: "wo_failed", ok: false });
  const shown = tree.run(["wo", "show", ID]);
  expect(shown.code).toBe(1);
  expect(shown.out).toContain("✗ state directory");
  expect(shown.out).toContain("what went wrong");
  // The same order with its test mended is a new attempt, and goes through.
  expect(submit(tree, rebuildOrder(ID), "--wait").json()).toMatchObject({ stage: "accepted", attempts: 2 });
});

it("undoes what a failing test's order wrote, removed, moved and made executable, and the folders that it made", () => {
  tree.write("keep/a", "a\n");
  tree.write("keep/b", "b\n", 0o640);
  tree.write("gone/deep/c", "c\n");
  const before = listing(tree);
  const { error } = submit(
    tree,
    {
      id: "WO-ALL-KINDS",
      operations: [
        { op: "write", path: "new/deep/er/file", content: "x" },
        { op: "append", path: "keep/a", content: "more\n" },
        { op: "chmod", path: "keep/b", mode: "0755" },
        { op: "delete", path: "gone/deep/c" },
        { op: "move", path: "keep/b", to: "moved/b" },
        { op: "symlink", path: "link", target: "keep/a" },
        { op: "mkdir", path: "empty/dir" },
      ],
      tests: [{ name: "no", command: "false" }],
    },
    "--wait",
  ).json<View>();
  expect(error).toMatchObject({ code: "WO_VERIFY_FAILED" });
  expect(listing(tree)).toEqual(before);
});
