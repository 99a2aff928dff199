/** The hooks' verbs as a user runs them: shown first, installed, told, taken back. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";

const MINE = "[user]\n\tname = x";
let tree: TestTree;
let config: string;
const hooks = (...args: string[]) => tree.run(["hooks", ...args], { env: { GIT_CONFIG_GLOBAL: config } });

beforeEach(() => {
  tree = makeTree({ init: null, git: false });
  mkdirSync(tree.home, { recursive: true });
  config = join(tree.base, "gitconfig");
  writeFileSync(config, MINE);
});
afterEach(() => tree.end());

it("shows what it would change, and changes nothing", () => {
  const { code, out } = hooks("install", "git-trace", "--dry-run");
  expect(code).toBe(0);
  expect(out).toContain(`${config}\n  + trace2.eventTarget = ${join(tree.home, "git-trace")}`);
  expect(out).toContain("nothing was changed");
  expect(readFileSync(config, "utf8")).toBe(MINE);
});

it("installs, tells, and gives back byte for byte", () => {
  const installed = hooks("install", "git-trace", "--json").json<{ done: boolean; changes: { setting: string }[] }>();
  expect([installed.done, installed.changes.map(({ setting }) => setting)]).toEqual([
    true,
    ["trace2.eventTarget", "trace2.envVars", "trace2.maxFiles"],
  ]);
  const told = hooks("status", "--json").json<{
    hooks: { target: string; installed: boolean; problems: string[] }[];
  }>();
  expect(told.hooks.at(-1)).toMatchObject({ target: "git-trace", installed: true, problems: [] });
  expect(hooks("remove", "git-trace").code).toBe(0);
  expect(readFileSync(config, "utf8")).toBe(MINE);
  expect(existsSync(join(tree.home, "git-trace"))).toBe(false);
});

it("refuses with a hint where the trace goes elsewhere, and for a target that is none", () => {
  writeFileSync(config, "[trace2]\n\teventTarget = /var/log/git\n");
  const refused = hooks("install", "git-trace");
  expect(refused.code).toBe(3);
  expect(refused.err).toContain("git's trace goes to /var/log/git already [HOOK_CONFLICT]");
  expect(hooks("install", "nothing").code).toBe(2);
});
