/** Which process runs a run's command: written down by its `holdfast`, so that whoever finds that dead waits for the command to end. */

import { join } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import { makeFolders, readWhole, type StateFolder } from "../tree/index.ts";

export interface Child {
  readonly pid: number;
  readonly startKey: string | null;
}

type ChildPorts = Pick<Ports, "disk" | "process">;
type State = Pick<StateFolder, "dir">;

/** Beforehand, so that noting takes no time: who is killed in between leaves a command that nobody knows of. */
export function makeChildFolder(state: State, { disk }: Pick<ChildPorts, "disk">): void {
  makeFolders(disk, folderIn(state), 0o700);
}

export function noteChild(state: State, id: string, pid: number, { disk, process }: ChildPorts): void {
  const child: Child = { pid, startKey: process.inspectProcess(pid, [])?.startKey ?? null };
  const fd = disk.createNew(fileIn(state, id), 0o600);
  try {
    disk.write(fd, Buffer.from(JSON.stringify(child)), null);
  } finally {
    disk.close(fd);
  }
}

/** `null` where none was written down, or only half. */
export function childOf(state: State, id: string, { disk }: ChildPorts): Child | null {
  try {
    const text = readWhole(disk, fileIn(state, id))?.toString("utf8") ?? "";
    return text.endsWith("}") ? (JSON.parse(text) as Child) : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

export function forgetChild(state: State, id: string, { disk }: ChildPorts): void {
  if (disk.lstat(fileIn(state, id)) !== null) disk.unlink(fileIn(state, id));
}

/** The very process, and no later one of the same id. */
export function isSameAlive({ pid, startKey }: Child, { process }: ChildPorts): boolean {
  if (!process.isAlive(pid)) return false;
  const now = process.inspectProcess(pid, [])?.startKey ?? null;
  return now === null || startKey === null || now === startKey;
}

function folderIn({ dir }: State): string {
  return join(dir, "runs");
}

function fileIn(state: State, id: string): string {
  return join(folderIn(state), `${id}.json`);
}
