/** `holdfast versions` and `wo show --diff`: what was there, and what an order made of it. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
beforeAll(() => {
  tree = makeTree();
});
afterAll(() => tree.end());

it("tells every state of a path, newest first, with what changed and the way back", () => {
  for (const text of ["one\n", "one\ntwo\n"]) {
    tree.write("a b.txt", text);
    expect(tree.run(["snapshot"]).code).toBe(0);
  }
  rmSync(join(tree.root, "a b.txt"));
  expect(tree.run(["snapshot"]).code).toBe(0);
  const { versions } = tree.run(["versions", "a b.txt", "--diff", "--json"]).json<{
    versions: { version: string; kind: string; diff: string | null }[];
  }>();
  expect(versions.map(({ kind }) => kind)).toEqual(["absent", "file", "file"]);
  expect(versions[1]!.diff).toContain("+two");
  expect(versions[2]!.diff).toContain("+one");
  expect(tree.run(["restore", "a b.txt", "--from", versions[2]!.version]).code).toBe(0);
  expect(tree.read("a b.txt")).toBe("one\n");
  expect(tree.run(["versions", "a b.txt"]).out).toMatch(/^V\d+ +\S+ {2}a file of 4 bytes/);
  expect(tree.run(["versions", "never.txt"]).out).toContain("nothing of never.txt is remembered");
  expect(tree.run(["versions", "../up"]).code).toBe(5);
});

it("tells what an order changed, and what one that was undone was about to", () => {
  const order = 'id: WO-D\nfiles: { c.txt: "new\\n" }\nedits: [{ path: "a b.txt", find: one, replace: three }]\n';
  expect(tree.run(["submit", "-", "--wait"], { input: order }).code).toBe(0);
  const shown = tree.run(["wo", "show", "WO-D", "--diff"]).out;
  for (const line of ["-one", "+three", "+new", "was not there"]) expect(shown).toContain(line);
  const failing = 'id: WO-F\nfiles: { d.txt: "no\\n" }\ntests: [{ name: never, command: "false" }]\n';
  expect(tree.run(["submit", "-", "--wait"], { input: failing }).code).toBe(1);
  expect(tree.run(["wo", "show", "WO-F", "--diff"]).out).toContain("+no");
  expect(tree.run(["wo", "show", "WO-D", "--json"]).json()).not.toHaveProperty("changes");
});
