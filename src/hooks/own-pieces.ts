/**
 * Holdfast's own things in places that are other people's: the script that agents call, its lines in their configurations and in git's.
 * Only these are looked at: whatever else the owner writes there is the owner's.
 */

import { HoldfastError, isSystemError } from "../base/index.ts";
import { gitTraceFolder } from "../cause/index.ts";
import { holdfastHome, readWhole } from "../tree/index.ts";
import { AGENT_PLACES } from "./agent-places.ts";
import { type AgentInstallation, agentRecordFile, readAgentRecord } from "./agent-record.ts";
import type { AgentName } from "./call.ts";
import { gitTraceRecordFile, readInstallation } from "./git-trace-record.ts";
import { isHookOf, realFile } from "./hook-command.ts";
import type { HookPorts } from "./hook-target.ts";
import { installShim, isShimThere, shimPath, shimPathsOf } from "./shim.ts";

export interface MissingPiece {
  /** `hook claude-code`, `git-trace`, `holdfast-hook`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** The file is gone, or only what is ours in it. */
  readonly kind: "deleted" | "modified";
  /** The command that puts it back. */
  readonly next: string;
  /** Where all of it is ours: puts it back. */
  readonly mend: (() => void) | null;
}

export interface OwnPieces {
  /** What was installed, not removed by `hooks remove`, and is not there. Costs a few looks while nothing changes. */
  missing(): Promise<readonly MissingPiece[]>;
}

const AGENTS = Object.keys(AGENT_PLACES) as AgentName[];

export function openOwnPieces(ports: HookPorts): OwnPieces {
  const records = [...AGENTS.map((agent) => agentRecordFile(agent, ports)), gitTraceRecordFile(ports)];
  let seen: { looks: string; files: readonly string[]; missing: readonly MissingPiece[] } | null = null;
  return {
    async missing() {
      const looks = (files: readonly string[]) => [...records, ...files].map((file) => looksOf(file, ports)).join("\n");
      if (seen !== null && looks(seen.files) === seen.looks) return seen.missing;
      const files = [shimPath(holdfastHome(ports)), ...filesOf(ports)];
      // Looked at before: a change in between is found next time.
      const before = looks(files);
      seen = { looks: before, files, missing: await missingPieces(ports) };
      return seen.missing;
    },
  };
}

async function missingPieces(ports: HookPorts): Promise<MissingPiece[]> {
  const installed = AGENTS.flatMap((agent) => {
    const record = recordOf(agent, ports);
    return record === null ? [] : [{ agent, record }];
  });
  const missing: MissingPiece[] = [];
  const shim = shimPath(holdfastHome(ports));
  if (installed.length > 0 && !isShimThere(shim, ports.disk)) {
    const mend = () => void installShim(shimPathsOf(ports), ports.disk);
    missing.push({
      name: "holdfast-hook",
      file: shim,
      kind: kindOf(shim, ports),
      next: installOf(installed[0]!.agent),
      mend,
    });
  }
  for (const { agent, record } of installed) {
    if (await holds(agent, record, ports)) continue;
    const { file } = record;
    missing.push({ name: `hook ${agent}`, file, kind: kindOf(file, ports), next: installOf(agent), mend: null });
  }
  const trace = traceRecord(ports);
  if (trace !== null && !textAt(trace.file, ports).includes(gitTraceFolder(ports)))
    missing.push({
      name: "git-trace",
      file: trace.file,
      kind: kindOf(trace.file, ports),
      next: installOf("git-trace"),
      mend: null,
    });
  return missing;
}

const installOf = (target: string) => `holdfast hooks install ${target}`;

/** What cannot be read as a configuration calls nobody. */
async function holds(agent: AgentName, { file, wanted }: AgentInstallation, ports: HookPorts): Promise<boolean> {
  const { eventsOfOurs } = await import("./json-config.ts");
  try {
    const events = eventsOfOurs({ name: file, text: textAt(file, ports) }, (command) => isHookOf(agent, command));
    return wanted.every((one) => one.kind !== "entry" || events.includes(one.event));
  } catch (error) {
    if (error instanceof HoldfastError) return false;
    throw error;
  }
}

function filesOf(ports: HookPorts): string[] {
  const trace = traceRecord(ports);
  const agents = AGENTS.flatMap((agent) => recordOf(agent, ports)?.file ?? []);
  return trace === null ? agents : [...agents, trace.file];
}

function recordOf(agent: AgentName, ports: HookPorts): AgentInstallation | null {
  return orNull(() => readAgentRecord(agent, ports));
}

function traceRecord(ports: HookPorts): { readonly file: string } | null {
  return orNull(() => readInstallation(ports));
}

/** A record that cannot be read expects nothing: `hooks status` says so. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof HoldfastError || isSystemError(error)) return null;
    throw error;
  }
}

function textAt(file: string, { disk }: HookPorts): string {
  return orNull(() => readWhole(disk, realFile(file, disk))?.toString("utf8") ?? null) ?? "";
}

function looksOf(file: string, { disk }: HookPorts): string {
  const stat = orNull(() => disk.lstat(realFile(file, disk)));
  return stat === null ? "" : [stat.ino, stat.sizeBytes, stat.mtimeMs, stat.ctimeMs, stat.mode].join(" ");
}

function kindOf(file: string, { disk }: HookPorts): MissingPiece["kind"] {
  return orNull(() => disk.lstat(file)) === null ? "deleted" : "modified";
}
