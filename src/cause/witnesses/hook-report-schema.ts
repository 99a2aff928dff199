/** A hook's report as it lies on disk. */

import { isoTime } from "../../base/index.ts";

export interface HookReport {
  /** `[A-Za-z0-9-]`, at most 64: the file's name. */
  readonly id: string;
  /** Arguments, or a shell's text. */
  readonly command: readonly string[] | string;
  readonly cwd: string;
  readonly actor: {
    readonly kind: "agent" | "human" | "service" | "unknown";
    readonly name: string;
    readonly session?: string;
  };
  /** Of the process that runs the command. */
  readonly pid: number;
  /** Unix ms; `null`: it runs. */
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly exitCode: number | null;
  /** Where the process that asked is not the one that runs the command: nobody tells its end before, and then it counts as over. */
  readonly expiresMs?: number;
}

export function reportText({ startedMs, endedMs, exitCode, expiresMs, ...rest }: HookReport): string {
  const times = {
    started: isoTime(startedMs),
    ended: endedMs === null ? null : isoTime(endedMs),
    ...(expiresMs === undefined ? {} : { expires: isoTime(expiresMs) }),
  };
  return `${JSON.stringify({ v: 1, ...rest, ...times, exit: exitCode })}\n`;
}

/** `null` for what is no report. By hand: a hook starts in every command of an agent, and the schema library costs more than it. */
export function parseReport(text: string): HookReport | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!isRecord(value) || value["v"] !== 1) return null;
  const { id, command, cwd, pid, exit } = value;
  const actor = actorOf(value["actor"]);
  const startedMs = timeOf(value["started"]);
  const endedMs = value["ended"] === null ? null : timeOf(value["ended"]);
  if (typeof id !== "string" || !/^[A-Za-z0-9-]{1,64}$/.test(id)) return null;
  if (!isCommand(command) || typeof cwd !== "string" || !cwd.startsWith("/")) return null;
  if (!Number.isInteger(pid) || (pid as number) <= 0 || !(exit === null || Number.isInteger(exit))) return null;
  if (actor === null || startedMs === null || (endedMs === null && value["ended"] !== null)) return null;
  const expiresMs = timeOf(value["expires"]);
  const report = { id, command, cwd, pid: pid as number, actor, startedMs, endedMs, exitCode: exit as number | null };
  return expiresMs === null ? report : { ...report, expiresMs };
}

const KINDS = ["agent", "human", "service", "unknown"] as const;
const NAME_LENGTH_MAX = 256;

function actorOf(value: unknown): HookReport["actor"] | null {
  if (!isRecord(value)) return null;
  const kind = KINDS.find((one) => one === value["kind"]);
  const { name, session } = value;
  if (kind === undefined || !isName(name) || !(session === undefined || isName(session))) return null;
  return session === undefined ? { kind, name } : { kind, name, session };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_LENGTH_MAX;
}

function isCommand(value: unknown): value is string | string[] {
  if (typeof value === "string") return true;
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

function timeOf(value: unknown): number | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
