import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyTree, filesOf, referenceTree } from "./reference-tree.ts";
import { TreeChanges } from "./tree-changes.ts";

const FILES = 300;
let base: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
};
const build = () => referenceTree({ cache: base, packages: join(base, "packages"), files: FILES });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "holdfast-bench-test-"));
  for (let index = 0; index < 40; index++) write(`packages/p${index}/lib/index.js`, `exports.n = ${index};\n`);
  write("packages/p0/node_modules/inner/dist/main.js", "inner\n");
  write("packages/p0/node_modules/.bin-notes", "the tool's own\n");
  write("packages/p0/.gitignore", "lib\n");
  write("packages/p0/debug.log", "log\n");
  write("packages/p1/run.sh", "#!/bin/sh\n");
  chmodSync(join(base, "packages/p1/run.sh"), 0o755);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test("nothing in it is left out by default or means something to git, and no two files are alike", () => {
  const { dir, files } = build();
  const paths = filesOf(dir);
  expect(paths.length).toBe(files);
  expect(files).toBe(FILES);
  expect(paths.filter((path) => /(^|\/)(node_modules|dist|\.git[^/]*|[^/]*\.log)(\/|$)/.test(path))).toEqual([]);
  expect(paths).toContain("packages-1/p0/the-node_modules/inner/the-dist/main.js");
  expect(paths.some((path) => path.includes("bin-notes"))).toBe(false);
  expect(new Set(paths.map((path) => readFileSync(join(dir, path), "utf8"))).size).toBe(files);
  expect(statSync(join(dir, "packages-2/p1/run.sh")).mode & 0o777).toBe(0o755);
});

test("it is built once, and again when it is no longer what it was", () => {
  const { dir } = build();
  const marked = join(dir, filesOf(dir)[0]!);
  const before = readFileSync(marked, "utf8");
  writeFileSync(marked, before.toUpperCase());
  build();
  expect(readFileSync(marked, "utf8")).toBe(before.toUpperCase());
  appendFileSync(marked, "one byte more");
  build();
  expect(readFileSync(marked, "utf8")).toBe(before);
});

test("each round changes the same 150 paths in every copy, and no path is deleted twice", () => {
  const { dir, files } = build();
  const copies = ["a", "b"].map((name) => join(base, name));
  for (const copy of copies) {
    copyTree(dir, copy);
    const changes = new TreeChanges(copy);
    for (let round = 0; round < 3; round++) changes.apply(round);
    expect(filesOf(copy).length).toBe(files + 3 * (30 - 20));
  }
  const [first, second] = copies.map((copy) =>
    filesOf(copy).map((path) => [path, readFileSync(join(copy, path), "utf8")]),
  );
  expect(first).toEqual(second);
  const original = new Map(filesOf(dir).map((path) => [path, readFileSync(join(dir, path), "utf8")]));
  const edited = first!.filter(([path, text]) => original.has(path!) && original.get(path!) !== text);
  expect(edited.length).toBeGreaterThan(100);
});
