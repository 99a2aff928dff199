/** Somebody else, at work in the same tree as an order: what there is, what the order does with it, and what they may do to it. */

import { isOwnName } from "../../src/base/index.ts";
import type { Operation } from "../../src/workorder/index.ts";
import type { Operation as DiskOperation, World } from "../fakes/index.ts";
import { ELSEWHERE, type Planted, plantFiles, ROOT, readFile, write, writeFile } from "./order-machine.ts";

export const TREE: Planted = {
  d: { folder: 0o755 },
  "d/edited": "one\n",
  "d/gone": "gone\n",
  "d/mode": "mode\n",
  swap: "was a file\n",
  deep: { folder: 0o755 },
  "deep/er": { folder: 0o755 },
  "deep/er/est": "deepest\n",
  link: { to: "d" },
};
export const OPERATIONS: Operation[] = [
  { op: "replace", path: "d/edited", find: "one", replace: "two", count: null },
  { op: "delete", path: "d/gone" },
  { op: "chmod", path: "d/mode", mode: 0o600 },
  write("d/new", "new\n"),
  { op: "delete", path: "swap" },
  write("swap/now", "a folder\n"),
  { op: "delete", path: "deep" },
  { op: "symlink", path: "link", target: "deep" },
  write("fresh/one", "first\n"),
  write("fresh/in/two", "second\n"),
];
export const FILES = [
  "d/edited",
  "d/gone",
  "d/mode",
  "d/new",
  "swap",
  "swap/now",
  "deep/er/est",
  "link",
  "fresh/one",
  "fresh/in/two",
];
export const FOLDERS = ["d", "deep", "deep/er", "swap", "fresh", "fresh/in"];
const THEIRS = "theirs\n";

/** What somebody else does at one moment. Returns the bytes that must survive; `null` when it came to nothing. */
export type Act = (world: World, path: string, held: number | null, at: DiskOperation | null) => string | null;

export const ACTS: Record<string, { on: readonly string[]; act: Act }> = {
  "writes into the file that it holds open": {
    on: FILES,
    act({ disk }, path, held, at) {
      if (held === null || isUnlinkOfOwn(at) || disk.fstat(held).nlink === 0) return null;
      disk.write(held, Buffer.from(THEIRS), null);
      return (TREE[path] as string) + THEIRS;
    },
  },
  "truncates the file that it holds open, and writes": {
    on: FILES,
    act({ disk }, _path, held, at) {
      if (held === null || isUnlinkOfOwn(at) || disk.fstat(held).nlink === 0) return null;
      disk.truncate(held, 0);
      disk.write(held, Buffer.from(THEIRS), null);
      return THEIRS;
    },
  },
  "writes into what stands there": {
    on: FILES,
    act({ disk }, path, _held, at) {
      const place = `${ROOT}/${path}`;
      if (disk.lstat(place)?.kind !== "file" || isUnlinkOfOwn(at)) return null;
      const text = readFile(disk, place);
      const fd = disk.openAppend(place, 0o644);
      disk.write(fd, Buffer.from(THEIRS), null);
      disk.close(fd);
      return text + THEIRS;
    },
  },
  "creates it": {
    on: FILES,
    act({ disk }, path) {
      if (disk.lstat(parent(path))?.kind !== "dir" || disk.lstat(`${ROOT}/${path}`) !== null) return null;
      writeFile(disk, `${ROOT}/${path}`, THEIRS);
      return THEIRS;
    },
  },
  "renames a file over it": {
    on: FILES,
    act({ disk }, path, _held, at) {
      const standing = disk.lstat(`${ROOT}/${path}`)?.kind;
      if (disk.lstat(parent(path))?.kind !== "dir" || standing === "dir" || isUnlinkOfOwn(at)) return null;
      writeFile(disk, "/home/me/theirs", THEIRS);
      disk.rename("/home/me/theirs", `${ROOT}/${path}`);
      return THEIRS;
    },
  },
  "deletes it": {
    on: FILES,
    act({ disk }, path) {
      const kind = disk.lstat(`${ROOT}/${path}`)?.kind;
      if (kind === "file" || kind === "link") disk.unlink(`${ROOT}/${path}`);
      return null;
    },
  },
  "puts a fifo there": {
    on: FILES,
    act({ disk }, path) {
      const kind = disk.lstat(`${ROOT}/${path}`)?.kind;
      if (disk.lstat(parent(path))?.kind !== "dir" || kind === "dir") return null;
      if (kind !== undefined) disk.unlink(`${ROOT}/${path}`);
      disk.plantOther(`${ROOT}/${path}`);
      return null;
    },
  },
  "puts a folder with a file there": {
    on: FILES,
    act({ disk }, path) {
      const kind = disk.lstat(`${ROOT}/${path}`)?.kind;
      if (disk.lstat(parent(path))?.kind !== "dir" || kind === "dir") return null;
      if (kind !== undefined) disk.unlink(`${ROOT}/${path}`);
      plantFiles(disk, ROOT, { [path]: { folder: 0o755 }, [`${path}/theirs`]: THEIRS });
      return THEIRS;
    },
  },
  "puts a file into the folder": {
    on: FOLDERS,
    act({ disk }, path) {
      if (disk.lstat(`${ROOT}/${path}`)?.kind !== "dir") return null;
      writeFile(disk, `${ROOT}/${path}/theirs`, THEIRS);
      return THEIRS;
    },
  },
  "makes the folder, and puts a file into it": {
    on: FOLDERS,
    act({ disk }, path) {
      if (disk.lstat(parent(path))?.kind !== "dir" || disk.lstat(`${ROOT}/${path}`) !== null) return null;
      plantFiles(disk, ROOT, { [path]: { folder: 0o755 }, [`${path}/theirs`]: THEIRS });
      return THEIRS;
    },
  },
  "puts a file into a folder that is being made": {
    on: ["fresh"],
    act({ disk }, path) {
      const made = disk.list(parent(path)).names.find(({ name, kind }) => kind === "dir" && isOwnName(name));
      if (made === undefined) return null;
      writeFile(disk, `${parent(path)}/${made.name}/theirs`, THEIRS);
      return THEIRS;
    },
  },
  "deletes the folder with all in it": {
    on: FOLDERS,
    act({ disk }, path) {
      remove(disk, `${ROOT}/${path}`);
      return null;
    },
  },
  "moves the folder and leaves a link to elsewhere": {
    on: FOLDERS,
    act({ disk }, path, _held, at) {
      const place = `${ROOT}/${path}`;
      if (disk.lstat(place)?.kind !== "dir" || (at?.path ?? "").split(" ").some((name) => name.startsWith(`${place}/`)))
        return null;
      disk.rename(place, `${place}.moved`);
      disk.symlink(ELSEWHERE, place);
      return null;
    },
  },
};

function isUnlinkOfOwn(at: DiskOperation | null): boolean {
  return at?.name === "unlink" && at.path.includes("/.holdfast-");
}

function parent(path: string): string {
  return `${ROOT}/${path}`.slice(0, `${ROOT}/${path}`.lastIndexOf("/"));
}

function remove(disk: World["disk"], place: string): void {
  if (disk.lstat(place)?.kind !== "dir") return;
  for (const { name, kind } of disk.list(place).names) {
    if (kind === "dir") remove(disk, `${place}/${name}`);
    else disk.unlink(`${place}/${name}`);
  }
  disk.rmdir(place);
}
