/** The help of every verb, as it is printed. `vitest -u` after a change that is meant; read the difference. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { CATALOG } from "../../src/operations/index.ts";
import { makeTree, type TestTree } from "./holdfast.ts";

let tree: TestTree;
beforeAll(() => {
  tree = makeTree({ init: null, git: false });
});
afterAll(() => tree?.end());

it("shows the verbs of the first minute first, then the rest by area", () => {
  const { code, out, err } = tree.run(["--help"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out.replace(/^holdfast \S+/, "holdfast <version>:")).toMatchSnapshot();
  expect(tree.run([]).out).toBe(out);
  expect(tree.run(["help"]).out).toBe(out);
  expect(tree.run(["-h"]).out).toBe(out);
});

it.each(CATALOG.map(({ name }) => name))("%s --help: what it does, its options, an example", (name) => {
  const { code, out, err } = tree.run([...name.split(" "), "--help"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`Usage: holdfast ${name}`);
  expect(out).toContain(`  $ holdfast ${name}`);
  expect(out).toMatchSnapshot();
});
