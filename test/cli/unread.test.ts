/** A daemon whose output nobody reads – a stopped terminal, a pager, a full pipe – guards on, and ends when it is asked to. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ended, makeTree, until } from "./holdfast.ts";

it("goes on guarding while nobody reads what it says, and ends in good order", async () => {
  const tree = makeTree({ init: ["--orders"] });
  try {
    tree.write("tools/run.sh", "#!/bin/sh\n", 0o755);
    expect(tree.run(["protect", "tools"]).code).toBe(0);
    const daemon = await tree.up();
    daemon.stdout!.pause();
    // More than a pipe holds (64 KiB on Linux), at one line a record.
    for (let round = 0; round < 8; round += 1) {
      const orders = Array.from(
        { length: 60 },
        (_, n) => `wo_id: WO-${round}-${n}-${"x".repeat(60)}\nfiles: [{path: many/${round}-${n}, content: x}]\n`,
      );
      const ran = tree.run(["submit", "-", "--wait"], { input: orders.join("---\n") });
      expect([ran.code, ran.err]).toEqual([0, ""]);
    }
    rmSync(join(tree.root, "tools/run.sh"));
    await until("it is back", () => tree.names().includes("tools/run.sh"));
    daemon.kill("SIGTERM");
    await until(
      "the tree is free",
      () => tree.run(["status", "--json"]).json<{ daemon?: { running: boolean } }>().daemon?.running === false,
    );
    await ended(daemon);
    expect(tree.run(["ledger", "verify"]).code).toBe(0);
  } finally {
    tree.end();
  }
});
