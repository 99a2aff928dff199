import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TreePath } from "../base/index.ts";
import { realPorts } from "../platform/index.ts";
import type { GitWorld } from "./git-answers.ts";
import { matchingHead } from "./git-head-match.ts";

let base: string;
let root: string;
let world: GitWorld;

/** The tree is a folder inside the repository. */
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-head-match-")));
  root = join(base, "inner");
  mkdirSync(root);
  git("init", "-q", "-b", "main");
  write(".gitattributes", "*.crlf text eol=crlf\n");
  for (const path of [
    "same",
    "edited",
    "gone",
    "became-link",
    "folder/below",
    "a\nnewline",
    ":(glob)*",
    "was-folder/in",
  ])
    write(path, `${path}\n`);
  write("text.crlf", "one\r\ntwo\r\n");
  write("runs", "#!/bin/sh\n", 0o755);
  write("lost-bit", "#!/bin/sh\n", 0o755);
  symlinkSync("same", join(root, "link"));
  symlinkSync("same", join(root, "other-link"));
  git("add", "-A");
  git("commit", "-q", "-m", "all");
  const ports = realPorts();
  world = { tree: { root, git: ports.git.locate(root) } as GitWorld["tree"], vault: null as never, ports };
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: base }).toString();
const at = (path: string) => join(root, path);
function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  chmodSync(at(path), mode);
}
const isMatching = async (path: string) => (await matchingHead([path as TreePath], world)).has(path);

it("what HEAD has and what stands there are the same: content, exec bit, link, names of any kind", async () => {
  const paths = ["same", "runs", "link", "folder", "folder/below", "a\nnewline", ":(glob)*", "text.crlf", "never-was"];
  expect([...(await matchingHead(paths as TreePath[], world))].sort()).toEqual([...paths].sort());
});

it("anything else is not: edited, gone, another kind, another mode, another target, not in HEAD", async () => {
  write("edited", "edited again\n");
  write("new", "new\n");
  rmSync(at("gone"));
  rmSync(at("became-link"));
  symlinkSync("same", at("became-link"));
  chmodSync(at("lost-bit"), 0o644);
  rmSync(at("other-link"));
  symlinkSync("edited", at("other-link"));
  rmSync(at("was-folder"), { recursive: true });
  write("text.crlf", "one\r\ntwo\r\nthree\r\n");
  const paths = [
    "edited",
    "new",
    "gone",
    "became-link",
    "lost-bit",
    "other-link",
    "was-folder",
    "was-folder/in",
    "text.crlf",
  ];
  expect([...(await matchingHead([...paths, "same"] as TreePath[], world))]).toEqual(["same"]);
});

it("git's index is neither locked nor written, also where only a file's times moved", async () => {
  const index = join(base, ".git/index");
  const before = { bytes: readFileSync(index), ino: statSync(index).ino };
  utimesSync(at("same"), new Date(0), new Date(0));
  expect(await isMatching("same")).toBe(true);
  expect(statSync(index).ino).toBe(before.ino);
  expect(readFileSync(index).equals(before.bytes)).toBe(true);
});
