/** The built daemon, killed in the middle of putting a thousand files back: the next one finishes it, once. */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "../cli/holdfast.ts";

const FILES = 1_000;

let tree: TestTree;
afterEach(() => tree.end());

/** How often each event is on record, read beside the daemon. */
function counted(events: readonly string[]): number[] {
  const folder = readdirSync(tree.home, { withFileTypes: true }).find((entry) => entry.isDirectory())!.name;
  const database = new DatabaseSync(join(tree.home, folder, "holdfast.db"), { readOnly: true });
  try {
    const count = database.prepare("SELECT count(*) AS n FROM ledger_records WHERE event = ?");
    return events.map((event) => (count.get(event) as { n: number }).n);
  } finally {
    database.close();
  }
}

function standing(): number {
  try {
    return readdirSync(join(tree.root, "tools")).filter((name) => name.startsWith("file-")).length;
  } catch {
    return 0;
  }
}

it("a thousand files, killed while they come back, are back after the restart, repaired once", async () => {
  tree = makeTree();
  for (let index = 0; index < FILES; index += 1) tree.write(`tools/file-${index}`, `content ${index}\n`);
  expect(tree.run(["protect", "tools"]).code).toBe(0);
  const [acceptedBefore] = counted(["wo.accepted"]);
  const first = await tree.up();
  await until("it guards", () => tree.run(["status", "--json"]).out.includes('"swept":{'));
  rmSync(join(tree.root, "tools"), { recursive: true });
  await until("the repair has begun", () => counted(["repair.started"])[0] === 1);
  await until("some of it is back", () => standing() > 0 || counted(["repair.completed"])[0] === 1);
  first.kill("SIGKILL");
  await ended(first);
  await tree.up();
  await until("all is back", () => counted(["repair.completed"])[0] === 1 && standing() === FILES, 60_000);
  for (const index of [0, 499, 999]) expect(tree.read(`tools/file-${index}`)).toBe(`content ${index}\n`);
  const [started, completed, failed, accepted] = counted([
    "repair.started",
    "repair.completed",
    "repair.failed",
    "wo.accepted",
  ]);
  expect([started, completed, failed]).toEqual([1, 1, 0]);
  expect(accepted! - acceptedBefore!).toBe(1);
  await until("its incident is over", () => counted(["incident.resolved"])[0] === 1);
  expect(tree.run(["check"]).code).toBe(0);
}, 180_000);
