/**
 * File events without the system's: compares folders with what they were at the last `poll`. Its watches follow inodes, as inotify's do.
 * With `recursive` it answers as macOS does: one watch sees all below, and hints name paths.
 */

import * as fs from "node:fs";
import { join } from "node:path";
import type { Watch, WatchPort } from "../../src/base/index.ts";
import { systemError } from "../../src/platform/index.ts";

interface Watching {
  readonly fd: number;
  readonly own: string;
  readonly isFolder: boolean;
  readonly onHint: (name: string | null) => void;
  readonly onEnd: (error: Error) => void;
  seen: Map<string, string>;
}

export class PollingWatch implements WatchPort {
  readonly recursive: boolean;
  readonly queueLength: number;
  /** How many watches there are to be had. */
  watchesMax: number;
  /** What a mount would change. */
  mounts = "";
  /** Events are lost. */
  isDeaf = false;
  readonly #all = new Set<Watching>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: { recursive?: boolean; queueLength?: number; watchesMax?: number } = {}) {
    this.recursive = options.recursive ?? false;
    this.queueLength = options.queueLength ?? 16_384;
    this.watchesMax = options.watchesMax ?? Number.POSITIVE_INFINITY;
  }

  watchFolder(path: string, onHint: (name: string | null) => void, onEnd: (error: Error) => void): Watch {
    if (!fs.lstatSync(path).isDirectory()) throw systemError("ENOTDIR", "watch", path);
    return this.#watch(path, true, onHint, onEnd);
  }

  watchFile(path: string, onHint: () => void, onEnd: (error: Error) => void): Watch {
    return this.#watch(path, false, onHint, onEnd);
  }

  mountTable(): string {
    return this.mounts;
  }

  /** Tells everything that has changed since the last time. */
  poll(): void {
    for (const watching of this.#all) {
      const now = this.#look(watching);
      const names = new Set([...now.keys(), ...watching.seen.keys()]);
      const changed = [...names].filter((name) => now.get(name) !== watching.seen.get(name));
      watching.seen = now;
      if (!this.isDeaf) for (const name of changed) watching.onHint(name);
    }
  }

  pollEvery(ms: number): void {
    this.#timer = setInterval(() => this.poll(), ms);
  }

  /** Every watch breaks. */
  breakAll(error: Error): void {
    for (const watching of [...this.#all]) {
      this.#close(watching);
      watching.onEnd(error);
    }
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const watching of this.#all) this.#close(watching);
  }

  #watch(path: string, isFolder: boolean, onHint: Watching["onHint"], onEnd: Watching["onEnd"]): Watch {
    if (this.#all.size >= this.watchesMax) throw systemError("ENOSPC", "watch", path);
    const fd = fs.openSync(path, fs.constants.O_RDONLY);
    const own = path.slice(path.lastIndexOf("/") + 1);
    const watching: Watching = { fd, own, isFolder, onHint, onEnd, seen: new Map() };
    watching.seen = this.#look(watching);
    this.#all.add(watching);
    return { close: () => this.#close(watching) };
  }

  #close(watching: Watching): void {
    if (this.#all.delete(watching)) fs.closeSync(watching.fd);
  }

  #look({ fd, own, isFolder }: Watching): Map<string, string> {
    const seen = new Map<string, string>();
    const self = fs.fstatSync(fd);
    if (!isFolder) return seen.set(own, lookOf(self));
    if (self.nlink === 0) return seen.set(own, "removed");
    const folder = `/proc/self/fd/${fd}`;
    const below = (prefix: string) => {
      for (const name of fs.readdirSync(join(folder, prefix))) {
        const path = prefix === "" ? name : `${prefix}/${name}`;
        const stat = fs.lstatSync(join(folder, path), { throwIfNoEntry: false });
        if (stat === undefined) continue;
        seen.set(path, stat.isDirectory() ? `${stat.ino} ${stat.mode}` : lookOf(stat));
        if (this.recursive && stat.isDirectory()) below(path);
      }
    };
    below("");
    return seen;
  }
}

function lookOf(stat: fs.Stats): string {
  return [stat.ino, stat.mode, stat.size, stat.mtimeMs, stat.ctimeMs, stat.nlink].join(" ");
}
