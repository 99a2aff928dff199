/** Where a path went: the renames that a commit shows, followed to what is there today. */

import { basename } from "node:path";
import { LIMITS } from "../../base/index.ts";
import { type CommitFiles, filesOf, RENAME_LIMIT } from "./commit-files.ts";
import { historyOf, stepsTo } from "./history.ts";
import type { GitState, Touch } from "./read-log.ts";
import { pathspecOf, type Repository, readBlobs, readFacts, readIndex } from "./repository.ts";

export interface Went {
  /** Today's name; `null`: it was renamed, and then deleted. */
  readonly to: string | null;
  /** The names on the way. */
  readonly by: readonly string[];
  /** Of the first rename, 0 to 100. */
  readonly likeness: number;
  /** The commit that took it for good, where one did. */
  readonly lostBy: Touch | null;
}

const HOPS_MAX = 10;

/** `null` where the commit shows no rename of `path`. */
export async function wentWhere(repository: Repository, path: string, files: CommitFiles): Promise<Went | null> {
  const first = await renameOf(repository, path, files);
  if (first === null) return null;
  const by: string[] = [];
  let name = first.to;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    by.push(name);
    const [last] = await stepsOfName(repository, name);
    if (last === undefined || last.to !== null) return { to: name, by, likeness: first.likeness, lostBy: null };
    const next = await renameOf(repository, name, await filesOf(repository, last.touch, name));
    if (next === null || by.includes(next.to)) return { to: null, by, likeness: first.likeness, lostBy: last.touch };
    name = next.to;
  }
  return { to: name, by, likeness: first.likeness, lostBy: null };
}

async function stepsOfName(repository: Repository, path: string): Promise<ReturnType<typeof stepsTo>> {
  return stepsTo(historyOf(await repository.touches(["HEAD"], [pathspecOf({ path, isGlob: false })])), path);
}

interface Rename {
  readonly to: string;
  readonly likeness: number;
}

async function renameOf(repository: Repository, path: string, { files }: CommitFiles): Promise<Rename | null> {
  const found = files.find((file) => file.letter === "R" && file.path === path);
  if (found?.newPath != null) return { to: found.newPath, likeness: found.likeness };
  const gone = files.find((file) => file.letter === "D" && file.path === path)?.from ?? null;
  const counts = ["A", "D"].map((letter) => files.filter((file) => file.letter === letter).length);
  if (gone === null || counts[0]! * counts[1]! <= RENAME_LIMIT ** 2) return null;
  return likeliestOf(repository, { path, gone, files });
}

const LIKENESS_MIN = 50;
const CANDIDATES_MAX = 20;

/** Where there are too many files for git to compare: those of the same name are compared here. */
async function likeliestOf(
  repository: Repository,
  { path, gone, files }: { path: string; gone: GitState; files: CommitFiles["files"] },
): Promise<Rename | null> {
  const candidates = files
    .filter((file) => file.letter === "A" && file.to !== null && basename(file.path) === basename(path))
    .slice(0, CANDIDATES_MAX);
  const oids = [gone.oid, ...candidates.map(({ to }) => to!.oid)];
  const blobs = candidates.length === 0 ? new Map() : await readBlobs(repository, oids, LIMITS.diagnoseBlobBytesMax);
  const before = blobs.get(gone.oid);
  if (before === undefined) return null;
  const alike = candidates.flatMap((file) => {
    const after = blobs.get(file.to!.oid);
    return after === undefined ? [] : [{ to: file.path, likeness: likenessOf(before, after) }];
  });
  const [best] = alike.sort((a, b) => b.likeness - a.likeness);
  return best !== undefined && best.likeness >= LIKENESS_MIN ? best : null;
}

/** 0 to 100: how much of the larger one's lines the other has too. */
function likenessOf(a: Buffer, b: Buffer): number {
  const lines = new Map<string, number>();
  for (const line of a.toString("latin1").split("\n")) lines.set(line, (lines.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of b.toString("latin1").split("\n")) {
    const left = lines.get(line) ?? 0;
    if (left === 0) continue;
    lines.set(line, left - 1);
    shared += line.length + 1;
  }
  return Math.round((100 * shared) / (Math.max(a.length, b.length) + 1));
}

const NEAR_MS = 3_600_000;
/** Shorter texts are alike by chance. */
const TELLING_BYTES_MIN = 64;

export interface Elsewhere {
  readonly path: string;
  /** It came there when this one went: a move in two steps. */
  readonly isMove: boolean;
}

/** The very same content under the same name in another folder, as HEAD has it. */
export async function sameElsewhere(
  repository: Repository,
  { path, state, goneMs }: { path: string; state: GitState; goneMs: number },
): Promise<Elsewhere | null> {
  const name = basename(path).replace(/[\\*?[\]]/g, "\\$&");
  const entries = await readIndex(repository, [`:(glob)**/${name}`]);
  const same = [...entries].filter(([other, { oid }]) => other !== path && oid === state.oid).slice(0, 3);
  const [facts] = same.length === 0 ? [] : await readFacts(repository, [state.oid]);
  if (facts == null || facts.sizeBytes < TELLING_BYTES_MIN) return null;
  for (const [other] of same) {
    const came = (await stepsOfName(repository, other)).findLast(({ to }) => to !== null);
    if (came !== undefined && Math.abs(came.touch.committedMs - goneMs) <= NEAR_MS)
      return { path: other, isMove: true };
  }
  return same[0] === undefined ? null : { path: same[0][0], isMove: false };
}
