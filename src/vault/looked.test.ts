/** What a second thread finds of a tree is what this one would have found. */

import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realDisk, realPorts } from "../platform/index.ts";
import type { FolderPath, WalkedName } from "../tree/index.ts";
import { Looked, lookJob } from "./looked.ts";
import type { PackedFolder } from "./packed-folder.ts";
import type { Signatures } from "./signatures.ts";
import { loadSignatures } from "./signatures-file.ts";
import { makeWorld, type World } from "./vault-fixture.ts";

let world: World;
let signatures: Signatures;
const disk = realDisk();
const FOLDERS = ["", "a", "a/deep", "b", "empty"] as FolderPath[];

beforeEach(async () => {
  const ports = realPorts();
  // An hour ahead of the disk: no signature is doubtful.
  world = makeWorld({ ports: { ...ports, clock: { ...ports.clock, now: () => Date.now() + 3_600_000 } } });
  for (const folder of FOLDERS.slice(1)) mkdirSync(at(folder));
  for (const file of ["top", "a/one", "a/two", "a/deep/one", "b/one"]) writeFileSync(at(file), file);
  symlinkSync("one", at("b/link"));
  await world.vault.remember({});
  signatures = loadSignatures(world.tree.state.signatures, disk)!;
});
afterEach(() => world.end());

test("a tree that has not moved is found so, folder by folder, with the folders in it", () => {
  expect(byBoth()).toEqual({ "": ["a", "b", "empty"], a: ["a/deep"], "a/deep": [], b: [], empty: [] });
});

test("every change is found, in its folder alone", () => {
  const changes: [string, () => void][] = [
    ["a", () => appendFileSync(at("a/two"), "more")],
    ["a/deep", () => rmSync(at("a/deep/one"))],
    ["b", () => chmodSync(at("b/one"), 0o700)],
    ["", () => chmodSync(at("empty"), 0o700)],
    ["a", () => linkSync(at("a/one"), at("b/further-name"))],
    ["b", () => renameSync(at("a/two"), at("b/link"))],
  ];
  for (const [folder, change] of changes) {
    change();
    expect(byBoth()[folder], folder).toBe(null);
  }
});

test("what was stopped, or is somebody else's to look at, is looked at here", () => {
  const looked = newLooked();
  looked.stop();
  lookJob(jobFor(looked), disk);
  rmSync(at("a/one"));
  expect(namesIn(looked, "a")).toBe(null);
  expect(namesIn(looked, "a/deep")).toEqual([]);
});

test("a real thread does the job, and says what went wrong with another", async () => {
  const { threads } = realPorts();
  const looked = newLooked();
  const first = threads.start("look", jobFor(looked));
  expect(threads.start("look", jobFor(looked)), "one at a time").toBe(null);
  expect(await first).toBe(null);
  rmSync(at("a/one"));
  expect(namesIn(looked, "a"), "it was looked at before").toEqual(["a/deep"]);
  await expect(threads.start("no such job" as "look", jobFor(looked))).rejects.toThrow(TypeError);
});

/** Throws where the two do not agree. */
function byBoth(): Record<string, string[] | null> {
  const byOther = newLooked();
  lookJob(jobFor(byOther), disk);
  const alone = newLooked();
  const found: Record<string, string[] | null> = {};
  for (const folder of FOLDERS) {
    const [other, own] = [unmoved(byOther, folder), unmoved(alone, folder)];
    expect(other).toEqual(own);
    found[folder] = own?.map(({ path }) => path) ?? null;
  }
  return found;
}

function newLooked(): Looked {
  const { folders, columns } = signatures.file!;
  return new Looked({ folders: folders.length / 6, names: columns.sizes.length });
}

function jobFor({ memory }: Looked) {
  const bytes = signatures.file!.bytes.buffer as SharedArrayBuffer;
  return { root: world.root, signatures: bytes, found: memory };
}

function unmoved(looked: Looked, path: FolderPath): readonly WalkedName[] | null {
  return looked.unmoved(signatures.folders.get(path) as PackedFolder, { path, root: world.root, disk });
}

function namesIn(looked: Looked, folder: string): string[] | null {
  return unmoved(looked, folder as FolderPath)?.map(({ path }) => path) ?? null;
}

function at(path: string): string {
  return join(world.root, path);
}
