/** Adding lines to the end of a file that others append to as well. */

import { dirname, relative } from "node:path";
import { type Disk, HoldfastError, LIMITS } from "../../base/index.ts";

/**
 * Appends `lines` in one write, making the file and its folders below `root` when they are missing. When the last line lacks
 * its newline, one is written first. The lines are durable once the file is synced. Returns where the first and the last of `lines` begin, and where all end.
 *
 * Throws `PATH_THROUGH_LINK` when a symbolic link stands at the file or on the way from `root`, `PATH_INVALID` when something else
 * does, `TREE_NOT_FOUND` when `root` itself is missing.
 */
export function appendLines(
  { disk, root }: { disk: Disk; root: string },
  file: string,
  lines: readonly string[],
): { startsAt: number; lastAt: number; endsAt: number } {
  const isNew = makeWay(disk, root, file);
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const startsAt = append(disk, file, bytes);
  if (isNew) disk.syncDir(dirname(file));
  const endsAt = startsAt + bytes.length;
  return { startsAt, lastAt: endsAt - Buffer.byteLength(lines.at(-1)!) - 1, endsAt };
}

/** Makes missing folders. True when the file is missing too. */
function makeWay(disk: Disk, root: string, file: string): boolean {
  if (disk.lstat(root) === null) throw new HoldfastError("TREE_NOT_FOUND", `${root} is not there`);
  const segments = relative(root, file).split("/");
  const name = segments.pop()!;
  let folder = root;
  for (const segment of segments) {
    const above = folder;
    folder = `${above}/${segment}`;
    const stat = disk.lstat(folder);
    if (stat?.kind === "dir") continue;
    if (stat !== null) throw standsInTheWay(folder, stat.kind === "link");
    disk.mkdir(folder, 0o755);
    disk.syncDir(above);
  }
  const stat = disk.lstat(`${folder}/${name}`);
  if (stat !== null && stat.kind !== "file") throw standsInTheWay(file, stat.kind === "link");
  return stat === null;
}

function standsInTheWay(path: string, isLink: boolean): HoldfastError {
  return isLink
    ? new HoldfastError("PATH_THROUGH_LINK", `${path} is a symbolic link; nothing is written through it`, {
        data: { path },
      })
    : new HoldfastError("PATH_INVALID", `${path} is neither a file nor a folder that could be written to`, {
        data: { path },
      });
}

/** Returns the offset at which `bytes` begin. Somebody else may append at the same moment, so it is looked up when sizes do not fit. */
function append(disk: Disk, file: string, bytes: Buffer): number {
  const fd = disk.openAppend(file, 0o644);
  try {
    const before = disk.fstat(fd).sizeBytes;
    const newline = endsWithoutNewline(disk, file, before) ? Buffer.from("\n") : Buffer.alloc(0);
    disk.write(fd, Buffer.concat([newline, bytes]), null);
    const after = disk.fstat(fd).sizeBytes;
    const expected = before + newline.length;
    return after === expected + bytes.length
      ? expected
      : expected + offsetOf(bytes, readRange(disk, file, expected, after));
  } finally {
    disk.close(fd);
  }
}

function endsWithoutNewline(disk: Disk, file: string, sizeBytes: number): boolean {
  return sizeBytes > 0 && readRange(disk, file, sizeBytes - 1, sizeBytes)[0] !== 0x0a;
}

/** Where nothing is found, somebody has cut the file: then no anchor holds there, and all is written again. */
function offsetOf(bytes: Buffer, written: Buffer): number {
  return Math.max(0, written.indexOf(bytes));
}

export function readRange(disk: Disk, file: string, from: number, to: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, Math.min(to - from, LIMITS.ledgerLineBytesMax)));
  const fd = disk.openRead(file);
  try {
    return buffer.subarray(0, disk.read(fd, buffer, 0, buffer.length, from));
  } finally {
    disk.close(fd);
  }
}
