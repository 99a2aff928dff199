/**
 * Git's own files as a witness, compared with the last look: the reflog of HEAD, the stash, ORIG_HEAD; and whether git is at work.
 *
 * Only files are read. A reflog line proves that a command ran, to the second (the last one: to the moment that the file was written),
 * but not which options it had, and its identity is configuration, not a person. The index's time is not asked: `git status` rewrites it. A path checkout and `clean` leave nothing here.
 */

import { join } from "node:path";
import { type Disk, type GitLocation, isSystemError, LIMITS, type Ports, type Stat } from "../../base/index.ts";
import { readWhole } from "../../tree/index.ts";
import { readCommand } from "../command/read-command.ts";
import { type ReflogLine, readReflog } from "./reflog.ts";
import type { Witness } from "./witness.ts";

export type GitOperation = "index.lock" | "merge" | "rebase" | "am" | "cherry-pick" | "revert" | "bisect";

export interface GitLook {
  readonly witnesses: readonly Witness[];
  /** What git is in the middle of. */
  readonly operations: readonly GitOperation[];
}

export interface GitStateReader {
  look(): GitLook;
}

export type GitStatePorts = Pick<Ports, "disk" | "clock" | "process">;

/** The first look reports what the reflog still holds: a window around the drift chooses. */
export function openGitState(git: GitLocation | null, ports: GitStatePorts): GitStateReader {
  let lastLine: ReflogLine | null = null;
  let before: GitMarks | null = null;
  let linesRead = 0;
  return {
    look() {
      if (git === null) return { witnesses: [], operations: [] };
      const reflog = join(git.gitDir, "logs/HEAD");
      // Asked first: what is written meanwhile only makes the time too early, never too late.
      const writtenMs = statOf(reflog, ports.disk)?.mtimeMs ?? 0;
      const lines = readReflog(reflog, ports.disk);
      const fresh = newer(lines, lastLine);
      lastLine = lines.at(-1) ?? lastLine;
      const firstLine = linesRead;
      linesRead += fresh.length;
      const now = marksOf(git, ports.disk);
      const place = { cwd: git.workTree, workTree: git.workTree };
      const witnesses = [
        ...fresh.flatMap((line, index) =>
          witnessOfLine(line, { writtenMs: index === fresh.length - 1 ? writtenMs : 0, place, ports }).map(
            (witness) => ({
              ...witness,
              line: firstLine + index,
            }),
          ),
        ),
        ...(before === null ? [] : witnessesOfMarks({ before, now, hasReflog: lines.length > 0 }, place, ports)),
      ];
      before = now;
      return { witnesses, operations: operationsOf(git, ports) };
    },
  };
}

type KnownPlace = { cwd: string; workTree: string };

/** After `reflog expire` the last line may be gone: then whatever is not older, to the second. */
function newer(lines: readonly ReflogLine[], last: ReflogLine | null): readonly ReflogLine[] {
  if (last === null) return lines;
  const at = lines.findLastIndex(({ text }) => text === last.text);
  return at >= 0 ? lines.slice(at + 1) : lines.filter(({ atMs }) => atMs >= last.atMs);
}

/** The beginning of a message → the command that writes it, with the options that would change the work tree. */
const WRITERS: readonly [RegExp, readonly string[]][] = [
  [/^reset: moving to/, ["reset", "--hard"]],
  [/^checkout: moving from/, ["switch", "-"]],
  [/^(?:commit|commit \([^)]*\)):/, ["commit"]],
  [/^pull\b/, ["pull"]],
  [/^merge\b/, ["merge"]],
  [/^rebase\b/, ["rebase"]],
  [/^cherry-pick\b/, ["cherry-pick"]],
  [/^revert\b/, ["revert", "HEAD"]],
  [/^am\b/, ["am"]],
];

function witnessOfLine(
  { message, atMs }: ReflogLine,
  { writtenMs, ...where }: { writtenMs: number; place: KnownPlace; ports: GitStatePorts },
): Witness[] {
  const args = WRITERS.find(([start]) => start.test(message))?.[1];
  if (args === undefined) return [];
  // A reflog counts in seconds.
  const toMs = writtenMs >= atMs && writtenMs < atMs + 1_000 ? Math.ceil(writtenMs) : atMs + 999;
  return [gitWitness(args, { says: `git ${message}`, fromMs: atMs, toMs }, where)];
}

function gitWitness(
  args: readonly string[],
  { says, fromMs, toMs }: { says: string; fromMs: number; toMs: number },
  { place, ports }: { place: KnownPlace; ports: GitStatePorts },
): Witness {
  const argv = ["git", ...args];
  return {
    source: "reflog",
    argv,
    says: says.slice(0, LIMITS.commandLineLengthMax),
    reading: readCommand(argv, place),
    cwd: place.cwd,
    startedMs: fromMs,
    endedMs: toMs,
    seenMs: ports.clock.now(),
    exitCode: null,
    pid: null,
    startKey: null,
    actor: { kind: "unknown", name: "git" },
    parents: [],
  };
}

/** What leaves no line in HEAD's reflog. */
interface GitMarks {
  readonly stashBytes: number;
  readonly stashMs: number;
  readonly originalHeadMs: number;
}

function marksOf(git: GitLocation, disk: Disk): GitMarks {
  const stash = statOf(join(git.commonDir, "logs/refs/stash"), disk);
  return {
    stashBytes: stash?.sizeBytes ?? 0,
    stashMs: stash?.mtimeMs ?? 0,
    originalHeadMs: statOf(join(git.gitDir, "ORIG_HEAD"), disk)?.mtimeMs ?? 0,
  };
}

function witnessesOfMarks(
  { before, now, hasReflog }: { before: GitMarks; now: GitMarks; hasReflog: boolean },
  place: KnownPlace,
  ports: GitStatePorts,
): Witness[] {
  const at = (ms: number) => ({ fromMs: ms - 1_000, toMs: ms });
  const witnesses: Witness[] = [];
  if (now.stashBytes > before.stashBytes)
    witnesses.push(gitWitness(["stash"], { says: "git stash (the stash grew)", ...at(now.stashMs) }, { place, ports }));
  else if (now.stashBytes < before.stashBytes)
    witnesses.push(
      gitWitness(
        ["stash", "pop"],
        { says: "git stash pop or drop (the stash shrank)", ...at(ports.clock.now()) },
        { place, ports },
      ),
    );
  // Where no reflog is kept, `reset` and `merge` still leave where they came from.
  if (!hasReflog && now.originalHeadMs > before.originalHeadMs)
    witnesses.push(
      gitWitness(
        ["reset", "--hard"],
        { says: "git reset or merge (ORIG_HEAD was written)", ...at(now.originalHeadMs) },
        { place, ports },
      ),
    );
  return witnesses;
}

const STATES: readonly [string, GitOperation][] = [
  ["MERGE_HEAD", "merge"],
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
];

/** A lock this old that nobody seems to hold was left by a crash. */
const LOCK_ABANDONED_MS = 10_000;

function operationsOf(git: GitLocation, { disk, clock, process }: GitStatePorts): GitOperation[] {
  const operations = STATES.filter(([name]) => statOf(join(git.gitDir, name), disk) !== null).map(
    ([, operation]) => operation,
  );
  if (operations.includes("rebase") && statOf(join(git.gitDir, "rebase-apply/applying"), disk) !== null)
    operations.push("am");
  const lock = join(git.gitDir, "index.lock");
  const found = statOf(lock, disk);
  if (found !== null && (clock.now() - found.ctimeMs < LOCK_ABANDONED_MS || process.isOpenForWriting(lock) !== false))
    operations.unshift("index.lock");
  return [...new Set(operations)];
}

function statOf(path: string, disk: Disk): Stat | null {
  try {
    return disk.lstat(path);
  } catch (error) {
    if (isSystemError(error, "EACCES")) return null;
    throw error;
  }
}

/** The roots of a repository's other work trees, as its own files name them. */
export function otherWorkTrees({ commonDir }: GitLocation, disk: Disk): string[] {
  const folder = join(commonDir, "worktrees");
  try {
    return disk.list(folder).names.flatMap(({ name }) => {
      const dotGit =
        readWhole(disk, join(folder, name, "gitdir"))
          ?.toString("utf8")
          .trim() ?? "";
      return dotGit.endsWith("/.git") && dotGit.startsWith("/") ? [dotGit.slice(0, -"/.git".length)] : [];
    });
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
