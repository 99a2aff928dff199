/** When each agent's hook was last called: a file each, whose time tells. A hook that never fired protects nobody. */

import { join } from "node:path";
import { type Disk, isSystemError, type Ports } from "../base/index.ts";
import { holdfastHome, makeFolders } from "../tree/index.ts";
import type { AgentName } from "./call.ts";

type FiredPorts = Pick<Ports, "disk" | "process" | "clock">;

/** So exactly is the time known: more would cost every command a write. */
const EXACT_TO_MS = 1_000;

/** Where nothing may be written, nothing is. */
export function noteFired(agent: AgentName, ports: FiredPorts): void {
  const { disk, clock } = ports;
  const file = firedFile(agent, ports);
  try {
    if (Math.abs(clock.now() - (disk.lstat(file)?.mtimeMs ?? 0)) < EXACT_TO_MS) return;
    makeFolders(disk, join(file, ".."), 0o700);
    renew(file, ports);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

export function lastFiredMs(agent: AgentName, ports: Pick<Ports, "disk" | "process">): number | null {
  const stat = ports.disk.lstat(firedFile(agent, ports));
  return stat?.kind === "file" ? stat.mtimeMs : null;
}

function renew(file: string, { disk, process }: { disk: Disk; process: FiredPorts["process"] }): void {
  const temporary = `${file}.${process.pid}`;
  const fd = disk.createNew(temporary, 0o600);
  disk.close(fd);
  disk.rename(temporary, file);
}

function firedFile(agent: AgentName, ports: Pick<Ports, "disk" | "process">): string {
  return join(holdfastHome(ports), "hooks", `${agent}.fired`);
}
