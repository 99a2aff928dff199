/**
 * How a service stands: gather (its unit's file, what that points at, what the manager says) → decide. Of a service that nobody can be
 * asked about only what its file says is known, and that is said.
 */

import { join } from "node:path";
import type { Ports } from "../base/index.ts";
import { readWhole } from "../tree/index.ts";
import { type Manager, type ManagerPorts, managerOf, type UnitState, unitFileNames } from "./manager.ts";
import { type PointsAt, pointsAt } from "./points-at.ts";
import { type ReadUnit, readPlist, readSystemdUnit, type UnitReading } from "./read-unit.ts";

export interface ServiceLook {
  readonly label: string;
  /** `null`: there is none where units lie. */
  readonly file: string | null;
  /** `well`: as it should be, as far as `asked` tells. */
  readonly standing: "well" | "failed" | "unknown";
  /** Why it failed, or cannot be told; for people. */
  readonly why: string | null;
  /** The manager answered. */
  readonly asked: boolean;
  readonly running: boolean;
  /** Where it writes. */
  readonly logs: readonly string[];
}

export async function lookAtService(label: string, ports: ManagerPorts): Promise<ServiceLook> {
  const manager = managerOf(ports);
  const found = await readUnitOf(label, manager, ports);
  const state = await manager.state(label);
  const targets = found !== null && "unit" in found.reading ? pointsAt(found.reading.unit, placeOf(ports)) : [];
  const decided = decideService({ reading: found?.reading ?? null, targets, state });
  return {
    label,
    file: found?.file ?? null,
    ...decided,
    asked: state !== null,
    running: state?.loaded === true && state.running,
    logs: found !== null && "unit" in found.reading ? found.reading.unit.logs : [],
  };
}

export function placeOf({ disk, process }: Pick<Ports, "disk" | "process">) {
  return { home: process.home(), userName: process.userName(), disk };
}

export interface ServiceFacts {
  readonly reading: UnitReading | null;
  readonly targets: readonly PointsAt[];
  readonly state: UnitState | null;
}

/** 126: found and not to be executed. 127: not found. 203: systemd could not execute it at all. */
const CANNOT_RUN = new Map([
  [126, "exit 126: what it starts cannot be executed"],
  [127, "exit 127: what it starts is not there"],
  [203, "exit 203: systemd could not execute it"],
]);

/** First match wins. Pure. */
export function decideService({ reading, targets, state }: ServiceFacts): Pick<ServiceLook, "standing" | "why"> {
  const failed = (why: string) => ({ standing: "failed" as const, why });
  if (reading !== null && "malformed" in reading) return failed(`its unit cannot be read: ${reading.malformed}`);
  const lacking = targets.find(({ problem }) => problem !== null);
  if (lacking !== undefined)
    return failed(
      lacking.problem === "missing"
        ? `it points at ${lacking.path}, which is not there`
        : `it points at ${lacking.path}, which is not executable`,
    );
  if (state === null) {
    const why =
      reading === null ? "no unit was found, and no manager answers" : "no manager answers: it may run or not";
    return { standing: "unknown", why };
  }
  if (!state.loaded) return failed(reading === null ? "it is not installed" : "it is not loaded");
  const cannotRun = state.exitCode === null || state.running ? undefined : CANNOT_RUN.get(state.exitCode);
  if (cannotRun !== undefined) return failed(cannotRun);
  if (state.restarting) return failed(`it ends again and again${exitText(state.exitCode)}`);
  const unit: ReadUnit | null = reading === null ? null : reading.unit;
  const mustRun = unit === null ? !state.scheduled : unit.runsOn && !unit.scheduled && !state.scheduled;
  if (mustRun && !state.running) return failed(`it is down${exitText(state.exitCode)}`);
  return { standing: "well", why: null };
}

function exitText(code: number | null): string {
  return code === null ? "" : ` (exit ${code})`;
}

interface FoundUnit {
  readonly file: string;
  readonly reading: UnitReading;
}

async function readUnitOf(label: string, manager: Manager, { disk }: ManagerPorts): Promise<FoundUnit | null> {
  const [name] = unitFileNames(label, manager.kind);
  for (const folder of manager.folders) {
    const file = join(folder, name!);
    const bytes = disk.lstat(file)?.kind === "file" ? readWhole(disk, file) : null;
    if (bytes === null) continue;
    const text = bytes.toString("utf8");
    const hasTimer = disk.lstat(file.replace(/\.service$/, ".timer"))?.kind === "file";
    const reading =
      manager.kind === "launchd" ? await readPlist(text) : readSystemdUnit(text, { name: label, hasTimer });
    return { file, reading };
  }
  return null;
}
