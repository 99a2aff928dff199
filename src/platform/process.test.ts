import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { realProcess } from "./process.ts";

const here = realProcess();
let dir: string;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-process-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

it("finds programs on PATH, and by path", () => {
  fs.writeFileSync(join(dir, "tool"), "", { mode: 0o755 });
  fs.writeFileSync(join(dir, "text"), "", { mode: 0o644 });
  fs.mkdirSync(join(dir, "folder"));
  expect(here.which("sh")).toMatch(/^\/.*\/sh$/);
  expect(here.which("no-such-program")).toBeNull();
  expect(here.which(join(dir, "tool"))).toBe(join(dir, "tool"));
  expect(here.which(join(dir, "folder"))).toBeNull();
  expect(here.which(join(dir, "text"))).toBeNull();
});

it("knows who lives", async () => {
  const child = spawn("true");
  await new Promise((resolve) => child.once("exit", resolve));
  expect(here.isAlive(process.pid)).toBe(true);
  expect(here.isAlive(1)).toBe(true);
  expect(here.isAlive(child.pid!)).toBe(false);
});

it.runIf(process.platform === "linux")(
  "names itself and its ancestors, nearest first, with their environment's names",
  () => {
    const [self, parent] = here.ancestors();
    expect(self?.pid).toBe(process.pid);
    expect(parent?.pid).toBe(process.ppid);
    expect(parent?.envNames).toContain("PATH");
    expect(here.ancestors().at(-1)?.pid).toBe(1);
  },
);

it.runIf(process.platform === "linux")("sees who has a file open for writing, under any of its names", () => {
  const file = join(dir, "file");
  fs.writeFileSync(file, "");
  fs.linkSync(file, join(dir, "twin"));
  expect(here.isOpenForWriting(file)).toBe(false);
  const reader = fs.openSync(file, "r");
  expect(here.isOpenForWriting(file)).toBe(false);
  const writer = fs.openSync(file, "a");
  expect(here.isOpenForWriting(join(dir, "twin"))).toBe(true);
  fs.closeSync(writer);
  fs.closeSync(reader);
  expect(here.isOpenForWriting(file)).toBe(false);
  expect(here.isOpenForWriting(join(dir, "none"))).toBeNull();
});
