/**
 * What was put into an agent's configuration, kept outside every tree: how it is taken out again exactly, and what a guard may expect
 * to find there.
 */

import { join } from "node:path";
import * as z from "zod";
import { HoldfastError, isoTime } from "../base/index.ts";
import { holdfastHome, makeFolders, readWhole, replaceDurably } from "../tree/index.ts";
import type { AgentName } from "./call.ts";
import type { HookPorts } from "./hook-target.ts";
import type { Wanted } from "./json-config.ts";

export interface AgentInstallation {
  readonly file: string;
  /** `null`: there was none. */
  readonly before: Buffer | null;
  readonly after: Buffer;
  readonly pieces: readonly string[];
  readonly wanted: readonly Wanted[];
  /** The folder of the file was made for it. */
  readonly madeFolder: boolean;
  readonly installedAtMs: number;
}

const schema = z.object({
  v: z.literal(1),
  file: z.string(),
  before: z.base64().nullable(),
  after: z.base64(),
  pieces: z.array(z.string()),
  wanted: z.array(
    z.union([
      z.object({ kind: z.literal("entry"), event: z.string(), value: z.record(z.string(), z.unknown()) }),
      z.object({ kind: z.literal("setting"), name: z.string(), value: z.union([z.string(), z.number()]) }),
    ]),
  ),
  madeFolder: z.boolean(),
  installedAt: z.iso.datetime(),
});

type RecordPorts = Pick<HookPorts, "disk" | "process">;

/** `null` when nothing was installed. Throws `HOOK_UNAVAILABLE` for a record that cannot be read. */
export function readAgentRecord(agent: AgentName, ports: RecordPorts): AgentInstallation | null {
  const file = agentRecordFile(agent, ports);
  const bytes = readWhole(ports.disk, file);
  if (bytes === null) return null;
  const parsed = schema.safeParse(jsonOf(bytes.toString("utf8")));
  if (!parsed.success) {
    throw new HoldfastError("HOOK_UNAVAILABLE", `${file} cannot be read`, {
      hint: `rm ${file}, then: holdfast hooks install ${agent}`,
    });
  }
  const { before, after, installedAt, v: _, ...rest } = parsed.data;
  return {
    ...rest,
    before: before === null ? null : Buffer.from(before, "base64"),
    after: Buffer.from(after, "base64"),
    installedAtMs: Date.parse(installedAt),
  };
}

/** Installed again, because something was missing: what stood there before the first time counts, if nobody else wrote since. */
export function keepAgentRecord(agent: AgentName, installation: AgentInstallation, ports: RecordPorts): void {
  const earlier = readAgentRecord(agent, ports);
  const isContinued =
    earlier !== null && earlier.file === installation.file && installation.before?.equals(earlier.after) === true;
  const { file, before, after, pieces, wanted, madeFolder, installedAtMs } = isContinued
    ? {
        ...installation,
        before: earlier.before,
        pieces: [...earlier.pieces, ...installation.pieces],
        wanted: [...earlier.wanted, ...installation.wanted],
        madeFolder: earlier.madeFolder,
      }
    : installation;
  makeFolders(ports.disk, join(holdfastHome(ports), "hooks"), 0o700);
  const record = {
    v: 1,
    file,
    before: before?.toString("base64") ?? null,
    after: after.toString("base64"),
    pieces,
    wanted,
    madeFolder,
    installedAt: isoTime(installedAtMs),
  };
  replaceDurably(ports.disk, agentRecordFile(agent, ports), `${JSON.stringify(record)}\n`);
}

export function forgetAgentRecord(agent: AgentName, ports: RecordPorts): void {
  const file = agentRecordFile(agent, ports);
  if (ports.disk.lstat(file) !== null) ports.disk.unlink(file);
}

export function agentRecordFile(agent: AgentName, ports: RecordPorts): string {
  return join(holdfastHome(ports), "hooks", `${agent}.json`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
