/** The build, with a small stand-in for the source: what is shared stays shared, and a verb's code loads when it is reached. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildPackage } from "../scripts/build.ts";

const SOURCE = {
  "src/main.ts": `import { state } from "./state.ts";
    declare const HOLDFAST_VERSION: string;
    state.seen.push("main");
    async function main(verb: string | undefined) {
      if (verb) (await import("./verb.ts")).run();
      console.log(JSON.stringify({ version: HOLDFAST_VERSION, seen: state.seen, here: import.meta.filename, url: import.meta.url }));
    }
    void main(process.argv[2]);`,
  "src/worker.ts": `import { state } from "./state.ts"; import { run } from "./verb.ts"; run(); console.log(state.seen.join());`,
  "src/verb.ts": `import { parse } from "yaml"; import { state } from "./state.ts"; state.seen.push("verb loaded"); export function run() { state.seen.push(parse("a: verb ran").a); }`,
  "src/state.ts": `export const state: { seen: string[] } = { seen: [] };`,
  "package.json": `{ "name": "holdfast", "version": "7.8.9", "type": "module" }`,
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-build-"));
  symlinkSync(resolve(import.meta.dirname, "..", "node_modules"), join(root, "node_modules"));
  for (const [name, text] of Object.entries(SOURCE)) write(name, text);
});
afterEach(() => rmSync(root, { recursive: true }));

test("modules are shared singletons, and a verb's code runs only when it is asked for", async () => {
  await buildPackage(root, { clean: false });
  expect(runBuilt("main")).toMatchObject({ version: "7.8.9", seen: ["main"], here: join(root, "dist", "main.cjs") });
  expect(runBuilt("main", "verb").seen).toEqual(["main", "verb loaded", "verb ran"]);
  const main = readFileSync(join(root, "dist", "main.cjs"), "utf8");
  expect(main).not.toMatch(/\bimport\(|^import |^export /m);
});

test("every entry that exists is built, and none that does not", async () => {
  rmSync(join(root, "src", "worker.ts"));
  await buildPackage(root, { clean: false });
  expect(existsSync(join(root, "dist", "worker.cjs"))).toBe(false);
  write("src/worker.ts", SOURCE["src/worker.ts"]);
  await buildPackage(root, { clean: false });
  expect(spawnSync(process.execPath, [join(root, "dist", "worker.cjs")], { encoding: "utf8" }).stdout).toBe(
    "verb loaded,verb ran\n",
  );
});

test("the licences of what is bundled are in the package, and of nothing else", async () => {
  await buildPackage(root, { clean: false });
  const licences = readFileSync(join(root, "dist", "THIRD-PARTY-LICENSES.txt"), "utf8");
  expect(licences).toMatch(/^yaml \d+\.\d+\.\d+ – ISC\n\nCopyright Eemeli Aro/m);
  expect(licences).not.toMatch(/^(esbuild|zod) /m);
});

test("a chunk that an older build left stays for a process that has still to load it, until it is an hour old or the build is clean", async () => {
  await buildPackage(root, { clean: false });
  const before = chunks();
  write("src/verb.ts", SOURCE["src/verb.ts"].replace("verb loaded", "verb loaded anew"));
  await buildPackage(root, { clean: false });
  expect(chunks()).toEqual(expect.arrayContaining(before));
  const [stale] = before.filter((name) => name.startsWith("verb"));
  utimesSync(join(root, "dist", stale!), 0, 0);
  await buildPackage(root, { clean: false });
  expect(chunks()).not.toContain(stale);
  write("dist/left-over.cjs", "");
  await buildPackage(root, { clean: true });
  expect(chunks()).not.toContain("left-over.cjs");
  expect(runBuilt("main", "verb").seen).toContain("verb loaded anew");
});

test("source that cannot be bundled leaves the last build as it was", async () => {
  await buildPackage(root, { clean: false });
  write("src/main.ts", `import { gone } from "./missing.ts"; gone();`);
  await expect(buildPackage(root, { clean: true })).rejects.toThrow(/missing\.ts/);
  expect(runBuilt("main").seen).toEqual(["main"]);
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function chunks(): string[] {
  return readdirSync(join(root, "dist"));
}

function runBuilt(entry: string, ...args: string[]): { version: string; seen: string[]; here: string; url: string } {
  const result = spawnSync(process.execPath, [join(root, "dist", `${entry}.cjs`), ...args], { encoding: "utf8" });
  expect(result.stderr).toBe("");
  return JSON.parse(result.stdout);
}
