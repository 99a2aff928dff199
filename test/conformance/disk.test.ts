/** One suite for the real and the simulated disk: same results, same error codes, and the same after any sequence of calls. */

import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Disk } from "../../src/base/index.ts";
import { realPorts } from "../../src/platform/index.ts";
import { SimulatedDisk } from "../fakes/index.ts";
import { anyCall, DiskDriver } from "./disk-driver.ts";

let dir: string;

function makeDir(parent: string): void {
  dir = fs.mkdtempSync(join(fs.realpathSync(parent), "holdfast-disk-"));
}
beforeEach(() => makeDir(tmpdir()));
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

function simulatedDisk(): SimulatedDisk {
  const disk = new SimulatedDisk({ umask: process.umask() });
  let path = "";
  for (const part of dir.split("/").slice(1)) {
    path += `/${part}`;
    disk.mkdir(path, 0o700);
  }
  return disk;
}

describe.each([
  { name: "the real disk", make: (): Disk => realPorts().disk },
  { name: "the simulated disk", make: (): Disk => simulatedDisk() },
])("$name", ({ make }) => {
  let disk: Disk;
  beforeEach(() => {
    disk = make();
  });

  const at = (name: string) => join(dir, name);
  function put(name: string, text: string, mode = 0o644): void {
    const fd = disk.createNew(at(name), mode);
    disk.write(fd, Buffer.from(text), null);
    disk.close(fd);
  }
  function text(name: string): string {
    const fd = disk.openRead(at(name));
    try {
      const buffer = Buffer.alloc(1024);
      return buffer.toString("utf8", 0, disk.read(fd, buffer, 0, buffer.length, 0));
    } finally {
      disk.close(fd);
    }
  }
  const codeOf = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
    return "no error";
  };

  it("finds nothing where nothing is, and nothing behind a file", () => {
    put("file", "");
    expect(disk.lstat(at("none"))).toBeNull();
    expect(disk.lstat(at("none/deeper"))).toBeNull();
    expect(disk.lstat(at("file/deeper"))).toBeNull();
  });

  it("tells kind, size, mode and links", () => {
    put("file", "four", 0o640);
    disk.link(at("file"), at("twin"));
    disk.symlink("file", at("link"));
    disk.mkdir(at("dir"), 0o750);
    expect(disk.lstat(at("twin"))).toMatchObject({ kind: "file", sizeBytes: 4, mode: 0o640, nlink: 2 });
    expect(disk.lstat(at("twin"))?.ino).toBe(disk.lstat(at("file"))?.ino);
    expect(disk.lstat(at("link"))).toMatchObject({ kind: "link", sizeBytes: 4 });
    expect(disk.lstat(at("dir"))).toMatchObject({ kind: "dir", mode: 0o750 });
    expect(
      disk
        .list(dir)
        .names.map(({ name, kind }) => `${name} ${kind}`)
        .sort(),
    ).toEqual(["dir dir", "file file", "link link", "twin file"]);
  });

  it("never creates over something, and never opens through a link", () => {
    put("file", "mine");
    disk.symlink("file", at("link"));
    disk.symlink("nowhere", at("dangling"));
    disk.mkdir(at("dir"), 0o755);
    expect(codeOf(() => disk.createNew(at("file"), 0o644))).toBe("EEXIST");
    expect(codeOf(() => disk.createNew(at("dangling"), 0o644))).toBe("EEXIST");
    expect(codeOf(() => disk.openRead(at("link")))).toBe("ELOOP");
    expect(codeOf(() => disk.openAppend(at("dangling"), 0o644))).toBe("ELOOP");
    expect(codeOf(() => disk.chmod(at("link"), 0o600))).toBe("ELOOP");
    expect(codeOf(() => disk.openRead(at("dir")))).toBe("EISDIR");
    expect(codeOf(() => disk.openAppend(at("dir"), 0o644))).toBe("EISDIR");
    expect(text("file")).toBe("mine");
  });

  it("writes at a position, at its own position, and at the end", () => {
    const fd = disk.createNew(at("file"), 0o644);
    disk.write(fd, Buffer.from("0123456789"), null);
    disk.write(fd, Buffer.from("AB"), 4);
    disk.write(fd, Buffer.from("!"), null);
    disk.truncate(fd, 12);
    disk.close(fd);
    const appending = disk.openAppend(at("file"), 0o644);
    disk.write(appending, Buffer.from("end"), null);
    disk.close(appending);
    expect(text("file")).toBe("0123AB6789!\0end");
  });

  it("keeps what an open descriptor sees when the name goes", () => {
    put("file", "still here");
    const fd = disk.openRead(at("file"));
    disk.unlink(at("file"));
    put("file", "somebody else");
    const buffer = Buffer.alloc(32);
    expect(buffer.toString("utf8", 0, disk.read(fd, buffer, 0, 32, 0))).toBe("still here");
    expect(disk.fstat(fd).nlink).toBe(0);
    disk.close(fd);
    expect(codeOf(() => disk.fstat(fd))).toBe("EBADF");
  });

  it("renames over files and empty folders only", () => {
    put("a", "a");
    put("b", "b");
    disk.mkdir(at("empty"), 0o755);
    disk.mkdir(at("full"), 0o755);
    put("full/x", "");
    disk.rename(at("a"), at("b"));
    expect(text("b")).toBe("a");
    expect(codeOf(() => disk.rename(at("b"), at("empty")))).toBe("EISDIR");
    expect(codeOf(() => disk.rename(at("empty"), at("b")))).toBe("ENOTDIR");
    expect(codeOf(() => disk.rename(at("empty"), at("full")))).toBe("ENOTEMPTY");
    expect(codeOf(() => disk.rename(at("full"), at("full/inside")))).toBe("EINVAL");
    disk.rename(at("full"), at("empty"));
    expect(text("empty/x")).toBe("");
  });

  it("says what is in the way", () => {
    put("file", "");
    disk.mkdir(at("dir"), 0o755);
    disk.symlink("loop", at("loop"));
    expect(codeOf(() => disk.createNew(at("none/x"), 0o644))).toBe("ENOENT");
    expect(codeOf(() => disk.createNew(at("file/x"), 0o644))).toBe("ENOTDIR");
    expect(codeOf(() => disk.createNew(at("loop/x"), 0o644))).toBe("ELOOP");
    expect(codeOf(() => disk.createNew(at("n".repeat(256)), 0o644))).toBe("ENAMETOOLONG");
    expect(codeOf(() => disk.mkdir(at("dir"), 0o755))).toBe("EEXIST");
    expect(codeOf(() => disk.rmdir(at("file")))).toBe("ENOTDIR");
    expect(codeOf(() => disk.rmdir(at("none")))).toBe("ENOENT");
    expect(codeOf(() => disk.unlink(at("none")))).toBe("ENOENT");
    expect(codeOf(() => disk.link(at("none"), at("x")))).toBe("ENOENT");
    expect(codeOf(() => disk.link(at("file"), at("dir")))).toBe("EEXIST");
    expect(codeOf(() => disk.readlink(at("file")))).toBe("EINVAL");
    expect(codeOf(() => disk.list(at("file")))).toBe("ENOTDIR");
    expect(codeOf(() => disk.list(at("none")))).toBe("ENOENT");
    expect(codeOf(() => disk.realpath(at("none")))).toBe("ENOENT");
    expect(codeOf(() => disk.syncDir(at("file")))).toBe("ENOTDIR");
    expect(codeOf(() => disk.syncDir(at("none")))).toBe("ENOENT");
  });

  it("changes modes by path and by descriptor", () => {
    put("file", "");
    disk.mkdir(at("dir"), 0o755);
    disk.chmod(at("file"), 0o4711);
    disk.chmod(at("dir"), 0o1700);
    expect(disk.lstat(at("file"))?.mode).toBe(0o4711);
    expect(disk.lstat(at("dir"))?.mode).toBe(0o1700);
    const fd = disk.openRead(at("file"));
    disk.fchmod(fd, 0o600);
    expect(disk.fstat(fd).mode).toBe(0o600);
    disk.close(fd);
  });

  it("makes durable what is named, and says what is missing", async () => {
    put("file", "x");
    disk.mkdir(at("dir"), 0o755);
    await disk.syncAll({ files: [at("file")], dirs: [at("dir"), dir] });
    await expect(disk.syncAll({ files: [at("none")], dirs: [] })).rejects.toMatchObject({ code: "ENOENT" });
    await expect(disk.syncAll({ files: [], dirs: [at("file")] })).rejects.toMatchObject({ code: "ENOTDIR" });
    const many = Array.from({ length: 300 }, (_, index) => `f${index}`);
    for (const name of many) put(name, name);
    await disk.syncAll({ files: many.map(at), dirs: [dir] });
    await expect(disk.syncAll({ files: [...many, "none"].map(at), dirs: [] })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  it("knows how much room there is", () => {
    const { freeBytes, totalBytes } = disk.space(dir);
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});

describe("both disks", () => {
  // Thousands of folders and barriers: in memory where there is such a place.
  beforeEach(() => {
    fs.rmdirSync(dir);
    makeDir(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir());
  });

  it("answer the same to any sequence of calls, and look the same after it", () => {
    let run = 0;
    fc.assert(
      fc.property(fc.array(anyCall, { minLength: 1, maxLength: 60 }), (calls) => {
        const root = join(dir, `run${run++}`);
        const real = new DiskDriver(realPorts().disk, root);
        const simulated = new DiskDriver(simulatedDisk(), root);
        for (const call of calls) {
          const expected = real.make(call);
          expect({ call, answer: simulated.make(call) }).toEqual({ call, answer: expected });
        }
        expect(simulated.picture()).toEqual(real.picture());
        real.closeAll();
      }),
      { numRuns: 500 },
    );
  });
});
