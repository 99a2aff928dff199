import { describe, expect, it } from "vitest";
import { SimulatedDisk } from "../../test/fakes/index.ts";
import { ABSENT, digestOf, type Entry, HoldfastError } from "../base/index.ts";
import { install } from "./apply.ts";
import type { ChangeSet } from "./change-set.ts";
import { bytesAt } from "./entry-at.ts";
import { syncFolders } from "./own-places.ts";
import { type ApplyWorld, stage } from "./stage.ts";
import { undo } from "./undo.ts";

const SURVIVALS = 64;
const CONTENTS = ["one", "two"];

const file = (text: string): Entry => ({
  kind: "file",
  digest: digestOf(Buffer.from(text)),
  sizeBytes: 3,
  mode: 0o644,
});
const SET: ChangeSet = {
  v: 1,
  id: "s1",
  changes: [
    { path: "d/edited", before: file("one"), after: file("two") },
    { path: "d/gone", before: file("one"), after: ABSENT },
  ],
};

function world(): ApplyWorld & { disk: SimulatedDisk } {
  const disk = new SimulatedDisk();
  for (const folder of ["/t", "/t/d", "/elsewhere"]) disk.mkdir(folder, 0o755);
  for (const name of ["edited", "gone"]) put(disk, `/t/d/${name}`, "one");
  disk.settle();
  return over(disk);
}

function over(disk: SimulatedDisk): ApplyWorld & { disk: SimulatedDisk } {
  const absolute = (path: string) => {
    const parent = path.includes("/") ? `/t/${path.slice(0, path.lastIndexOf("/"))}` : "/t";
    if (disk.lstat(parent)?.kind === "link") throw new HoldfastError("WO_PATH_THROUGH_LINK", path);
    return `/t/${path}`;
  };
  const folder = (path: string) => {
    const place = absolute(path);
    if ((disk.lstat(place)?.kind ?? "dir") !== "dir") throw new HoldfastError("WO_PATH_THROUGH_LINK", path);
    return place;
  };
  const places = { root: "/t", absolute, folder, parse: (path: string) => path, isInside: () => true };
  const contentOf = (digest: string) =>
    CONTENTS.map((text) => Buffer.from(text)).filter((bytes) => digestOf(bytes) === digest);
  return { disk, places, contentOf };
}

function put(disk: SimulatedDisk, path: string, text: string): void {
  const fd = disk.createNew(path, 0o644);
  disk.write(fd, Buffer.from(text), null);
  disk.close(fd);
}

async function applied(): Promise<ReturnType<typeof world>> {
  const here = world();
  await here.disk.syncAll(stage(SET, here));
  install(SET, here);
  await syncFolders([SET], here);
  here.disk.settle();
  return here;
}

const text = (disk: SimulatedDisk, path: string) => (disk.lstat(path) === null ? null : bytesAt(disk, path).toString());
const texts = (disk: SimulatedDisk) => ["edited", "gone"].map((name) => text(disk, `/t/d/${name}`));

describe("undoing a change set", () => {
  it("puts back what was before, and nothing is said to be anybody else's", async () => {
    const here = await applied();
    expect(undo(SET, here)).toEqual([]);
    expect(texts(here.disk)).toEqual(["one", "one"]);
  });

  it("loses nothing in a power cut before its folders are durable: undoing again goes on", async () => {
    const here = await applied();
    undo(SET, here);
    for (let seed = 0; seed < SURVIVALS; seed += 1) {
      const rebooted = over(here.disk.afterCrash(seed));
      expect(undo(SET, rebooted)).toEqual([]);
      expect(texts(rebooted.disk)).toEqual(["one", "one"]);
    }
  });

  it("loses nothing in a power cut after it went back from half of a swap", () => {
    const here = world();
    here.disk.rename("/t/d/edited", "/t/d/.holdfast-s1-0.aside");
    here.disk.settle();
    undo(SET, here);
    for (let seed = 0; seed < SURVIVALS; seed += 1) {
      const rebooted = over(here.disk.afterCrash(seed));
      expect(undo(SET, rebooted)).toEqual([]);
      expect(texts(rebooted.disk)).toEqual(["one", "one"]);
    }
  });

  it("brings back what has no aside from the vault, durably", async () => {
    const here = await applied();
    for (const { name } of here.disk.list("/t/d").names.filter((entry) => entry.name.startsWith(".holdfast-")))
      here.disk.unlink(`/t/d/${name}`);
    here.disk.settle();
    undo(SET, here);
    await syncFolders([SET], here);
    for (let seed = 0; seed < SURVIVALS; seed += 1) expect(texts(here.disk.afterCrash(seed))).toEqual(["one", "one"]);
  });

  it("keeps what a late writer put into the file that was taken aside, in place, and says so", async () => {
    const here = await applied();
    const fd = here.disk.openAppend("/t/d/.holdfast-s1-1.aside", 0o644);
    here.disk.write(fd, Buffer.from("!"), null);
    expect(undo(SET, here)).toMatchObject([{ path: "d/gone", entry: { kind: "file", sizeBytes: 4 } }]);
    expect(texts(here.disk)).toEqual(["one", "one!"]);
  });

  it("writes nothing through a folder that became a link, and nothing where the folder is gone", async () => {
    const here = await applied();
    here.disk.rename("/t/d", "/t/moved");
    const gone = [
      { path: "d/edited", entry: ABSENT },
      { path: "d/gone", entry: ABSENT },
    ];
    expect(undo(SET, here)).toEqual(expect.arrayContaining(gone));
    here.disk.symlink("/elsewhere", "/t/d");
    expect(undo(SET, here)).toEqual(expect.arrayContaining(gone));
    expect(here.disk.list("/elsewhere").names).toEqual([]);
  });

  it("looks again when somebody changes a path between its look and its step", async () => {
    const here = await applied();
    here.disk.counter.between = ({ name }) => {
      if (name !== "link") return;
      here.disk.counter.between = null;
      for (const entry of here.disk.list("/t/d").names) here.disk.unlink(`/t/d/${entry.name}`);
      here.disk.rmdir("/t/d");
    };
    expect(
      undo(SET, here)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["d/edited", "d/gone"]);
  });

  it("goes back only over what was swapped, when that is known", async () => {
    const here = world();
    here.disk.unlink("/t/d/gone");
    undo(SET, here, []);
    expect(texts(here.disk)).toEqual(["one", null]);
  });
});
