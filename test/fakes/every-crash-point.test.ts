import { expect, it } from "vitest";
import { everyCrashPoint, type World } from "./index.ts";

/** Replaces the content of `/f`, and notes it in the database, with or without the barriers that this needs. */
const replacing = (options: { syncFile: boolean; syncDir: boolean }) => ({
  setup: ({ disk, ports }: World) => {
    write(disk, "/f", "old");
    ports.stores.open("/db").exec("CREATE TABLE done (what TEXT)");
  },
  run: ({ disk, ports }: World) => {
    const store = ports.stores.open("/db");
    const fd = write(disk, "/f.tmp", "new");
    if (options.syncFile) disk.fdatasync(fd);
    disk.rename("/f.tmp", "/f");
    if (options.syncDir) disk.syncDir("/");
    store.transaction(() => store.run("INSERT INTO done VALUES ('new')"));
  },
  recover: ({ disk }: World) => {
    if (disk.lstat("/f.tmp") !== null) disk.unlink("/f.tmp");
  },
  check: ({ disk, ports }: World) => {
    const content = read(disk, "/f");
    expect(["old", "new"]).toContain(content);
    const noted = ports.stores.open("/db").all("SELECT what FROM done").length === 1;
    if (noted) expect(content).toBe("new");
  },
});

function write(disk: World["disk"], path: string, text: string): number {
  const fd = disk.createNew(path, 0o644);
  disk.write(fd, Buffer.from(text), null);
  return fd;
}

function read(disk: World["disk"], path: string): string {
  const fd = disk.openRead(path);
  const buffer = Buffer.alloc(100);
  return buffer.toString("latin1", 0, disk.read(fd, buffer, 0, 100, 0));
}

it("finds nothing wrong with a replacement that has its barriers, and counts its operations", async () => {
  expect(await everyCrashPoint({ ...replacing({ syncFile: true, syncDir: true }), seedsPerPoint: 12 })).toBe(6);
});

it("finds the barrier that is missing, and says where the power went", async () => {
  const withoutFile = everyCrashPoint({ ...replacing({ syncFile: false, syncDir: true }), seedsPerPoint: 12 });
  await expect(withoutFile).rejects.toThrow(/^Power cut at operation 4 \(syncDir \/\), seed \d+: /);
  const withoutDir = everyCrashPoint({ ...replacing({ syncFile: true, syncDir: false }), seedsPerPoint: 12 });
  await expect(withoutDir).rejects.toThrow(/^Power cut at operation 6 \(after the end\), seed 0: /);
});

it("has a commit that happened before the power went, and not the one in whose place it went", async () => {
  const found: [number, number][] = [];
  await everyCrashPoint({
    setup: ({ ports }) => ports.stores.open("/db").exec("CREATE TABLE t (x)"),
    run: ({ ports }) => {
      const store = ports.stores.open("/db");
      store.transaction(() => store.run("INSERT INTO t VALUES (1)"));
      store.run("INSERT INTO t VALUES (2)");
    },
    recover: () => {},
    check: ({ ports }, { number }) => {
      found.push([number, ports.stores.open("/db").all("SELECT x FROM t").length]);
    },
    seedsPerPoint: 1,
  });
  expect(found).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
});

it("does not hide a run that fails for a reason of its own", async () => {
  const failing = everyCrashPoint({
    setup: () => {},
    run: () => {
      throw new Error("a defect");
    },
    recover: () => {},
    check: () => {},
  });
  await expect(failing).rejects.toThrow("a defect");
});

it("loses, with every other survival, the commits that nobody waited for, and keeps them after a barrier", async () => {
  const found: string[] = [];
  await everyCrashPoint({
    setup: ({ ports }) => ports.stores.open("/db").exec("CREATE TABLE t (x)"),
    run: async ({ ports }) => {
      const store = ports.stores.open("/db");
      for (const x of [1, 2]) store.transaction(() => store.run("INSERT INTO t VALUES (?)", x), { durable: "later" });
      await store.barrier();
    },
    recover: () => {},
    check: ({ ports }, { number, seed }) => {
      const rows = ports.stores.open("/db").all<{ x: number }>("SELECT x FROM t");
      found.push(`${number} ${seed}: ${rows.map(({ x }) => x).join(" ")}`);
    },
    seedsPerPoint: 2,
    crashInRecovery: false,
  });
  expect(found).toEqual(["1 0: ", "1 1: ", "2 0: ", "2 1: 1", "3 0: ", "3 1: 1 2", "4 0: 1 2", "4 1: 1 2"]);
});
