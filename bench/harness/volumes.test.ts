import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Volumes } from "./volumes.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "holdfast-volumes-test-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const mountsBelow = (folder: string) =>
  process.platform === "linux"
    ? readFileSync("/proc/mounts", "utf8")
        .split("\n")
        .filter((line) => line.includes(folder))
    : [];

test("a volume is empty after each renewal, under the same path, and nothing stays mounted", () => {
  const volumes = new Volumes(base);
  try {
    const volume = volumes.make(16);
    const { dir } = volume;
    writeFileSync(join(dir, "file"), "x");
    volume.renew();
    expect(volume.dir).toBe(dir);
    expect(readdirSync(dir)).toEqual([]);
    expect(mountsBelow(base).length).toBe(volumes.areFileSystems ? 1 : 0);
    if (volumes.areFileSystems) expect(statSync(dir).dev).not.toBe(statSync(base).dev);
  } finally {
    volumes.end();
  }
  expect(mountsBelow(base)).toEqual([]);
});

test("two volumes do not share a folder", () => {
  const volumes = new Volumes(base);
  try {
    const [first, second] = [volumes.make(16), volumes.make(16)];
    writeFileSync(join(first.dir, "file"), "x");
    second.renew();
    expect(readdirSync(first.dir)).toEqual(["file"]);
  } finally {
    volumes.end();
  }
});
