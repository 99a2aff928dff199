/**
 * Git's own trace as a witness: every git command writes one file into a folder of ours, which is read, folded and removed here.
 *
 * The commands that a command runs (stash runs reset) are folded into it. Files of unfinished commands stay and say "git is at
 * work". The folder serves all trees of the machine: what belongs to another registered tree is left to its daemon, what belongs to
 * none is removed. Git stops writing when the folder is full (`trace2.maxFiles`) and leaves a mark; both are cleared, so it goes on.
 * A crash in the middle leaves files that are read again: one command may be reported twice, none is lost.
 */

import { join } from "node:path";
import { type Disk, isSystemError, LIMITS, type Ports } from "../../base/index.ts";
import type { Actor } from "../../ledger/index.ts";
import { isAtOrBelow } from "../../tree/index.ts";
import { readCommand } from "../command/read-command.ts";
import { readScript } from "../command/read-script.ts";
import { type CommandReading, together } from "../command/reading.ts";
import { stillRunning } from "./still-running.ts";
import { traceActors } from "./trace-actor.ts";
import { parseTraceFile, pidOfTraceFile, type TracedCommand } from "./trace-file.ts";
import type { Witness } from "./witness.ts";

export interface TraceReaderOptions {
  readonly folder: string;
  /** The tree's root and those of its workspaces. */
  readonly roots: () => readonly string[];
  /** True for a work tree that another registered tree takes care of. */
  readonly belongsElsewhere: (workTree: string) => boolean;
}

export type TracePorts = Pick<Ports, "disk" | "clock" | "process">;

export interface TraceLook {
  /** Commands that ended since the last look. */
  readonly witnesses: readonly Witness[];
  /** Commands in the tree that are not over yet and can change it. */
  readonly running: readonly Witness[];
  /** Files that were removed unread because there were too many, or they were too old. */
  readonly pruned: number;
  /** Git had stopped tracing because the folder was full: what it did since is not known. */
  readonly wasFull: boolean;
}

export interface TraceReader {
  /** One at a time. Lets other work run between slices. */
  look(): Promise<TraceLook>;
}

const FULL_MARK = "git-trace2-discard";

interface TraceFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly command: TracedCommand | null;
  readonly isOver: boolean;
  readonly mtimeMs: number;
}

/** The folder need not be there: then nothing is seen. */
export function openTraceReader(options: TraceReaderOptions, ports: TracePorts): TraceReader {
  const known = new Map<string, TraceFile>();
  return {
    async look() {
      const names = namesIn(options.folder, ports.disk);
      const wasFull = names.includes(FULL_MARK);
      const files = await readFiles(names, known, { folder: options.folder, ports });
      const look = judge(groups(files), options, ports);
      const tooMany = oldest(look.kept, ports.clock.now());
      for (const { name } of [...look.done, ...tooMany]) remove(join(options.folder, name), ports.disk);
      if (wasFull) remove(join(options.folder, FULL_MARK), ports.disk);
      known.clear();
      for (const file of look.kept) known.set(file.name, file);
      return { witnesses: look.witnesses, running: look.running, pruned: tooMany.length, wasFull };
    },
  };
}

function namesIn(folder: string, disk: Disk): string[] {
  try {
    return disk.list(folder).names.map(({ name }) => name);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return [];
    throw error;
  }
}

const SLICE_MS = 4;

/** Files that have not grown since the last look are not read again. */
async function readFiles(
  names: readonly string[],
  known: ReadonlyMap<string, TraceFile>,
  { folder, ports }: { folder: string; ports: TracePorts },
): Promise<TraceFile[]> {
  const files: TraceFile[] = [];
  let sliceStartMs = ports.clock.monotonicMs();
  for (const name of names) {
    if (ports.clock.monotonicMs() - sliceStartMs > SLICE_MS) {
      await ports.clock.breathe();
      sliceStartMs = ports.clock.monotonicMs();
    }
    const pid = pidOfTraceFile(name);
    const stat = pid === null ? null : ports.disk.lstat(join(folder, name));
    if (pid === null || stat?.kind !== "file") continue;
    const before = known.get(name);
    const command =
      before?.sizeBytes === stat.sizeBytes
        ? before.command
        : parseTraceFile(readEnds(join(folder, name), ports.disk), pid);
    // A killed command says no goodbye.
    const isOver = command?.endedMs != null || !stillRunning(pid, command?.startedMs ?? stat.mtimeMs, ports.process);
    files.push({ name, sizeBytes: stat.sizeBytes, command, isOver, mtimeMs: stat.mtimeMs });
  }
  return files;
}

/** By the outermost git command, whose file may have gone already. */
function groups(files: readonly TraceFile[]): TraceFile[][] {
  const grouped = new Map<string, TraceFile[]>();
  for (const file of files) {
    const root = file.command?.sids[0] ?? file.name;
    const group = grouped.get(root);
    if (group === undefined) grouped.set(root, [file]);
    else group.push(file);
  }
  return [...grouped.values()];
}

interface Judged {
  readonly witnesses: Witness[];
  readonly running: Witness[];
  readonly done: TraceFile[];
  readonly kept: TraceFile[];
}

function judge(grouped: readonly TraceFile[][], options: TraceReaderOptions, ports: TracePorts): Judged {
  const judged: Judged = { witnesses: [], running: [], done: [], kept: [] };
  const roots = options.roots();
  const actorOf = traceActors(ports);
  for (const group of grouped) {
    const workTree = group.find(({ command }) => command?.workTree != null)?.command?.workTree ?? null;
    const isOurs = workTree !== null && roots.some((root) => isAtOrBelow(workTree, root));
    const isOver = group.every((file) => file.isOver || isHarmless(file));
    if (isOurs) {
      const witness = witnessOf(group, { workTree, isOver, nowMs: ports.clock.now(), actorOf });
      if (witness !== null) (isOver ? judged.witnesses : judged.running).push(witness);
    }
    const isAnothers = !isOurs && workTree !== null && options.belongsElsewhere(workTree);
    for (const file of group) (isOver && file.isOver && !isAnothers ? judged.done : judged.kept).push(file);
  }
  return judged;
}

/** Such as the `git gc` that a commit leaves running in the background: nobody waits for it. */
function isHarmless({ command }: TraceFile): boolean {
  return command !== null && readCommand(command.argv, { cwd: null, workTree: command.workTree }).harmless;
}

interface GroupFacts {
  readonly workTree: string;
  readonly isOver: boolean;
  readonly nowMs: number;
  readonly actorOf: (command: TracedCommand) => Actor;
}

/** `null` for a group that could not have changed a thing. */
function witnessOf(group: readonly TraceFile[], { workTree, isOver, nowMs, actorOf }: GroupFacts): Witness | null {
  const commands = group.flatMap(({ command }) => (command === null ? [] : [command]));
  if (commands.length === 0) return null;
  const root = commands.reduce((outer, one) => (one.sids.length < outer.sids.length ? one : outer));
  const cwd = folderOf(root, workTree);
  const reading = readingOf(root, commands, { cwd, workTree });
  if (reading.harmless) return null;
  const lastMs = Math.max(
    ...commands.map(({ endedMs, startedMs }) => endedMs ?? startedMs),
    ...group.map(({ mtimeMs }) => mtimeMs),
  );
  return {
    source: "trace",
    argv: root.argv,
    reading,
    cwd,
    startedMs: Math.min(...commands.map(({ startedMs }) => startedMs)),
    endedMs: isOver ? (root.endedMs ?? lastMs) : null,
    seenMs: isOver ? lastMs : nowMs,
    exitCode: root.exitCode,
    pid: root.pid,
    startKey: null,
    actor: actorOf(root),
    parents: root.ancestry.map((name) => ({ pid: null, name, argv: [], startedMs: null })),
  };
}

/** What git itself makes of the words: an alias is known here, and a command of one's own by the git commands that it ran. */
function readingOf(
  root: TracedCommand,
  commands: readonly TracedCommand[],
  place: { cwd: string | null; workTree: string },
): CommandReading {
  const own =
    root.shellAlias !== null
      ? readScript(root.shellAlias, { place, tool: "git" })
      : readCommand(root.alias === null ? root.argv : ["git", ...root.alias], place);
  if (own.understood) return own;
  const inner = commands.filter((one) => one !== root).map((one) => readCommand(one.argv, place));
  return together("git", [own, ...inner], own.verb);
}

const SHELLS = new Set(["sh", "bash", "zsh", "dash", "ksh", "fish", "ash"]);

/** No event tells the folder. A shell keeps `PWD` right; whatever else started git may have handed on a stale one. */
function folderOf({ variables, ancestry }: TracedCommand, workTree: string): string | null {
  const folder = variables["PWD"];
  if (folder === undefined || !folder.startsWith("/")) return null;
  return SHELLS.has(ancestry[0] ?? "") || folder === workTree ? folder : null;
}

const HEAD_BYTES = 64 * 1024;

/** The start is at the beginning, the end at the end; what lies between in a long file is timing. */
function readEnds(path: string, disk: Disk): string {
  let fd: number;
  try {
    fd = disk.openRead(path);
  } catch (error) {
    if (isSystemError(error)) return "";
    throw error;
  }
  try {
    const { sizeBytes } = disk.fstat(fd);
    if (sizeBytes <= LIMITS.traceFileBytesMax) return readAt(fd, 0, sizeBytes, disk);
    return `${readAt(fd, 0, HEAD_BYTES, disk)}\n${readAt(fd, sizeBytes - HEAD_BYTES, HEAD_BYTES, disk)}`;
  } finally {
    disk.close(fd);
  }
}

function readAt(fd: number, position: number, length: number, disk: Disk): string {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, disk.read(fd, bytes, 0, length, position)).toString("utf8");
}

/** What must go so that git goes on tracing: the aged, and the oldest of too many. Files of running commands may go too: git keeps them open. */
function oldest(kept: readonly TraceFile[], nowMs: number): TraceFile[] {
  const sorted = [...kept].sort((a, b) => (a.name < b.name ? -1 : 1));
  const excess = Math.max(0, sorted.length - LIMITS.traceFilesMax / 2);
  return sorted.filter((file, index) => index < excess || nowMs - file.mtimeMs > LIMITS.traceAgeMsMax);
}

function remove(path: string, disk: Disk): void {
  try {
    disk.unlink(path);
  } catch (error) {
    // Another tree's daemon was faster.
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}
