/**
 * Units written where the manager looks, started, and taken away again.
 *
 * Invariant: a file that Holdfast did not write is never lost: it stays, or is put aside under a name of its own and comes back with
 * `uninstallUnits`. Crash: at worst a unit that is written and not started; installing again goes on.
 */

import { join } from "node:path";
import { HoldfastError } from "../base/index.ts";
import { makeFolders, readWhole, replaceDurably } from "../tree/index.ts";
import { isOwn, launchdText } from "./launchd-text.ts";
import { type ManagerPorts, managerOf } from "./manager.ts";
import { systemdTexts } from "./systemd-text.ts";
import type { ServiceUnit } from "./unit.ts";

export interface InstalledUnits {
  readonly manager: "launchd" | "systemd";
  readonly files: string[];
  readonly changed: string[];
  /** Files that stood in the way and lie beside now. */
  readonly aside: string[];
  /** `null`: all were started, or nobody asked for it; else what the manager said. */
  readonly notStarted: string | null;
}

export async function installUnits(
  units: readonly ServiceUnit[],
  { start, replace }: { start: boolean; replace: boolean },
  ports: ManagerPorts,
): Promise<InstalledUnits> {
  const { disk } = ports;
  const manager = managerOf(ports);
  const texts = new Map<string, string>();
  for (const unit of units) {
    if (manager.kind === "launchd") texts.set(`${unit.label}.plist`, await launchdText(unit));
    else for (const [name, text] of Object.entries(systemdTexts(unit))) texts.set(name, text);
  }
  const foreign = [...texts.keys()].map((name) => join(manager.folder, name)).filter((path) => isForeign(path, ports));
  if (foreign.length > 0 && !replace)
    throw new HoldfastError("SERVICE_CONFLICT", `${foreign[0]} is there already, and Holdfast did not write it`, {
      data: { files: foreign },
    });
  makeFolders(disk, manager.folder, 0o755);
  for (const unit of units) makeFolders(disk, unit.log.slice(0, unit.log.lastIndexOf("/")), 0o755);
  for (const path of foreign) putAside(path, ports);
  const changed: string[] = [];
  for (const [name, text] of texts) {
    const path = join(manager.folder, name);
    if (textAt(path, ports) === text) continue;
    replaceDurably(disk, path, text, 0o644);
    changed.push(path);
  }
  const names = [...texts.keys()];
  if (start) await manager.stop(names);
  return {
    manager: manager.kind,
    files: names.map((name) => join(manager.folder, name)),
    changed,
    aside: foreign.map(asideOf),
    notStarted: start ? await manager.start(names) : null,
  };
}

export interface UninstalledUnits {
  readonly removed: string[];
  /** Put back. */
  readonly restored: string[];
}

/** What was written for this tree. */
export async function uninstallUnits(treeId: string, ports: ManagerPorts): Promise<UninstalledUnits> {
  const { disk } = ports;
  const manager = managerOf(ports);
  const files = ownUnitFiles(treeId, ports);
  if (files.length === 0) return { removed: [], restored: [] };
  await manager.stop(files.map((path) => path.slice(path.lastIndexOf("/") + 1)));
  const restored: string[] = [];
  for (const path of files) {
    disk.unlink(path);
    if (disk.lstat(asideOf(path)) === null) continue;
    disk.rename(asideOf(path), path);
    restored.push(path);
  }
  disk.syncDir(manager.folder);
  return { removed: files, restored };
}

/** Absolute, sorted. */
export function ownUnitFiles(treeId: string, ports: ManagerPorts): string[] {
  const { folder } = managerOf(ports);
  if (ports.disk.lstat(folder)?.kind !== "dir") return [];
  return ports.disk
    .list(folder)
    .names.filter(({ name, kind }) => kind === "file" && /\.(plist|service|timer)$/.test(name))
    .map(({ name }) => join(folder, name))
    .filter((path) => isOwn(textAt(path, ports) ?? "", treeId))
    .sort();
}

function isForeign(path: string, ports: ManagerPorts): boolean {
  const text = textAt(path, ports);
  return ports.disk.lstat(path) !== null && (text === null || !isOwn(text, null));
}

/** An older one that lies aside already is the one to come back. */
function putAside(path: string, { disk }: ManagerPorts): void {
  if (disk.lstat(asideOf(path)) === null) disk.rename(path, asideOf(path));
  else disk.rename(path, `${asideOf(path)}.later`);
}

function asideOf(path: string): string {
  return `${path}.before-holdfast`;
}

function textAt(path: string, { disk }: ManagerPorts): string | null {
  return disk.lstat(path)?.kind === "file" ? (readWhole(disk, path)?.toString("utf8") ?? null) : null;
}
