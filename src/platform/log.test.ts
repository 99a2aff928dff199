import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LIMITS } from "../base/index.ts";
import { openFileLog } from "./log.ts";

let dir: string;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-log-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const lines = (name: string) => fs.readFileSync(join(dir, name), "utf8").trimEnd().split("\n");

it("writes one JSON line a message, errors with their stack", async () => {
  const log = await openFileLog(dir);
  log.info("started", { port: 1 });
  log.error("failed", new Error("why"), { path: "a" });
  const [started, failed] = lines("holdfast.log").map((line) => JSON.parse(line));
  expect(started).toMatchObject({ level: 30, msg: "started", port: 1, pid: process.pid });
  expect(failed).toMatchObject({ level: 50, msg: "failed", path: "a", err: { message: "why" } });
  expect(failed.err.stack).toContain("log.test.ts");
});

it("never takes more than twice its limit, and goes on where it was", async () => {
  const text = "x".repeat(100_000);
  for (let run = 0; run < 2; run += 1) {
    const log = await openFileLog(dir);
    for (let index = 0; index < 60; index += 1) log.info(text, { index: run * 60 + index });
  }
  expect(fs.readdirSync(dir).sort()).toEqual(["holdfast.1.log", "holdfast.log"]);
  for (const name of fs.readdirSync(dir))
    expect(fs.statSync(join(dir, name)).size).toBeLessThanOrEqual(LIMITS.logSizeBytesMax);
  const newest = lines("holdfast.log").at(-1)!;
  expect(JSON.parse(newest).index).toBe(119);
});
