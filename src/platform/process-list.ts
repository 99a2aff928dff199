/**
 * All processes by `ps`, for systems without `/proc`.
 *
 * Tried on Linux, where ps takes the same words; not run on a Mac. It knows neither folders nor environments, its lines join the
 * arguments by spaces, and it takes about 10 ms as a child: what lives shorter is missed.
 */

import { execFile } from "node:child_process";
import { LIMITS, type SeenProcess } from "../base/index.ts";

const COLUMNS = ["pid=", "ppid=", "uid=", "tty=", "lstart=", "args="];

/** Newest first. Throws when `ps` cannot be run. */
export function listProcesses(): Promise<SeenProcess[]> {
  const args = ["-axww", ...COLUMNS.flatMap((column) => ["-o", column])];
  const options = {
    timeout: LIMITS.processListMsMax,
    maxBuffer: 16 * 1024 * 1024,
    env: { ...process.env, LC_ALL: "C" },
  };
  return new Promise((resolve, reject) => {
    execFile("ps", args, options, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(parseProcessList(stdout).sort((a, b) => (b.startedMs ?? 0) - (a.startedMs ?? 0) || b.pid - a.pid));
    });
  });
}

/** `pid ppid uid tty Sun Nov 22 14:34:50 2026 command…`; lines of another shape are left out. */
export function parseProcessList(text: string): SeenProcess[] {
  const line = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3} +\w{3} +\d+ +[\d:]{8} +\d{4})\s+(\S.*)$/;
  return text.split("\n").flatMap((one) => {
    const found = line.exec(one);
    if (found === null) return [];
    const [, pid, parentPid, userId, terminal, started, command] = found as unknown as string[];
    const argv = command!.split(" ").filter((word) => word !== "");
    const startedMs = Date.parse(started!);
    return [
      {
        pid: Number(pid),
        startKey: started!,
        startedMs: Number.isNaN(startedMs) ? null : startedMs,
        parentPid: Number(parentPid),
        sessionId: null,
        // "?" on Linux, "??" on macOS.
        hasTerminal: !/^(?:\?+|-)$/.test(terminal!),
        userId: Number(userId),
        name: argv[0]!.replace(/^.*\//, "").slice(0, 15),
        argv,
        cwd: null,
        envNames: null,
        envValues: {},
      },
    ];
  });
}
