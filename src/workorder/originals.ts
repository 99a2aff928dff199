/**
 * Moves originals out of the inbox: into `archive/` or `failed/`, with what is to be said about them beside.
 *
 * Invariants: nothing is overwritten. The name over there is reserved first, by an empty file (or folder) of our own that nobody had,
 * and the original is renamed onto it. What is moved is what was judged: a newer file that took the name meanwhile is put back.
 * Crash: the original is here or there, never both. An empty reservation may be left; it has nothing beside it and is used again.
 */

import { type Disk, type HoldfastError, isSystemError, LIMITS, type Stat } from "../base/index.ts";
import type { Lying } from "./inbox-look.ts";
import type { OrderWorld } from "./world.ts";

export type Report = ".error.json" | ".reason.json";

/**
 * A free name for `lying` in `folder` (from the tree's root), which is made when it is missing: `x.yaml`, `x.yaml.2`, `x.yaml.3` …
 * Neither it nor its report stood there before. Returns the path from the tree's root.
 */
export function reserve(lying: Lying, folder: string, world: Pick<OrderWorld, "ports" | "places">): string {
  const { disk } = world.ports;
  makeFolders(folder, world);
  for (let number = 1; ; number += 1) {
    const path = `${folder}/${fitted(lying.name, number === 1 ? "" : `.${number}`)}`;
    const place = world.places.absolute(path);
    const reported = REPORTS.some((report) => disk.lstat(`${place}${report}`) !== null);
    if (!reported && take(place)) return path;
  }

  function take(place: string): boolean {
    try {
      if (lying.kind === "dir") disk.mkdir(place, 0o755);
      else disk.close(disk.createNew(place, 0o644));
      return true;
    } catch (error) {
      if (isSystemError(error, "EEXIST")) return isEmpty(disk, place, lying.kind);
      throw error;
    }
  }
}

function makeFolders(path: string, world: Pick<OrderWorld, "ports" | "places">): void {
  const place = world.places.absolute(path);
  if (world.ports.disk.lstat(place) !== null) return;
  const cut = path.lastIndexOf("/");
  if (cut > 0) makeFolders(path.slice(0, cut), world);
  world.ports.disk.mkdir(place, 0o755);
}

const REPORTS: readonly Report[] = [".error.json", ".reason.json"];

/** True where a move would overwrite nothing. */
export function isVacant(lying: Lying, path: string, { ports, places }: Pick<OrderWorld, "ports" | "places">): boolean {
  const place = places.absolute(path);
  return ports.disk.lstat(place) === null || isEmpty(ports.disk, place, lying.kind);
}

/** A reservation that a crash left: nothing is lost with it. */
function isEmpty(disk: Disk, place: string, kind: Lying["kind"]): boolean {
  const stat = disk.lstat(place);
  if (stat?.kind !== kind) return false;
  return stat.kind === "dir" ? disk.list(place).names.length === 0 : stat.sizeBytes === 0;
}

/** With room for what is put behind it. A name that is too long loses its end. */
function fitted(name: string, suffix: string): string {
  const room = LIMITS.nameLengthBytesMax - Math.max(...REPORTS.map(({ length }) => length)) - suffix.length;
  let end = name.length;
  while (Buffer.byteLength(name.slice(0, end)) > room) end -= 1;
  return `${name.slice(0, end).toWellFormed()}${suffix}`;
}

/** Moves onto a reserved name. False when a newer file had taken the original's name: that one is back in the inbox. */
export function moveTo(lying: Lying, path: string, { ports, places }: Pick<OrderWorld, "ports" | "places">): boolean {
  const { disk } = ports;
  const place = places.absolute(path);
  const from = places.absolute(lying.path);
  if (!isStill(disk.lstat(from), lying)) {
    giveUp(disk, place, lying.kind);
    return false;
  }
  disk.rename(from, place);
  const moved = disk.lstat(place);
  if (moved?.ino === lying.stat!.ino && moved.dev === lying.stat!.dev) return true;
  // Somebody renamed a newer file onto the name between the look and the rename. It goes back, beside a third one if need be.
  const inbox = lying.path.slice(0, lying.path.lastIndexOf("/"));
  disk.rename(place, disk.lstat(from) === null ? from : places.absolute(reserve(lying, inbox, { ports, places })));
  return false;
}

/** Takes an unused reservation away. */
function giveUp(disk: Disk, place: string, kind: Lying["kind"]): void {
  if (!isEmpty(disk, place, kind)) return;
  if (kind === "dir") disk.rmdir(place);
  else disk.unlink(place);
}

function isStill(stat: Stat | null, { stat: judged, kind }: Lying): boolean {
  return stat !== null && stat.kind === kind && stat.ino === judged!.ino && stat.dev === judged!.dev;
}

/** What is to be said about something that stays in the inbox, in `folder` all the same. */
export function reportAlone(
  lying: Lying,
  folder: string,
  { report, says }: { report: Report; says: object },
  world: Pick<OrderWorld, "ports" | "places">,
): void {
  makeFolders(folder, world);
  for (let number = 1; ; number += 1) {
    if (writeReport(`${folder}/${fitted(lying.name, number === 1 ? "" : `.${number}`)}`, report, says, world)) return;
  }
}

/** Writes what is to be said beside `path`. False when something stands there: before a crash it was said of the same original. */
export function writeReport(
  path: string,
  report: Report,
  says: object,
  { ports, places }: Pick<OrderWorld, "ports" | "places">,
): boolean {
  const { disk } = ports;
  const place = places.absolute(`${path}${report}`);
  let fd: number;
  try {
    fd = disk.createNew(place, 0o644);
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  }
  try {
    disk.write(fd, Buffer.from(`${JSON.stringify(says, null, 2)}\n`), null);
    return true;
  } finally {
    disk.close(fd);
  }
}

/** `{code, message, hint, line, column}`; `null` where there is no place in a text to name. */
export function errorReport(error: HoldfastError): object {
  const { line = null, column = null } = error.data as { line?: number; column?: number };
  return { code: error.code, message: error.message, hint: error.hint, line, column };
}
