/** What is there right now: of the subject itself, and of every path below it that git or the disk knows. */

import { join } from "node:path";
import { isSystemError, LIMITS, type TreePath } from "../base/index.ts";
import { patternMatcher } from "../tree/index.ts";
import type { GitLog } from "./collectors/git-log.ts";
import { lookAt, NOTHING, type Present } from "./collectors/present.ts";
import type { DiagnosePorts } from "./gather.ts";
import type { Repository } from "./git-past/repository.ts";
import type { Subject } from "./subject.ts";

export interface Sight {
  /** Of a single path or folder; of a glob or a component nothing by itself. */
  readonly present: Present;
  /** Every path below it, or that its patterns name. `null`: the subject is one path, and no folder. */
  readonly below: readonly string[] | null;
  readonly isThere: boolean;
  readonly trustsModes: boolean;
  readonly elapsedMs: number;
  /** Not all that is below was looked at. */
  readonly note: string | null;
  lookAt(path: string): Present;
}

export function lookAtSubject(
  subject: Subject,
  repository: Repository | null,
  log: GitLog | null,
  { disk, clock }: DiagnosePorts,
): Sight {
  const beganMs = clock.monotonicMs();
  const { root, parts } = subject;
  const hash = (repository?.head.commit?.length ?? 40) === 64 ? "sha256" : "sha1";
  const at = (path: string) => lookAt({ root, path, hash }, disk);
  const single = parts.length === 1 && !parts[0]!.isGlob ? parts[0]!.path : null;
  const known = new Set([...(log?.history.paths ?? []), ...(log?.index.keys() ?? [])]);
  const present = single === null ? { ...NOTHING, path: parts.map(({ path }) => path).join(" ") } : at(single);
  const isFolder =
    single === null ||
    (!known.has(single) && (present.kind === "dir" || [...known].some((path) => path.startsWith(`${single}/`))));
  const found = isFolder && log === null ? pathsOnDisk(subject, disk) : [];
  const below = isFolder ? [...new Set([...known, ...found])].filter((path) => path !== single) : null;
  return {
    present,
    below: below === null ? null : below.slice(0, LIMITS.diagnoseFilesMax),
    isThere: present.kind !== "absent" || (single === null && isAnyThere(subject, below ?? [], disk)),
    trustsModes: repository?.trustsModes ?? true,
    elapsedMs: Math.round(clock.monotonicMs() - beganMs),
    note:
      (below?.length ?? 0) > LIMITS.diagnoseFilesMax
        ? `only ${LIMITS.diagnoseFilesMax} of ${below!.length} paths were looked at`
        : null,
    lookAt: at,
  };
}

function isAnyThere({ root, parts }: Subject, below: readonly string[], disk: DiagnosePorts["disk"]): boolean {
  const isAt = (path: string) => disk.lstat(join(root, path)) !== null;
  return (
    parts.some(({ path, isGlob }) => !isGlob && isAt(path)) || below.some(isAt) || globOnDisk({ root, parts }, disk)
  );
}

function globOnDisk(subject: Pick<Subject, "root" | "parts">, disk: DiagnosePorts["disk"]): boolean {
  return subject.parts.some(({ isGlob }) => isGlob) && pathsOnDisk(subject, disk).length > 0;
}

const NAMES_MAX = 20_000;

/** For what no git lists: files below the parts, never through a link. */
function pathsOnDisk({ root, parts }: Pick<Subject, "root" | "parts">, disk: DiagnosePorts["disk"]): string[] {
  const found: string[] = [];
  let budget = NAMES_MAX;
  const walk = (folder: string, wanted: (path: string) => boolean): void => {
    for (const { name, kind } of namesIn(join(root, folder), disk)) {
      budget -= 1;
      if (budget < 0) return;
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind === "dir" && name !== ".git" && name !== "node_modules") walk(path, wanted);
      else if (kind !== "dir" && wanted(path)) found.push(path);
    }
  };
  for (const { path, isGlob } of parts) {
    const fixed = isGlob
      ? path
          .split("/")
          .slice(
            0,
            path.split("/").findIndex((part) => /[*?{[]/.test(part)),
          )
          .join("/")
      : path;
    const matches = patternMatcher(path);
    walk(fixed, isGlob ? (one) => matches(one as TreePath) : () => true);
  }
  return found;
}

function namesIn(folder: string, disk: DiagnosePorts["disk"]): readonly { name: string; kind: string }[] {
  try {
    return disk.list(folder).names;
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
