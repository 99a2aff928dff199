/** What Linux tells of processes in `/proc`. A process may end while it is looked at: what cannot be read then is left out. */

import * as fs from "node:fs";
import { isSystemError, type ProcessFacts } from "../base/index.ts";

const ANCESTORS_MAX = 64;

/** `pid` itself and its parents, nearest first, across sessions, up to the first process. Empty where there is no `/proc`. */
export function ancestorsOf(pid: number): ProcessFacts[] {
  const chain: ProcessFacts[] = [];
  let current = pid;
  while (current > 0 && chain.length < ANCESTORS_MAX) {
    const found = readStat(current);
    if (found === null) break;
    chain.push({ pid: current, name: found.name, sessionId: found.sessionId, envNames: readEnvNames(current) });
    current = found.parentPid;
  }
  return chain;
}

/**
 * Looks at every open descriptor that may be seen: all of them for root, else those of one's own user. A mapping whose descriptor
 * was closed is not seen. `null` where there is no `/proc`, or nothing stands at `path`.
 */
export function isOpenForWriting(path: string): boolean | null {
  const target = tryRead(() => fs.lstatSync(path));
  const processes = tryRead(() => fs.readdirSync("/proc"));
  if (target === null || processes === null || process.platform !== "linux") return null;
  for (const pid of processes) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of tryRead(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const found = tryRead(() => fs.statSync(`/proc/${pid}/fd/${fd}`));
      if (found?.ino === target.ino && found.dev === target.dev && isWriter(pid, fd)) return true;
    }
  }
  return false;
}

/**
 * True when every member of a process group has ended and only waits to be collected, which some first processes of containers
 * never do. False where there is no `/proc`.
 */
export function hasOnlyZombies(groupId: number): boolean {
  const processes = tryRead(() => fs.readdirSync("/proc"));
  if (processes === null) return false;
  return !processes.some((pid) => {
    const found = /^\d+$/.test(pid) ? readStat(Number(pid)) : null;
    return found?.groupId === groupId && found.state !== "Z";
  });
}

/** It has ended, and only waits to be collected. False where there is no `/proc`. */
export function isZombie(pid: number): boolean {
  return readStat(pid)?.state === "Z";
}

function isWriter(pid: string, fd: string): boolean {
  const info = tryRead(() => fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, "latin1"));
  const flags = /^flags:\s*([0-7]+)$/m.exec(info ?? "");
  if (flags === null) return false;
  return (Number.parseInt(flags[1]!, 8) & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
}

interface ProcessStat {
  readonly name: string;
  /** `R`, `S`, `Z` … as in proc(5). */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
}

/** `pid (name) state ppid pgrp session …`; the name may hold spaces and parentheses, so the last one counts. */
function readStat(pid: number): ProcessStat | null {
  const text = tryRead(() => fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (text === null) return null;
  const end = text.lastIndexOf(")");
  const [state, parentPid, groupId, sessionId] = text.slice(end + 2).split(" ");
  return {
    name: text.slice(text.indexOf("(") + 1, end),
    state: state!,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
  };
}

function readEnvNames(pid: number): string[] | null {
  const text = tryRead(() => fs.readFileSync(`/proc/${pid}/environ`, "utf8"));
  if (text === null) return null;
  return text
    .split("\0")
    .map((pair) => pair.slice(0, pair.indexOf("=")))
    .filter((name) => name !== "");
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
