/**
 * Reads one file of git's trace (api-trace2): one git command, one JSON event a line.
 *
 * Written by other programs at the same moment: lines that are cut off, malformed or of no interest are skipped, never an error.
 */

export interface TracedCommand {
  /** Ids from the outermost git command down to this one. */
  readonly sids: readonly string[];
  readonly pid: number;
  readonly argv: readonly string[];
  /** Unix ms. */
  readonly startedMs: number;
  /** `null`: it has not said that it ended. */
  readonly endedMs: number | null;
  readonly exitCode: number | null;
  readonly workTree: string | null;
  /** Short names of the parents, nearest first. Linux only. */
  readonly ancestry: readonly string[];
  /** The words that an alias stands for. */
  readonly alias: readonly string[] | null;
  /** The text of an alias that is a shell's: `!text`. */
  readonly shellAlias: string | null;
  /** The environment variables that `trace2.envVars` names and that were set. */
  readonly variables: Readonly<Record<string, string>>;
}

const FILE_NAME = /^\d{8}T\d{6}\.\d{6}Z-[A-Za-z0-9]{1,20}-P([0-9a-f]{8})(?:\.\d+)?$/;

/** The pid that a trace file's name ends with; `null` for a foreign file. */
export function pidOfTraceFile(name: string): number | null {
  const found = FILE_NAME.exec(name);
  return found === null ? null : Number.parseInt(found[1]!, 16);
}

const WANTED = new Set([
  "start",
  "exit",
  "atexit",
  "signal",
  "def_repo",
  "cmd_ancestry",
  "alias",
  "child_start",
  "def_param",
]);

/** `null` when not even its start is there (yet). */
export function parseTraceFile(text: string, pid: number): TracedCommand | null {
  let command: TracedCommand | null = null;
  for (const line of text.split("\n")) {
    const kind = /^\{"event":"(\w{1,20})"/.exec(line)?.[1];
    if (kind === undefined || !WANTED.has(kind)) continue;
    const event = parseEvent(line);
    if (event === null) continue;
    if (kind === "start" && command === null) command = startOf(event, pid);
    else if (command !== null) command = after(command, kind, event);
  }
  return command;
}

type TraceEvent = Readonly<Record<string, unknown>>;

function parseEvent(line: string): TraceEvent | null {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null ? (event as TraceEvent) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function startOf(event: TraceEvent, pid: number): TracedCommand | null {
  const { sid } = event;
  const startedMs = timeOf(event);
  if (typeof sid !== "string" || startedMs === null) return null;
  return {
    sids: sid.split("/"),
    pid,
    argv: words(event["argv"]),
    startedMs,
    endedMs: null,
    exitCode: null,
    workTree: null,
    ancestry: [],
    alias: null,
    shellAlias: null,
    variables: {},
  };
}

function after(command: TracedCommand, kind: string, event: TraceEvent): TracedCommand {
  const { code, worktree, param, value } = event;
  switch (kind) {
    case "exit":
    case "atexit":
    case "signal":
      return {
        ...command,
        endedMs: timeOf(event) ?? command.startedMs,
        exitCode: typeof code === "number" ? code : null,
      };
    case "def_repo":
      // The first is the command's own; submodules follow.
      return typeof worktree === "string" && command.workTree === null ? { ...command, workTree: worktree } : command;
    case "cmd_ancestry":
      return { ...command, ancestry: words(event["ancestry"]) };
    case "alias":
      return { ...command, alias: words(event["argv"]) };
    case "child_start":
      return event["child_class"] === "shell_alias"
        ? { ...command, shellAlias: words(event["argv"]).join(" ") }
        : command;
    case "def_param":
      return typeof param === "string" && typeof value === "string"
        ? { ...command, variables: { ...command.variables, [param]: value } }
        : command;
    default:
      return command;
  }
}

function timeOf({ time }: TraceEvent): number | null {
  const ms = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : [];
}
