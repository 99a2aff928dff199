/** Reads the end of a reflog: `<old> <new> <name> <mail> <seconds> <zone>\t<message>`, one a line, newest last. */

import { type Disk, isSystemError, LIMITS, printableLine } from "../../base/index.ts";

export interface ReflogLine {
  readonly text: string;
  readonly before: string;
  readonly after: string;
  /** Unix ms, whole seconds. */
  readonly atMs: number;
  /** Printable. */
  readonly message: string;
}

const LINE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\t]*> (\d+) [+-]\d{4}\t(.*)$/;

/** Lines of another shape are left out; none where there is no reflog. */
export function readReflog(path: string, disk: Disk): ReflogLine[] {
  return tailOf(path, disk)
    .split("\n")
    .flatMap((text) => {
      const found = LINE.exec(text);
      if (found === null) return [];
      const [, before, after, seconds, message] = found as unknown as string[];
      return [
        { text, before: before!, after: after!, atMs: Number(seconds) * 1_000, message: printableLine(message!) },
      ];
    });
}

function tailOf(path: string, disk: Disk): string {
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error)) return "";
    throw error;
  }
  try {
    const { sizeBytes } = disk.fstat(fd);
    const length = Math.min(sizeBytes, LIMITS.reflogTailBytesMax);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, disk.read(fd, bytes, 0, length, sizeBytes - length)).toString("utf8");
  } finally {
    disk.close(fd);
  }
}
