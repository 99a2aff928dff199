/** The built daemon, stopped by a signal in the middle of its work: what happened meanwhile is found, and the gap is told. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "../cli/holdfast.ts";

const GAP_MS = 4_500;

interface Status {
  daemon: {
    eyes: { swept: { why: string } | null; blind: { fromMs: number; toMs: number; why: string } | null } | null;
  };
}

let tree: TestTree;
afterEach(() => tree.end());

const eyes = () => tree.run(["status", "--json"]).json<Status>().daemon.eyes;

it("30,000 changes while it is stopped with SIGSTOP are found by the sweep, and the stretch is told", async () => {
  tree = makeTree();
  const daemon = await tree.up();
  await until("the first sweep", () => eyes()?.swept !== null);
  const stoppedMs = Date.now();
  daemon.kill("SIGSTOP");
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(join(tree.root, `d${folder}`));
    for (let index = 0; index < 300; index += 1)
      writeFileSync(join(tree.root, `d${folder}/${index}`), `${folder}/${index}`);
  }
  // The gap has to be longer than a loaded machine's hesitation: the daemon measures it by the clock.
  await new Promise((again) => setTimeout(again, Math.max(0, GAP_MS - (Date.now() - stoppedMs))));
  daemon.kill("SIGCONT");
  const goesOnMs = Date.now();
  await until("the sweep after the gap", () => (eyes()?.blind ?? null) !== null, 60_000);
  const blind = eyes()!.blind!;
  expect(blind.fromMs).toBeLessThanOrEqual(stoppedMs + 100);
  expect(blind.toMs).toBeGreaterThanOrEqual(goesOnMs - 100);
  rmSync(join(tree.root, "d99/299"));
  await until("the deletion is noticed", () => tree.run(["restore", "d99/299"]).code === 0, 60_000);
  expect(tree.read("d99/299")).toBe("99/299");
}, 180_000);
