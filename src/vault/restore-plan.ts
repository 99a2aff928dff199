/**
 * Plans a restore: what is wanted (from the versions), what is there (looked at, digested), and the difference as full states.
 *
 * Changes nothing. Another room applies plans, and puts the bytes that it replaces into the vault first. A database gets its live
 * sidecars out of the way: a `-wal` of another content beside a restored file would be read into it.
 */

import { dirname, join } from "node:path";
import {
  ABSENT,
  type Disk,
  type Entry,
  isSystemError,
  type PresentEntry,
  sameEntry,
  type TreePath,
} from "../base/index.ts";
import type { ContentIndex } from "./content-index.ts";
import type { RestorePlan, RestoreRequest } from "./contract.ts";
import { SIDECAR_SUFFIXES, sidecarsOf } from "./database.ts";
import { digestsOnly, type FileIntake } from "./file-intake.ts";
import type { VersionIndex } from "./version-index.ts";

export interface RestoreParts {
  readonly versions: VersionIndex;
  readonly contents: ContentIndex;
  readonly intake: FileIntake;
  readonly root: string;
  readonly disk: Disk;
}

export async function planRestore(request: RestoreRequest, parts: RestoreParts): Promise<RestorePlan> {
  const wanted = wantedStates(request, parts.versions);
  /** Folders that are not there: nothing below them is either. */
  const gone = new Set<string>();
  const present = async (path: TreePath): Promise<Entry> =>
    gone.has(dirname(path)) ? ABSENT : (await parts.intake.take(path, digestsOnly())).entry;
  const plan: RestorePlan = { effects: [], missing: [...wanted.missing] };
  const goal = new Map<TreePath, Entry>(wanted.states);
  if (request.exact) for (const path of presentOnly(request, wanted.states, parts.versions)) goal.set(path, ABSENT);
  addFolders(goal, parts);
  const lost = parts.contents.missing(
    new Set([...goal.values()].flatMap((after) => (after.kind === "file" ? [after.digest] : []))),
  );
  for (const [path, after] of goal) {
    if (after.kind === "file" && lost.has(after.digest)) {
      plan.missing.push({ path, why: "its bytes were pruned or forgotten" });
      continue;
    }
    const before = await entryOrWhy(() => present(path));
    if (typeof before === "string") plan.missing.push({ path, why: before });
    else if (!sameEntry(before, after)) {
      plan.effects.push({ path, before, after });
      if (before.kind === "absent" && after.kind === "dir") gone.add(path);
      if (after.kind === "file" && !gone.has(dirname(path)))
        plan.effects.push(...(await sidecarEffects(path, goal, parts, present)));
    }
  }
  plan.effects.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return plan;
}

interface Wanted {
  readonly states: Map<TreePath, PresentEntry>;
  readonly missing: RestorePlan["missing"];
}

function wantedStates({ paths, from }: RestoreRequest, versions: VersionIndex): Wanted {
  const states = new Map<TreePath, PresentEntry>();
  const missing: RestorePlan["missing"] = [];
  for (const under of paths ?? [null]) {
    const found =
      typeof from === "object" && "digest" in from
        ? withDigest(under, from.digest, versions)
        : statesOf(under, from, versions);
    for (const { path, entry } of found) states.set(path, entry);
    if (found.length === 0 && under !== null)
      missing.push({ path: under, why: "the vault has nothing of it from then" });
  }
  return { states, missing };
}

type State = { path: TreePath; entry: PresentEntry };

function statesOf(
  under: TreePath | null,
  from: Exclude<RestoreRequest["from"], { digest: unknown }>,
  versions: VersionIndex,
): State[] {
  if (from !== "last-present") return [...versions.statesAt(from.upTo, under)];
  const head = versions.head();
  const latest =
    under === null ? null : (versions.versions(under, { limit: 1, beforeMs: Number.MAX_SAFE_INTEGER })[0] ?? null);
  // A folder and what was in it are noted gone together: the moment before that is the one that is meant.
  return [...versions.statesAt(latest?.entry.kind === "absent" ? versions.headBefore(latest) : head, under)];
}

/** The mode is the one that the path had with this content, or had last. */
function withDigest(
  path: TreePath | null,
  digest: (PresentEntry & { kind: "file" })["digest"],
  versions: VersionIndex,
): State[] {
  if (path === null) return [];
  const all = versions.versions(path, { limit: -1, beforeMs: Number.MAX_SAFE_INTEGER });
  const exact = all.find(({ entry }) => entry.kind === "file" && entry.digest === digest)?.entry;
  return exact?.kind === "file" ? [{ path, entry: exact }] : [];
}

function presentOnly(
  { paths }: RestoreRequest,
  wanted: ReadonlyMap<TreePath, PresentEntry>,
  versions: VersionIndex,
): TreePath[] {
  const now = (paths ?? [null]).flatMap((under) => [...versions.statesAt(versions.head(), under)]);
  return now.map(({ path }) => path).filter((path) => !wanted.has(path));
}

const DEFAULT_FOLDER_MODE = 0o755;

/** The folders on the way to something wanted that are not there, as they were last. */
function addFolders(goal: Map<TreePath, Entry>, { versions, disk, root }: RestoreParts): void {
  const wanted = new Set<string>();
  for (const [path, { kind }] of goal)
    if (kind !== "absent") for (const folder of foldersAbove(path)) wanted.add(folder);
  for (const folder of wanted as Set<TreePath>) {
    if (goal.has(folder) || disk.lstat(join(root, folder)) !== null) continue;
    goal.set(folder, versions.lastOfKind(folder, "dir") ?? { kind: "dir", mode: DEFAULT_FOLDER_MODE });
  }
}

function* foldersAbove(path: string): Iterable<string> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
}

async function sidecarEffects(
  path: TreePath,
  goal: ReadonlyMap<TreePath, Entry>,
  { disk, root, intake }: RestoreParts,
  present: (path: TreePath) => Promise<Entry>,
): Promise<RestorePlan["effects"]> {
  const sidecars = (sidecarsOf(path, SIDECAR_SUFFIXES) as TreePath[]).filter(
    (one) => !goal.has(one) && disk.lstat(join(root, one))?.kind === "file",
  );
  if (sidecars.length === 0 || !intake.beginsAsDatabase(path)) return [];
  const effects: RestorePlan["effects"] = [];
  for (const sidecar of sidecars) effects.push({ path: sidecar, before: await present(sidecar), after: ABSENT });
  return effects;
}

async function entryOrWhy(look: () => Promise<Entry>): Promise<Entry | string> {
  try {
    return await look();
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EIO")) return "what stands there now cannot be read";
    throw error;
  }
}
