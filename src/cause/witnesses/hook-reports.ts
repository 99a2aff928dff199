/**
 * What `holdfast exec` and the hooks of agents report about themselves: the one witness that is certain.
 *
 * One JSON file a command in a folder that only its user can enter. It is dropped when the command begins, and again, under the same
 * id, when it has ended; the reader removes it then. Dropping is a rename, so a reader sees a whole report or none. A report
 * whose process died without a word counts as ended when it was last written.
 */

import { join } from "node:path";
import { type Disk, isSystemError, LIMITS, type Ports } from "../../base/index.ts";
import { makeFolders, readWhole } from "../../tree/index.ts";
import { describeScript } from "../command/describe-command.ts";
import { readCommand } from "../command/read-command.ts";
import { type HookReport, parseReport, reportText } from "./hook-report-schema.ts";
import { stillRunning } from "./still-running.ts";
import type { Witness } from "./witness.ts";

/** In the tree's state folder. */
export function reportsFolder(state: { readonly dir: string }): string {
  return join(state.dir, "reports");
}

/** `id`: the same for the beginning and the end of one command. */
export function dropReport(folder: string, report: HookReport, { disk }: { disk: Disk }): void {
  makeFolders(disk, folder, 0o700);
  const temporary = join(folder, `.${report.id}.tmp`);
  if (disk.lstat(temporary) !== null) disk.unlink(temporary);
  const fd = disk.createNew(temporary, 0o600);
  try {
    disk.write(fd, Buffer.from(reportText(report)), null);
  } finally {
    disk.close(fd);
  }
  disk.rename(temporary, join(folder, `${report.id}.json`));
}

/** The end of what was reported under this id; what was not is over as soon as it is told. With its beginning. */
export function dropReportOfEnd(folder: string, report: HookReport, ports: { disk: Disk }): HookReport {
  const begun = read(join(folder, `${report.id}.json`), ports.disk);
  const whole = begun === null ? report : { ...report, startedMs: begun.startedMs };
  dropReport(folder, whole, ports);
  return whole;
}

/** Of commands that were begun and have not told their end; nothing is removed. */
export function reportsOfRunning(folder: string, ports: { disk: Disk }): HookReport[] {
  const all = reportNames(folder, ports.disk).map((name) => read(join(folder, name), ports.disk));
  return all.filter((report) => report !== null && report.endedMs === null) as HookReport[];
}

export interface ReportLook {
  readonly witnesses: readonly Witness[];
  readonly running: readonly Witness[];
  /** Files that were no reports, too large, too old or too many: removed. */
  readonly dropped: number;
}

export type ReportPorts = Pick<Ports, "disk" | "clock" | "process" | "git">;

export function takeReports(folder: string, ports: ReportPorts): ReportLook {
  const look = { witnesses: [] as Witness[], running: [] as Witness[], dropped: 0 };
  const names = reportNames(folder, ports.disk);
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    const stat = ports.disk.lstat(path);
    if (stat === null || stat.kind === "dir") continue;
    const report = stat.kind === "file" && stat.sizeBytes <= LIMITS.reportSizeBytesMax ? read(path, ports.disk) : null;
    const isAged = ports.clock.now() - stat.mtimeMs > LIMITS.reportAgeMsMax || index >= LIMITS.reportFilesMax;
    if (report === null || isAged) {
      look.dropped += 1;
      remove(path, ports.disk);
    } else if (report.endedMs === null && mayRun(report, ports)) {
      look.running.push(witnessOf(report, null, ports));
    } else {
      look.witnesses.push(witnessOf(report, report.endedMs ?? report.expiresMs ?? stat.mtimeMs, ports));
      remove(path, ports.disk);
    }
  }
  return look;
}

function mayRun({ pid, startedMs, expiresMs }: HookReport, { clock, process }: ReportPorts): boolean {
  return expiresMs === undefined ? stillRunning(pid, startedMs, process) : clock.now() < expiresMs;
}

function reportNames(folder: string, disk: Disk): string[] {
  try {
    return disk
      .list(folder)
      .names.map(({ name }) => name)
      .filter((name) => name.endsWith(".json") && !name.startsWith("."));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

function read(path: string, disk: Disk): HookReport | null {
  try {
    return parseReport(readWhole(disk, path)?.toString("utf8") ?? "");
  } catch (error) {
    // Gone, a link, or not to be read: no report of ours.
    if (isSystemError(error)) return null;
    throw error;
  }
}

function witnessOf(report: HookReport, endedMs: number | null, { clock, git }: ReportPorts): Witness {
  const { command, cwd, actor, pid, startedMs, exitCode } = report;
  const argv = typeof command === "string" ? ["sh", "-c", command] : command;
  return {
    source: "hook",
    argv,
    ...(typeof command === "string" ? { says: describeScript(command) } : {}),
    reading: readCommand(argv, { cwd, workTree: git.locate(cwd)?.workTree ?? null }),
    cwd,
    startedMs,
    endedMs,
    seenMs: endedMs ?? clock.now(),
    exitCode,
    pid,
    startKey: null,
    actor: { ...actor, pid },
    parents: [],
  };
}

function remove(path: string, disk: Disk): void {
  try {
    disk.unlink(path);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}
