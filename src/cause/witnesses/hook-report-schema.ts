/** A hook's report as it lies on disk. */

import * as z from "zod";
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
}

const time = z.iso.datetime().transform((text) => Date.parse(text));

const schema = z.object({
  v: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  command: z.union([z.string(), z.array(z.string()).min(1)]),
  cwd: z.string().startsWith("/"),
  actor: z.object({
    kind: z.enum(["agent", "human", "service", "unknown"]),
    name: z.string().max(256),
    session: z.string().max(256).optional(),
  }),
  pid: z.int().positive(),
  started: time,
  ended: time.nullable(),
  exit: z.int().nullable(),
});

export function reportText({ startedMs, endedMs, exitCode, ...rest }: HookReport): string {
  const times = { started: isoTime(startedMs), ended: endedMs === null ? null : isoTime(endedMs) };
  return `${JSON.stringify({ v: 1, ...rest, ...times, exit: exitCode })}\n`;
}

/** `null` for what is no report. */
export function parseReport(text: string): HookReport | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { id, command, cwd, pid, started, ended, exit, actor } = parsed.data;
  const { session, ...who } = actor;
  return {
    id,
    command,
    cwd,
    pid,
    actor: session === undefined ? who : { ...who, session },
    startedMs: started,
    endedMs: ended,
    exitCode: exit,
  };
}
