/** Every launch agent and unit that has to do with a tree: those that lie in it, and those at home that name it. */

import { join } from "node:path";
import { isSystemError, type Ports } from "../base/index.ts";
import { readWhole } from "../tree/index.ts";
import { placeOf } from "./look.ts";
import { managerOf } from "./manager.ts";
import { type PointsAt, pointsAt } from "./points-at.ts";
import { type ReadUnit, readPlist, readSystemdUnit } from "./read-unit.ts";

export interface SurveyedUnit {
  /** From the tree's root, or absolute. */
  readonly file: string;
  readonly unit: ReadUnit | null;
  readonly malformed: string | null;
  readonly lacking: readonly PointsAt[];
}

/** `inTree`: paths of units in it, from its root. */
export async function surveyUnits(
  root: string,
  inTree: readonly string[],
  ports: Pick<Ports, "disk" | "process">,
): Promise<SurveyedUnit[]> {
  const atHome = unitsAtHome(ports).filter((file) => textAt(file, ports)?.includes(root));
  const units: SurveyedUnit[] = [];
  for (const file of [...inTree, ...atHome]) {
    const text = textAt(file.startsWith("/") ? file : join(root, file), ports);
    if (text !== null) units.push(await surveyed(file, text, ports));
  }
  return units;
}

async function surveyed(file: string, text: string, ports: Pick<Ports, "disk" | "process">): Promise<SurveyedUnit> {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const reading = file.endsWith(".plist") ? await readPlist(text) : readSystemdUnit(text, { name, hasTimer: false });
  if ("malformed" in reading) return { file, unit: null, malformed: reading.malformed, lacking: [] };
  const lacking = pointsAt(reading.unit, placeOf(ports)).filter(({ problem }) => problem !== null);
  return { file, unit: reading.unit, malformed: null, lacking };
}

function unitsAtHome(ports: Pick<Ports, "disk" | "process">): string[] {
  const { folder } = managerOf(ports);
  const home = ports.process.home();
  const folders = new Set([folder, join(home, "Library/LaunchAgents"), join(home, ".config/systemd/user")]);
  return [...folders].flatMap((place) =>
    namesIn(place, ports)
      .filter((name) => /\.(plist|service)$/.test(name))
      .map((name) => join(place, name)),
  );
}

function namesIn(folder: string, { disk }: Pick<Ports, "disk">): string[] {
  if (disk.lstat(folder)?.kind !== "dir") return [];
  return disk.list(folder).names.map(({ name }) => name);
}

function textAt(path: string, { disk }: Pick<Ports, "disk">): string | null {
  try {
    return readWhole(disk, path)?.toString("utf8") ?? null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
