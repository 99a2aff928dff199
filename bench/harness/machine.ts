/** The machine that was measured on, as far as it explains a figure. No names, no paths. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { isInstalled } from "./command.ts";

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the folder in which everything happens. */
  readonly fileSystem: string;
  readonly versions: Readonly<Record<string, string | null>>;
  /** How busy it was with other things: what makes figures worth less. */
  readonly loadBefore: number;
}

const VERSIONS: Record<string, readonly string[]> = {
  git: ["--version"],
  restic: ["version"],
  borg: ["--version"],
};

export function machineOf(folder: string): Machine {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    fileSystem: fileSystemOf(folder),
    versions: Object.fromEntries(Object.entries(VERSIONS).map(([name, args]) => [name, versionOf(name, args)])),
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

export function machineText({ cores, memoryGib, kernel, node, fileSystem, versions, loadBefore }: Machine): string {
  const peers = Object.entries(versions).map(([name, version]) => version ?? `${name} not installed`);
  const busy = loadBefore > 0.5 ? `  – load ${loadBefore}: others are at work on this machine` : "";
  return `${cores} cores, ${memoryGib} GiB, ${kernel}, ${fileSystem}, node ${node}; ${peers.join(", ")}${busy}`;
}

/** The type of the longest mount point above a folder. */
export function fileSystemOf(folder: string): string {
  if (process.platform !== "linux") return "unknown";
  let best = { place: "", type: "unknown" };
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, place = "", type = ""] = line.split(" ");
    const holds = place === "/" || folder === place || folder.startsWith(`${place}/`);
    if (place !== "" && holds && place.length >= best.place.length) best = { place, type };
  }
  return best.type;
}

function versionOf(program: string, args: readonly string[]): string | null {
  if (!isInstalled(program)) return null;
  const [line = ""] = execFileSync(program, [...args], { stdio: "pipe" })
    .toString()
    .split("\n");
  return `${program} ${/\d+(\.\d+)+/.exec(line)?.[0] ?? "?"}`;
}

/**
 * User and system time of all child processes that have ended, in ms; 0 where that cannot be told. In steps of 10 ms: the mean over
 * many turns is finer. It hardly depends on what else runs on the machine, where the time on the clock does.
 */
export function childrenCpuMs(): number {
  if (process.platform !== "linux") return 0;
  // The name, in parentheses, may hold anything; after it the fields are plain. 16 and 17 of proc(5): cutime, cstime.
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
