/**
 * What makes git's history quick, in a folder of ours, one for each repository: a commit graph with changed-path filters, and the logs
 * of paths that were asked about before.
 *
 * A cache: each part of it can be thrown away at any time, and what is damaged is not used. Nothing is written below git's own folder:
 * git takes our folder for the one of its objects, and its own for an alternate. A graph names commits by their ids, so one that was
 * made before refs moved is still right: git walks what came since. A log is kept under the commit that it starts from.
 * Crash: git renames a finished graph into place; the lock that it may leave goes when it is old.
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import {
  type Disk,
  type GitLocation,
  type GitRunOptions,
  isSystemError,
  LIMITS,
  type Ports,
} from "../../base/index.ts";
import { makeFolders, readWhole, replaceDurably } from "../../tree/index.ts";

type PastPorts = Pick<Ports, "git" | "disk" | "clock">;

export interface KeptPast {
  /** For every git that walks history; nothing where no sound graph is kept. */
  readonly run: Pick<GitRunOptions, "objects">;
  /** What `make` resolves to, kept under `key`. */
  keep(key: readonly string[], make: () => Promise<string>): Promise<string>;
}

export const NO_PAST: KeptPast = { run: {}, keep: (_, make) => make() };

export interface PastOptions {
  /** The folder of all repositories' caches. */
  readonly folder: string;
  /** With fewer packed objects git is quick by itself. */
  readonly objectsMin?: number;
}

/** What is kept of a repository. Where there is no graph yet, or an old one, git is set to make it, and nobody waits for that. */
export function openPast(location: GitLocation, options: PastOptions, ports: PastPorts): KeptPast {
  const { disk, clock } = ports;
  return orElse(NO_PAST, () => {
    const places = placesOf(location, options, disk);
    if (places === null) return NO_PAST;
    const isQuick = isSound(places.graph, disk);
    const ageMs = clock.now() - (isQuick ? (noteAt(places, disk)?.at ?? 0) : 0);
    if (ageMs > LIMITS.gitPastAgeMsMax) void buildPast(location, options, ports);
    const { objects: own, repository } = places;
    return {
      run: isQuick ? { objects: { own, repository } } : {},
      keep: (key, make) => keptLog(join(places.logs, sumOf(JSON.stringify(key)).slice(0, 40)), make, disk),
    };
  });
}

/** A graph ends with the sum of all that stands before it. */
function isSound(graph: string, disk: Disk): boolean {
  const bytes = readWhole(disk, graph);
  if (bytes === null || bytes.length < 64 || bytes.toString("latin1", 0, 4) !== "CGPH") return false;
  const hash = bytes[5] === 2 ? "sha256" : "sha1";
  const end = bytes.length - (hash === "sha256" ? 32 : 20);
  return createHash(hash).update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end));
}

// ----------------------------------------------------------------------------------------------------------------- where

interface Places {
  readonly objects: string;
  readonly graph: string;
  readonly logs: string;
  readonly note: string;
  /** The repository's own objects. */
  readonly repository: string;
}

/** `null` for a repository whose history is cut short, replaced, or too short to be worth it. */
function placesOf({ commonDir }: GitLocation, options: PastOptions, disk: Disk): Places | null {
  const { folder: all, objectsMin = LIMITS.gitPastObjectsMin } = options;
  const repository = join(commonDir, "objects");
  // Git would split a list of folders there, or unquote it.
  if (/[:"\n]/.test(repository)) return null;
  if (objectsIn(repository, disk) < objectsMin || isRewritten(commonDir, disk)) return null;
  const folder = join(all, sumOf(commonDir).slice(0, 16));
  const objects = join(folder, "objects");
  return {
    objects,
    repository,
    graph: join(objects, "info", "commit-graph"),
    logs: join(folder, "logs"),
    note: join(folder, NOTE),
  };
}

/** Where parents are not what the commits say, neither a graph nor a kept log can be right. */
function isRewritten(commonDir: string, disk: Disk): boolean {
  const isThere = (name: string) => disk.lstat(join(commonDir, name)) !== null;
  if (["shallow", "info/grafts", "refs/replace", "reftable"].some(isThere)) return true;
  const text = (name: string) => readWhole(disk, join(commonDir, name))?.toString("utf8") ?? "";
  return / refs\/replace\//.test(text("packed-refs")) || /^\s*(promisor|partialclone)/im.test(text("config"));
}

const INDEX_HEAD_BYTES = 1_100;
const INDEX_ENTRY_BYTES = 28;

/** About, by the sizes of the packs' indexes. */
function objectsIn(repository: string, disk: Disk): number {
  const pack = join(repository, "pack");
  const sizes = namesIn(pack, disk)
    .filter((name) => name.endsWith(".idx"))
    .map((name) => disk.lstat(join(pack, name))?.sizeBytes ?? 0);
  return sizes.reduce((sum, size) => sum + Math.max(0, size - INDEX_HEAD_BYTES) / INDEX_ENTRY_BYTES, 0);
}

function namesIn(folder: string, disk: Disk): string[] {
  return orElse([], () => disk.list(folder).names.map(({ name }) => name));
}

// ------------------------------------------------------------------------------------------------------------- the graph

const NOTE = "past.json";

interface Note {
  readonly v: 1;
  /** Whose past it is. */
  readonly repository: string;
  /** The sum of all refs when the graph was begun. */
  readonly refs: string;
  /** Unix ms. */
  readonly at: number;
}

/**
 * Sets git to make the graph, as a process that nobody waits for: where refs moved since the last one, or there is none. Never rejects
 * for what happens to a cache. True when it was begun.
 */
export async function buildPast(location: GitLocation, options: PastOptions, ports: PastPorts): Promise<boolean> {
  const { disk, git, clock } = ports;
  try {
    dropAbandoned(options.folder, disk);
    const places = placesOf(location, options, disk);
    if (places === null) return false;
    const { workTree } = location;
    const refs = sumOf((await git.run(workTree, ["for-each-ref", "--format=%(objectname) %(refname)"])).toString());
    const known = noteAt(places, disk);
    const isTried = known?.refs === refs && clock.now() - known.at < LIMITS.gitPastBuildMs;
    const isMade = known?.refs === refs && isSound(places.graph, disk);
    if (isTried || isMade || !takeOver(places, ports)) return false;
    makeFolders(disk, join(places.objects, "info"), 0o700);
    const note: Note = { v: 1, repository: location.commonDir, refs, at: clock.now() };
    replaceDurably(disk, places.note, JSON.stringify(note));
    git.startApart(workTree, ["commit-graph", "write", "--reachable", "--changed-paths", "--no-progress"], {
      objects: { own: places.objects, repository: places.repository },
    });
    return true;
  } catch (error) {
    if (error instanceof Error && (isSystemError(error) || "cmd" in error)) return false;
    throw error;
  }
}

function noteAt({ note }: Places, disk: Disk): Note | null {
  return noteIn(note, disk);
}

function noteIn(file: string, disk: Disk): Note | null {
  try {
    const found = JSON.parse(readWhole(disk, file)?.toString("utf8") ?? "null") as Note | null;
    return found?.v === 1 ? found : null;
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error)) return null;
    throw error;
  }
}

/** False while somebody makes one. What is damaged goes: git would take over what it can read of it. */
function takeOver({ graph }: Places, { disk, clock }: Pick<Ports, "disk" | "clock">): boolean {
  const lock = disk.lstat(`${graph}.lock`);
  if (lock !== null) {
    if (clock.now() - lock.mtimeMs < LIMITS.gitPastBuildMs) return false;
    disk.unlink(`${graph}.lock`);
  }
  if (disk.lstat(graph) !== null && !isSound(graph, disk)) disk.unlink(graph);
  return true;
}

/** What is kept of repositories that are gone. */
function dropAbandoned(all: string, disk: Disk): void {
  for (const name of namesIn(all, disk)) {
    const note = noteIn(join(all, name, NOTE), disk);
    if (note !== null && disk.lstat(note.repository) === null) drop(join(all, name), disk);
  }
}

function drop(place: string, disk: Disk): void {
  if (disk.lstat(place)?.kind === "dir") {
    for (const name of namesIn(place, disk)) drop(join(place, name), disk);
    disk.rmdir(place);
  } else disk.unlink(place);
}

// -------------------------------------------------------------------------------------------------------------- the logs

const SUM_LENGTH = 64;

/** First the sum of what follows: what was cut off or damaged is not taken for the whole. */
async function keptLog(file: string, make: () => Promise<string>, disk: Disk): Promise<string> {
  const known = orElse(null, () => readWhole(disk, file)?.toString("utf8") ?? null);
  const text = known?.slice(SUM_LENGTH) ?? null;
  if (text !== null && known!.slice(0, SUM_LENGTH) === sumOf(text)) return text;
  const made = await make();
  if (made.length <= LIMITS.gitPastLogLengthMax) orElse(undefined, () => keepLog(file, made, disk));
  return made;
}

function keepLog(file: string, text: string, disk: Disk): void {
  const folder = dirname(file);
  makeFolders(disk, folder, 0o700);
  const names = namesIn(folder, disk);
  if (names.length >= LIMITS.gitPastLogsMax) for (const name of names) disk.unlink(join(folder, name));
  replaceDurably(disk, file, sumOf(text) + text);
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Read-only, full, or written by another process at once: then without a cache. */
function orElse<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) return otherwise;
    throw error;
  }
}
