/** `rollback scan` and `rollback adopt`: what a script would do, and how it is made to do no harm. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeTree, type TestTree } from "./holdfast.ts";

/** The pattern of the spec, with the ways in which such scripts find their tree. */
const SCRIPT = `#!/usr/bin/env bash
set -euo pipefail

PROTECTED=(
  "agents/x"
  "g/state"   # follow-up
)
ROOT="$(cd "$(dirname "\${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
echo "rolling back with rm -rf agents/x in a message only" >/dev/null
for item in "\${PROTECTED[@]}"; do
  rm -rf "$ROOT/$item"
done
if [ -n "\${BACKUP:-}" ]; then cp -R "$BACKUP/." docs/; fi
echo "done $*"
`;

let tree: TestTree;
const at = (path: string) => join(tree.root, path);
const sum = (path: string) =>
  createHash("sha256")
    .update(readFileSync(at(path)))
    .digest("hex");
interface Scanned {
  adopted: boolean;
  understood: boolean;
  operations: { line: number; command: string; effects: string[]; paths: (string | null)[] }[];
  components: { name: string; files: number; sure: boolean }[];
  unresolved: string[];
}
const scan = (...scripts: string[]) =>
  tree.run(["rollback", "scan", ...scripts, "--json"]).json<{ scripts: Scanned[] }>().scripts;

beforeAll(() => {
  tree = makeTree();
  tree.write("agents/x/run.sh", "one\n", 0o755);
  tree.write("g/state/a.json", "{}\n");
  tree.write("docs/d.md", "d\n");
  tree.write("tools/rollback_x.sh", SCRIPT, 0o754);
  tree.run(["protect", "agents/x", "--name", "x"]);
  tree.run(["protect", "g/state", "--name", "state"]);
});
afterAll(() => tree?.end());

it("scan tells a script's destructive commands, their paths, the components in reach, and what hides", () => {
  const [scanned] = scan("tools/rollback_x.sh");
  expect(scanned).toEqual({
    script: "tools/rollback_x.sh",
    adopted: false,
    understood: true,
    operations: [
      {
        line: 12,
        command: `rm -rf ${tree.root}/agents/x ${tree.root}/g/state`,
        effects: ["delete"],
        paths: ["agents/x", "g/state"],
        understood: true,
      },
      expect.objectContaining({ line: 14, command: "cp -R '…/.' docs/", paths: ["docs"] }),
    ],
    components: [
      { name: "x", files: 1, sure: true },
      { name: "state", files: 1, sure: true },
    ],
    unresolved: [],
  });
  const shown = tree.run(["rollback", "tools/rollback_x.sh", "--dry-run"]).out;
  expect(shown).toContain("takes x: 1 protected file");
  expect(tree.read("g/state/a.json")).toBe("{}\n");
});

it("scan says of what it cannot read that it can do more", () => {
  tree.write("tools/a.py", "import shutil\n");
  tree.write("tools/b.sh", '#!/bin/sh\nmake clean\nrm -rf "$WHERE/agents" $1\n');
  tree.write("tools/c.sh", "#!/bin/sh\nls; git status\n");
  const [python, unclear, harmless] = scan("tools/a.py", "tools/b.sh", "tools/c.sh");
  expect([python!.understood, unclear!.understood, harmless!.understood]).toEqual([false, false, true]);
  expect(unclear).toMatchObject({ unresolved: ["WHERE"] });
  expect(unclear!.components.every(({ sure }) => !sure)).toBe(true);
  expect(harmless!.operations).toEqual([]);
  expect(tree.run(["rollback", "scan", "tools/none.sh"]).code).toBe(4);
});

it("adopting adds one line, once, keeps the mode, and is taken back byte for byte", () => {
  const before = sum("tools/rollback_x.sh");
  const adopt = (...args: string[]) =>
    tree.run(["rollback", "adopt", ...args, "--json"]).json<{ scripts: { changed: boolean }[] }>().scripts;
  expect(adopt("tools/rollback_x.sh")).toEqual([{ script: "tools/rollback_x.sh", changed: true }]);
  expect(adopt("tools/rollback_x.sh")).toEqual([{ script: "tools/rollback_x.sh", changed: false }]);
  expect(scan("tools/rollback_x.sh")[0]!.adopted).toBe(true);
  expect(lstatSync(at("tools/rollback_x.sh")).mode & 0o777).toBe(0o754);
  expect(tree.read("tools/rollback_x.sh").split("\n").length).toBe(SCRIPT.split("\n").length + 1);
  expect(tree.run(["check"]).code).toBe(0);
  expect(adopt("--remove", "tools/rollback_x.sh")).toEqual([{ script: "tools/rollback_x.sh", changed: true }]);
  expect(sum("tools/rollback_x.sh")).toBe(before);
  expect(
    tree
      .run(["check", "--json"])
      .json<{ components: { name: string }[] }>()
      .components.map(({ name }) => name),
  ).toEqual(["x", "state"]);
});

it("a script of which the line was taken out is missing it, and gets it back", () => {
  tree.run(["rollback", "adopt", "tools/rollback_x.sh"]);
  const adopted = tree.read("tools/rollback_x.sh");
  tree.write("tools/rollback_x.sh", SCRIPT, 0o754);
  expect(tree.run(["check"]).code).toBe(1);
  expect(tree.run(["repair", "tools/rollback_x.sh"]).code).toBe(0);
  expect(tree.read("tools/rollback_x.sh")).toBe(adopted);
});

it("an adopted script does its own work, and gives what is protected back, with another tree around the caller too", () => {
  const other = makeTree();
  const ran = spawnSync(at("tools/rollback_x.sh"), ["a", "b c"], {
    cwd: other.root,
    env: { BACKUP: at("tools"), PATH: process.env["PATH"] },
    encoding: "utf8",
  });
  other.end();
  expect([ran.status, ran.stdout]).toEqual([0, "done a b c\nSKIP: agents/x (protected)\nSKIP: g/state (protected)\n"]);
  expect([tree.read("agents/x/run.sh"), tree.read("g/state/a.json")]).toEqual(["one\n", "{}\n"]);
  expect(tree.read("docs/rollback_x.sh")).toBe(tree.read("tools/rollback_x.sh"));
});

it("an agent does not force it, and without Holdfast it runs nothing", () => {
  const env = { ...tree.environment, CLAUDECODE: "1" };
  const forced = spawnSync(at("tools/rollback_x.sh"), ["--force"], { env, encoding: "utf8" });
  expect([forced.status, forced.stdout]).toEqual([3, ""]);
  rmSync(join(tree.home, "bin/holdfast"));
  const bare = spawnSync(at("tools/rollback_x.sh"), [], { env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" });
  expect([bare.status, bare.stdout]).toEqual([3, ""]);
  expect(tree.read("agents/x/run.sh")).toBe("one\n");
});

it.each([
  ["tools/a.py", "#!/usr/bin/env python3\n", "python3 is no shell"],
  ["tools/dos.sh", "#!/bin/sh\r\nls\r\n", "carriage return"],
  ["docs/d.md", "text\n", "names no shell"],
  ["tools", null, "is no file"],
])("%s is not adopted", (path, text, why) => {
  if (text !== null) tree.write(path, text);
  const ran = tree.run(["rollback", "adopt", path]);
  expect(ran.code).toBe(5);
  expect(ran.err).toContain(why);
  if (text !== null) expect(tree.read(path)).toBe(text);
});
