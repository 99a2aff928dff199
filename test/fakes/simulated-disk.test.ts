/** What a power cut may leave, and what it may not. How the disk answers while it runs is `test/conformance/`. */

import { describe, expect, it } from "vitest";
import { SimulatedCrash, SimulatedDisk } from "./index.ts";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

function put(disk: SimulatedDisk, path: string, bytes: string | Buffer): number {
  const fd = disk.createNew(path, 0o644);
  disk.write(fd, Buffer.from(bytes), null);
  return fd;
}

function text(disk: SimulatedDisk, path: string): string | null {
  if (disk.lstat(path) === null) return null;
  const fd = disk.openRead(path);
  const buffer = Buffer.alloc(disk.fstat(fd).sizeBytes);
  disk.read(fd, buffer, 0, buffer.length, 0);
  disk.close(fd);
  return buffer.toString("latin1");
}

/** Every different thing that `look` sees over all seeds, sorted. */
function outcomes<T>(disk: SimulatedDisk, look: (rebooted: SimulatedDisk) => T): T[] {
  const seen = new Map(SEEDS.map((seed) => look(disk.afterCrash(seed))).map((found) => [JSON.stringify(found), found]));
  return [...seen.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

describe("after a power cut", () => {
  it("synced content under a synced name is there, always", () => {
    const disk = new SimulatedDisk();
    const fd = put(disk, "/a", "kept");
    disk.fdatasync(fd);
    disk.syncDir("/");
    expect(outcomes(disk, (rebooted) => text(rebooted, "/a"))).toEqual(["kept"]);
  });

  it("a synced file without a synced name may be gone, and is whole where it is not", () => {
    const disk = new SimulatedDisk();
    disk.fsync(put(disk, "/a", "kept"));
    expect(outcomes(disk, (rebooted) => text(rebooted, "/a"))).toEqual(["kept", null]);
  });

  it("unsynced content may be old, new, zeroes, or cut off, page by page", () => {
    const disk = new SimulatedDisk();
    const page = (letter: string) => letter.repeat(4096);
    const fd = put(disk, "/a", page("o") + page("o"));
    disk.settle();
    disk.write(fd, Buffer.from(page("n") + page("n") + page("n")), 0);
    const found = outcomes(disk, (rebooted) => text(rebooted, "/a")!.replaceAll(/(.)\1{4095}/gs, "$1"));
    expect(found).toEqual(expect.arrayContaining(["oo", "nnn", "no", "on", "\0n"]));
    for (const pages of found) expect(pages).toMatch(/^[on\0]{0,2}[n\0]?$/);
    disk.fdatasync(fd);
    expect(outcomes(disk, (rebooted) => text(rebooted, "/a")?.length)).toEqual([3 * 4096]);
  });

  it("what is appended may be torn; what was durable before it is not", () => {
    const disk = new SimulatedDisk();
    const fd = put(disk, "/a", "old");
    disk.settle();
    disk.write(fd, Buffer.from("new"), 3);
    for (const found of outcomes(disk, (rebooted) => text(rebooted, "/a"))) expect(found).toMatch(/^old(new|\0{0,3})$/);
  });

  it("what is written in place may be torn; what was durable beside it is not, unless it was cut off before", () => {
    const disk = new SimulatedDisk();
    const fd = put(disk, "/a", "old---");
    disk.settle();
    disk.write(fd, Buffer.from("new"), 3);
    const beside = outcomes(disk, (rebooted) => text(rebooted, "/a"));
    for (const found of beside) expect(found).toMatch(/^old(new|---|\0{3})$/);
    disk.truncate(fd, 0);
    disk.write(fd, Buffer.from("old new"), 0);
    expect(outcomes(disk, (rebooted) => text(rebooted, "/a"))).toEqual(
      expect.arrayContaining(["old---", "old new", ""]),
    );
  });

  it("a rename happened or did not; never half", () => {
    const disk = new SimulatedDisk();
    disk.mkdir("/from", 0o755);
    disk.mkdir("/to", 0o755);
    disk.close(put(disk, "/from/a", "new"));
    disk.close(put(disk, "/to/a", "old"));
    disk.settle();
    disk.rename("/from/a", "/to/a");
    const look = (rebooted: SimulatedDisk) => [text(rebooted, "/from/a"), text(rebooted, "/to/a")];
    expect(outcomes(disk, look)).toEqual([
      ["new", "old"],
      [null, "new"],
    ]);
    disk.syncDir("/to");
    expect(outcomes(disk, look)).toEqual([[null, "new"]]);
  });

  it("a durable rename has made durable what it needs: its old name does not come back", () => {
    const disk = new SimulatedDisk();
    disk.mkdir("/from", 0o755);
    disk.mkdir("/to", 0o755);
    disk.settle();
    disk.close(put(disk, "/from/a", "x"));
    disk.rename("/from/a", "/to/a");
    disk.syncDir("/to");
    const look = (rebooted: SimulatedDisk) => [rebooted.lstat("/from/a"), rebooted.lstat("/to/a")?.nlink];
    expect(outcomes(disk, look)).toEqual([[null, 1]]);
  });

  it("independent names survive in any combination, changes of one name in their order", () => {
    const disk = new SimulatedDisk();
    disk.close(put(disk, "/a", ""));
    disk.close(put(disk, "/b", ""));
    const present = (rebooted: SimulatedDisk) =>
      rebooted
        .list("/")
        .names.map(({ name }) => name)
        .sort()
        .join("");
    expect(outcomes(disk, present)).toEqual(["", "a", "ab", "b"]);
    disk.rename("/a", "/c");
    // "ac" would be one file under two names.
    expect(outcomes(disk, present)).toEqual(["", "a", "ab", "b", "bc", "c"]);
  });

  it("a folder is not removed without what emptied it", () => {
    const disk = new SimulatedDisk();
    disk.mkdir("/dir", 0o755);
    disk.close(put(disk, "/dir/a", "precious"));
    disk.settle();
    disk.rename("/dir/a", "/a");
    disk.rmdir("/dir");
    const look = (rebooted: SimulatedDisk) => [
      text(rebooted, "/a") ?? "moved back",
      text(rebooted, "/dir/a") ?? "moved away",
      rebooted.lstat("/dir")?.kind ?? "removed",
    ];
    expect(outcomes(disk, look)).toEqual([
      ["moved back", "precious", "dir"],
      ["precious", "moved away", "dir"],
      ["precious", "moved away", "removed"],
    ]);
  });

  it("a mode is durable with its inode or its folder, not with the data alone", () => {
    const disk = new SimulatedDisk();
    const fd = put(disk, "/a", "x");
    disk.settle();
    const modes = (rebooted: SimulatedDisk) => rebooted.lstat("/a")?.mode;
    disk.fchmod(fd, 0o755);
    disk.fdatasync(fd);
    expect(outcomes(disk, modes)).toEqual([0o644, 0o755]);
    disk.syncDir("/");
    expect(outcomes(disk, modes)).toEqual([0o755]);
    disk.chmod("/a", 0o700);
    disk.fsync(fd);
    expect(outcomes(disk, modes)).toEqual([0o700]);
    disk.chmod("/", 0o711);
    disk.syncDir("/");
    expect(outcomes(disk, (rebooted) => rebooted.lstat("/")?.mode)).toEqual([0o711]);
  });

  it("an unlinked file may be back, with its links counted right", () => {
    const disk = new SimulatedDisk();
    disk.close(put(disk, "/a", "x"));
    disk.link("/a", "/b");
    disk.settle();
    disk.unlink("/a");
    expect(outcomes(disk, (rebooted) => [rebooted.lstat("/a")?.nlink ?? 0, rebooted.lstat("/b")?.nlink])).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });

  it("the two disks share nothing", () => {
    const disk = new SimulatedDisk();
    const fd = put(disk, "/a", "old");
    disk.settle();
    const rebooted = disk.afterCrash(1);
    disk.write(fd, Buffer.from("new"), 0);
    rebooted.mkdir("/b", 0o755);
    expect(text(rebooted, "/a")).toBe("old");
    expect(disk.lstat("/b")).toBeNull();
  });
});

describe("a full disk", () => {
  it("takes what fits and refuses the rest, and takes it when there is room again", () => {
    const disk = new SimulatedDisk({ freeBytes: 8192 });
    const fd = disk.createNew("/a", 0o644);
    expect(() => disk.write(fd, Buffer.alloc(10_000), null)).toThrow(expect.objectContaining({ code: "ENOSPC" }));
    expect(disk.fstat(fd).sizeBytes).toBe(8192);
    expect(disk.freeBytes).toBe(0);
    disk.unlink("/a");
    expect(disk.freeBytes).toBe(0);
    disk.close(fd);
    expect(disk.freeBytes).toBe(8192);
  });

  it("has the same room after a power cut as what is on it leaves", () => {
    const disk = new SimulatedDisk({ freeBytes: 16_384 });
    disk.close(put(disk, "/a", Buffer.alloc(5000)));
    expect(disk.afterCrash(0).freeBytes).toBe(16_384);
    expect(disk.afterCrash(1).freeBytes).toBe(8192);
  });
});

describe("the counter", () => {
  it("cuts the power in place of an operation, and for everything after it", () => {
    const disk = new SimulatedDisk();
    disk.counter.crashAt(2);
    disk.mkdir("/a", 0o755);
    expect(() => disk.mkdir("/b", 0o755)).toThrow(SimulatedCrash);
    expect(() => disk.lstat("/a")).toThrow(SimulatedCrash);
    expect(disk.afterCrash(1).list("/").names).toEqual([{ name: "a", kind: "dir" }]);
  });

  it("makes a chosen call fail, reading ones too", () => {
    const disk = new SimulatedDisk();
    disk.counter.failAt(1, "EIO");
    expect(() => disk.mkdir("/a", 0o755)).toThrow(expect.objectContaining({ code: "EIO" }));
    disk.mkdir("/a", 0o755);
    disk.counter.fault = ({ name, path }) => (name === "list" && path === "/a" ? "EACCES" : null);
    expect(() => disk.list("/a")).toThrow(expect.objectContaining({ code: "EACCES" }));
    expect(disk.list("/").names).toHaveLength(1);
  });

  it("lets somebody else act before each operation, uncounted", () => {
    const disk = new SimulatedDisk();
    const seen: string[] = [];
    disk.counter.between = ({ name, path, number }) => {
      seen.push(`${number} ${name} ${path}`);
      if (name === "mkdir") disk.close(put(disk, "/theirs", "x"));
    };
    expect(() => disk.mkdir("/theirs", 0o755)).toThrow(expect.objectContaining({ code: "EEXIST" }));
    disk.unlink("/theirs");
    expect(seen).toEqual(["1 mkdir /theirs", "2 unlink /theirs"]);
    expect(disk.counter.count).toBe(2);
  });
});
