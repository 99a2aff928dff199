/**
 * Work that nobody committed and nobody protected: edited, settled, destroyed in each way, and brought back by `restore` exactly as it
 * last was, tracked or not, ignored or not.
 */

import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeTree, type TestTree, until } from "../cli/holdfast.ts";

let tree: TestTree;
let database: DatabaseSync;

beforeAll(async () => {
  tree = makeTree();
  shell(
    "git config user.name T; git config user.email t@example.org; echo '.env*' > .gitignore; git add -A; git commit -qm first",
  );
  await tree.up();
  const id = readdirSync(tree.home).find((name) => readdirSync(join(tree.home, name)).includes("holdfast.db"));
  database = new DatabaseSync(join(tree.home, id!, "holdfast.db"), { readOnly: true });
});
afterAll(() => {
  database.close();
  tree.end();
});

/** Without a terminal and without a mark, as a script. */
function shell(text: string, variables: Record<string, string> = {}): void {
  spawnSync("sh", ["-c", text], { cwd: tree.root, env: { ...tree.environment, ...variables } });
}

/** The number and the size of what was last remembered of a path. */
function latest(path: string): { number: number; size: number } {
  const row = database
    .prepare("SELECT number, size_bytes AS size FROM vault_version WHERE path = ? ORDER BY number DESC LIMIT 1")
    .get(path);
  return (row as { number: number; size: number } | undefined) ?? { number: 0, size: -1 };
}

const V1 = "#!/bin/sh\necho one\n";
const V2 = "#!/bin/sh\necho two, and more\n";

/** `$f`: the file; `$old`: an older copy of it, outside. */
const WAYS: readonly [way: string, command: string, kinds: readonly ("tracked" | "untracked" | "ignored")[]][] = [
  ["git reset --hard", "git reset -q --hard", ["tracked"]],
  ["git checkout -- path", "git checkout -q -- $f", ["tracked"]],
  ["git restore .", "git restore .", ["tracked"]],
  ["git checkout-index -fa", "git checkout-index -fa", ["tracked"]],
  ["git stash, dropped", "git stash -q; git stash drop -q", ["tracked"]],
  ["git stash -u, dropped", "git stash -qu; git stash drop -q", ["untracked"]],
  ["git clean -fd", "git clean -qfd", ["untracked"]],
  ["git clean -fdx", "git clean -qfdx", ["untracked", "ignored"]],
  ["rm", "rm -f $f", ["tracked", "untracked", "ignored"]],
  ["mv over it", "cp $old $f.new; mv $f.new $f", ["tracked", "untracked", "ignored"]],
  ["rsync of an older copy", "rsync -a --ignore-times $old $f", ["tracked", "untracked", "ignored"]],
  ["cp of an older copy", "cp $old $f", ["tracked", "untracked", "ignored"]],
  ["truncate", "truncate -s0 $f", ["tracked", "untracked", "ignored"]],
  ["sed -i", "sed -i d $f", ["tracked", "ignored"]],
  ["dd", "dd if=/dev/zero of=$f bs=1 count=5 2>&-", ["untracked", "ignored"]],
  ["a link in its place", "ln -sf /etc/hosts $f", ["tracked", "untracked", "ignored"]],
  ["chmod -x", "chmod -x $f", ["tracked", "untracked"]],
];

const CASES = WAYS.flatMap(([way, command, kinds]) => kinds.map((kind) => [way, kind, command] as const));

it.each(CASES)("%s: %s work comes back as it last was", async (way, kind, command) => {
  const folder = way.replace(/[^a-z]+/g, "-");
  const path = kind === "ignored" ? `${folder}/.env.${kind}` : `${folder}/${kind}.sh`;
  const old = join(tree.base, "old.sh");
  tree.write(path, V1, 0o755);
  shell(`cp -p ${path} ${old}`);
  if (kind === "tracked") shell(`git add ${path}; git commit -qm ${kind}`);
  await until("the first version is remembered", () => latest(path).size === V1.length);
  tree.write(path, V2);
  await until("the last version is remembered", () => latest(path).size === V2.length);
  const { number } = latest(path);
  shell(command, { f: path, old });
  await until("the damage is remembered", () => latest(path).number > number);
  expect(tree.run(["restore", path])).toMatchObject({ code: 0 });
  expect(readFileSync(join(tree.root, path), "utf8")).toBe(V2);
  expect(lstatSync(join(tree.root, path)).mode & 0o111).toBe(0o111);
  expect(tree.run(["restore", path, "--json"]).json()).toMatchObject({ restored: [] });
});
