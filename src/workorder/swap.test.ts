import { describe, expect, it } from "vitest";
import { SimulatedDisk } from "../../test/fakes/index.ts";
import { ABSENT, digestOf, type Entry } from "../base/index.ts";
import { bytesAt } from "./entry-at.ts";
import { type SwapRequest, swap } from "./swap.ts";

const PATH = "/t/f";
const ASIDE = "/t/aside";
const STAGED = "/t/staged";
const SURVIVALS = 64;

const file = (text: string, mode = 0o644): Entry => ({
  kind: "file",
  digest: digestOf(Buffer.from(text)),
  sizeBytes: text.length,
  mode,
});

function put(disk: SimulatedDisk, path: string, text: string): void {
  const fd = disk.createNew(path, 0o644);
  disk.write(fd, Buffer.from(text), null);
  disk.close(fd);
}

function machine(): { disk: SimulatedDisk; request: SwapRequest } {
  const disk = new SimulatedDisk();
  disk.mkdir("/t", 0o755);
  put(disk, PATH, "ours");
  put(disk, STAGED, "next");
  disk.settle();
  return { disk, request: { path: PATH, expected: file("ours"), next: file("next"), staged: STAGED, aside: ASIDE } };
}

const text = (disk: SimulatedDisk, path: string) => (disk.lstat(path) === null ? null : bytesAt(disk, path).toString());

/** What somebody does in the moment before the file is renamed aside, when it was looked at already. */
function beforeTheRename(disk: SimulatedDisk, act: () => void): void {
  disk.counter.between = ({ name }) => {
    if (name !== "rename") return;
    disk.counter.between = null;
    act();
  };
}

describe("swapping one path", () => {
  it("installs the new content and keeps the old one aside", () => {
    const { disk, request } = machine();
    expect(swap(disk, request)).toEqual({ foreign: null });
    expect([text(disk, PATH), text(disk, ASIDE)]).toEqual(["next", "ours"]);
  });

  it("leaves what somebody put there in the last moment, and says what it is", () => {
    const { disk, request } = machine();
    beforeTheRename(disk, () => {
      disk.unlink(PATH);
      put(disk, PATH, "theirs");
    });
    expect(swap(disk, request)).toEqual({ foreign: file("theirs") });
    expect(text(disk, PATH)).toBe("theirs");
  });

  it("loses nothing of theirs in a power cut, whatever of giving it back survives", () => {
    const { disk, request } = machine();
    beforeTheRename(disk, () => {
      disk.unlink(PATH);
      put(disk, PATH, "theirs");
      disk.settle();
    });
    swap(disk, request);
    for (let seed = 0; seed < SURVIVALS; seed += 1) {
      const rebooted = disk.afterCrash(seed);
      expect([text(rebooted, PATH), text(rebooted, ASIDE)]).toContain("theirs");
    }
  });

  it("leaves a folder that somebody put there in the last moment", () => {
    const { disk, request } = machine();
    beforeTheRename(disk, () => {
      disk.unlink(PATH);
      disk.mkdir(PATH, 0o755);
      put(disk, `${PATH}/theirs`, "theirs");
    });
    expect(swap(disk, request)).toEqual({ foreign: { kind: "dir", mode: 0o755 } });
    expect(text(disk, `${PATH}/theirs`)).toBe("theirs");
  });

  it("leaves a fifo alone", () => {
    const { disk, request } = machine();
    disk.unlink(PATH);
    disk.plantOther(PATH);
    expect(swap(disk, request)).toEqual({ foreign: { kind: "other" } });
  });

  it("never installs over a name that somebody took while the old file was aside", () => {
    const { disk, request } = machine();
    disk.counter.between = ({ name }) => {
      if (name === "link") put(disk, PATH, "theirs");
    };
    expect(swap(disk, request)).toEqual({ foreign: file("theirs") });
    expect([text(disk, PATH), text(disk, ASIDE)]).toEqual(["theirs", "ours"]);
  });

  it("does not change the mode of what somebody else wrote", () => {
    const { disk, request } = machine();
    const fd = disk.openAppend(PATH, 0o644);
    disk.write(fd, Buffer.from(" and theirs"), null);
    expect(swap(disk, { ...request, next: file("ours", 0o755) })).toEqual({ foreign: file("ours and theirs") });
    expect(disk.lstat(PATH)?.mode).toBe(0o644);
  });

  it("does not remove a folder that holds something", () => {
    const { disk, request } = machine();
    const expected: Entry = { kind: "dir", mode: 0o755 };
    expect(swap(disk, { ...request, path: "/t", expected, next: ABSENT, staged: null })).toEqual({ foreign: expected });
  });
});
