/**
 * File events through `fs.watch`: inotify on Linux, where a watch is one folder; FSEvents on macOS, where it is all below it, because
 * each further watch there restarts the stream. Not run on a Mac so far: the conformance suite is what would show it.
 *
 * inotify tells of an overflow, but libuv drops what it tells: whoever counts the hints of one turn suspects it.
 */

import * as fs from "node:fs";
import { isSystemError, type Watch, type WatchPort } from "../base/index.ts";
import { systemError } from "./system-error.ts";

/** The kernel's default, where it cannot be read. */
const QUEUE_LENGTH = 16_384;

export function realWatch(): WatchPort {
  const recursive = process.platform === "darwin";
  return {
    recursive,
    queueLength: readQueueLength(),
    watchFolder: (path, onHint, onEnd) => {
      // A path that became a link or a file must fail here: `fs.watch` would follow the one and take the other.
      if (!fs.lstatSync(path).isDirectory()) throw systemError("ENOTDIR", "watch", path);
      return watch(path, { recursive }, onHint, onEnd);
    },
    watchFile: (path, onHint, onEnd) => watch(path, { recursive: false }, () => onHint(), onEnd),
    mountTable: () => readText("/proc/self/mountinfo") ?? "",
  };
}

function watch(
  path: string,
  options: { recursive: boolean },
  onHint: (name: string | null) => void,
  onEnd: (error: Error) => void,
): Watch {
  const watcher = fs.watch(path, { ...options, persistent: true }, (_type, name) => onHint(name));
  watcher.on("error", (error) => {
    watcher.close();
    onEnd(error as Error);
  });
  return { close: () => watcher.close() };
}

function readQueueLength(): number {
  const told = Number(readText("/proc/sys/fs/inotify/max_queued_events") ?? QUEUE_LENGTH);
  return Number.isInteger(told) && told > 0 ? told : QUEUE_LENGTH;
}

function readText(path: string): string | null {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
