/** `scripts/test-prerequisites.sh` on a machine that has nothing and cannot install anything. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = resolve(import.meta.dirname, "..", "scripts", "test-prerequisites.sh");

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "holdfast-bare-"));
  for (const program of ["dirname", "uname", "id", "ls"]) symlinkSync(`/usr/bin/${program}`, join(bin, program));
});
afterEach(() => rmSync(bin, { recursive: true }));

test("it says what is missing and which tests that skips, and goes on", () => {
  const result = run({});
  expect(result).toMatchObject({ status: 0, stdout: "" });
  expect(result.stderr).toContain(
    "missing: zsh (Debian: zsh) – skipped without it: orders with zsh scripts, syntax checks, completion\n",
  );
});

test("in CI, what is missing is an error", () => {
  expect(run({ CI: "true" })).toMatchObject({ status: 1, stderr: expect.stringContaining("missing: rsync") });
});

function run(env: Record<string, string>) {
  return spawnSync("/bin/sh", [SCRIPT], { env: { PATH: bin, ...env }, encoding: "utf8" });
}
