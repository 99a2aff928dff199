import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engine } from "./engine.ts";
import { openInbox, type Scanned } from "./inbox.ts";
import type { OrderWorld } from "./world.ts";
import { makeTestTree, type TestTree } from "./world-fixture.ts";

let tree: TestTree;
beforeEach(() => {
  tree = makeTestTree();
});
afterEach(() => tree.end());

it("takes", async () => {
  const world = tree.open();
  const engine = new Engine(world, () => undefined);
  mkdirSync(tree.place("bridge/inbox/CLC"), { recursive: true });
  writeFileSync(
    tree.place("bridge/inbox/CLC/a.yaml"),
    "wo_id: WO-1\ntitle: T\nfiles:\n  - path: x.txt\n    content: hello\n",
  );
  const inbox = openInbox(world, engine);
  const all: Scanned[] = [];
  for (let i = 0; i < 50; i++) {
    const s = await inbox.scan();
    all.push(s);
    if (!s.waiting) break;
    await world.ports.clock.sleep(inbox.settleMs());
  }
  await engine.drained();
  console.log(
    JSON.stringify(all.map((s) => [s.taken, s.setAside, s.waiting])),
    tree.names("bridge/archive/CLC"),
    world.book.row("WO-1")?.stage,
    inbox.trouble,
  );
  expect(tree.text("x.txt")).toBe("hello");
});
