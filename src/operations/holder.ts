/** Who holds a tree's lock, for people: a file beside the lock. It informs; the lock decides. */

import type { Ports } from "../base/index.ts";
import type { Tree } from "../tree/index.ts";

export interface Holder {
  pid: number;
  command: string;
  since: string;
}

export function writeHolder(tree: Tree, { disk, process, clock }: Ports, command: string): void {
  const holder: Holder = { pid: process.pid, command, since: new Date(clock.now()).toISOString() };
  if (disk.lstat(tree.state.holder) !== null) disk.unlink(tree.state.holder);
  const fd = disk.createNew(tree.state.holder, 0o600);
  disk.write(fd, Buffer.from(`${JSON.stringify(holder)}\n`), null);
  disk.close(fd);
}

export function readHolder(tree: Tree, { disk }: Pick<Ports, "disk">): Holder | null {
  if (disk.lstat(tree.state.holder)?.kind !== "file") return null;
  const fd = disk.openRead(tree.state.holder);
  try {
    const bytes = Buffer.alloc(4_096);
    return JSON.parse(bytes.subarray(0, disk.read(fd, bytes, 0, bytes.length, 0)).toString()) as Holder;
  } catch (error) {
    // Written just now by somebody else, or cut off by a crash: it only informs.
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    disk.close(fd);
  }
}
