/** Process ids come round again, on a busy machine within minutes: alive is who had the id at that time. */

import type { ProcessPort } from "../../base/index.ts";

/** Boot time and clock are read apart, and processes start on ticks of 10 ms. */
const SLACK_MS = 2_000;

/** Whether the process that had `pid` at `atMs` runs still. Where there is no `/proc`, whether any has the id. */
export function stillRunning(pid: number, atMs: number, process: ProcessPort): boolean {
  if (!process.isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  const seen = process.inspectProcess(pid, []);
  // One without arguments has ended and waits to be collected.
  return seen !== null && seen.argv.length > 0 && (seen.startedMs ?? 0) <= atMs + SLACK_MS;
}
