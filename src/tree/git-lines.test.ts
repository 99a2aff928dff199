import { expect, it } from "vitest";
import { temporaryWorld } from "../../test/temporary-world.ts";
import type { TreePath } from "../base/index.ts";
import { blobNames } from "./git-blob.ts";
import { type LineChange, linesOf, readLog } from "./git-lines.ts";

it("reads git's log, names with spaces and newlines and all", () => {
  const zero = "0".repeat(40);
  const [a, b, c, d] = ["a", "b", "c", "d"].map((letter) => letter.repeat(40)) as [string, string, string, string];
  const text = `\u0001${c} 20\0\n:100644 100644 ${a} ${b} M\0a b\0:100644 000000 ${a} ${zero} D\0x\ny\0\u0001${d} 10\0\n:000000 100644 ${zero} ${a} A\0a b\0`;
  const lines = new Map<string, LineChange[]>();
  readLog(text, lines);
  expect(lines.get("a b")).toEqual([
    { commit: c, atMs: 20_000, blob: b },
    { commit: d, atMs: 10_000, blob: a },
  ]);
  expect(lines.get("x\ny")).toEqual([{ commit: c, atMs: 20_000, blob: null }]);
});

it("a path's line is what git committed of it, newest first, under the name that git gives the content", async () => {
  const world = temporaryWorld();
  try {
    const root = world.repository("mono");
    for (const text of ["one\n", "two\n"]) {
      world.write("mono/:(glob)*", text);
      world.git(root, "add", "-A");
      world.git(root, "commit", "-q", "-m", text);
    }
    const path = ":(glob)*" as TreePath;
    const line = (await linesOf(root, [path, "README.md" as TreePath], "HEAD", world.ports)).get(path);
    expect(line?.map(({ blob }) => blob)).toEqual(
      ["two\n", "one\n"].map((text) => blobNames(Buffer.from(text), 40)[0]),
    );
  } finally {
    world.remove();
  }
});
