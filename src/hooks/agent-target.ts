/**
 * One agent's hooks: put into its configuration, found there, taken out again.
 *
 * The file is read, planned and written as text, whole and by rename; what it was is written down first. Crash: the old file or the
 * new one; a record of what is not there only makes removal find nothing. A link to the file (a dotfiles manager's) stays a link.
 */

import { dirname, join } from "node:path";
import { HoldfastError, isSystemError } from "../base/index.ts";
import { holdfastHome, makeFolders, readWhole } from "../tree/index.ts";
import { AGENT_PLACES } from "./agent-places.ts";
import { forgetAgentRecord, keepAgentRecord, readAgentRecord } from "./agent-record.ts";
import { agentStatus } from "./agent-status.ts";
import type { AgentName } from "./call.ts";
import { hookCommand, isHookOf, realFile } from "./hook-command.ts";
import type { HookOptions, HookPlan, HookPorts, HookTarget } from "./hook-target.ts";
import type { Inserted } from "./json-config.ts";
import { installShim, removeIfEmpty, removeShim, shimPathsOf } from "./shim.ts";

interface AgentPlan extends HookPlan {
  /** The file's text then and now; `null`: none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly inserted: Pick<Inserted, "pieces" | "wanted">;
}

export function agentTarget(agent: AgentName): HookTarget {
  const { title } = AGENT_PLACES[agent];
  return {
    name: agent,
    about: `${title} asks before it runs a command: silence, or a denial with what to do instead`,
    status: (ports) => agentStatus(agent, ports),
    plan: (action, ports, options = { claimCheck: false }) =>
      action === "install" ? planInstall(agent, ports, options) : planRemove(agent, ports),
    apply: async (plan, ports) =>
      plan.action === "install" ? install(agent, plan as AgentPlan, ports) : remove(agent, plan as AgentPlan, ports),
  };
}

async function planInstall(agent: AgentName, ports: HookPorts, options: HookOptions): Promise<AgentPlan> {
  const { insertEntries } = await import("./json-config.ts");
  const place = AGENT_PLACES[agent];
  const file = place.file(ports.process);
  const before = textOf(file, ports);
  const wanted = place.wanted(hookCommand(agent, ports), options);
  const inserted = insertEntries({ name: file, text: before ?? "" }, wanted, (command) => isHookOf(agent, command));
  const hasNews = inserted.wanted.some(({ kind }) => kind === "entry");
  const after = hasNews ? inserted.text : before;
  return {
    target: agent,
    action: "install",
    before,
    after,
    inserted,
    changes: hasNews
      ? inserted.wanted.map((one) =>
          one.kind === "entry"
            ? { file, setting: `hooks.${one.event}`, from: null, to: JSON.stringify(one.value) }
            : { file, setting: one.name, from: null, to: JSON.stringify(one.value) },
        )
      : [],
    diff: await diffOf(file, before, after),
    notes: [...(hasNews ? place.notes : []), ...packageNotes(ports)],
  };
}

/** A package in a cache goes without a word. */
function packageNotes({ process }: HookPorts): string[] {
  return process.launcher.includes("/_npx/")
    ? [
        `this Holdfast lies in npx's cache, which is emptied now and then: npm install -g holdfast, then install the hook again`,
      ]
    : [];
}

async function planRemove(agent: AgentName, ports: HookPorts): Promise<AgentPlan> {
  const { eventsOfOurs, removeEntries, saysNothing } = await import("./json-config.ts");
  const record = readAgentRecord(agent, ports);
  const file = record?.file ?? AGENT_PLACES[agent].file(ports.process);
  const before = textOf(file, ports);
  const isOurs = (command: string) => isHookOf(agent, command);
  const events = before === null ? [] : eventsOfOurs({ name: file, text: before }, isOurs);
  const inserted = record ?? { pieces: [], wanted: [] };
  const left =
    before === null || events.length === 0 ? before : removeEntries({ name: file, text: before }, inserted, isOurs);
  const isUntouched = record !== null && before !== null && record.after.equals(Buffer.from(before));
  const wasMade = record !== null && record.before === null && left !== null && saysNothing(left);
  const after = isUntouched ? (record.before?.toString("utf8") ?? null) : wasMade ? null : left;
  return {
    target: agent,
    action: "remove",
    before,
    after,
    inserted,
    changes: events.map((event) => ({ file, setting: `hooks.${event}`, from: hookCommand(agent, ports), to: null })),
    diff: await diffOf(file, before, after),
    notes: record === null && events.length > 0 ? ["what stood there before is not known: only our own lines go"] : [],
  };
}

async function diffOf(file: string, before: string | null, after: string | null): Promise<string | null> {
  if (before === after) return null;
  const { createTwoFilesPatch } = await import("diff");
  const name = (text: string | null) => (text === null ? "/dev/null" : file);
  return createTwoFilesPatch(name(before), name(after), before ?? "", after ?? "", "", "", { context: 2 });
}

function install(agent: AgentName, plan: AgentPlan, ports: HookPorts): void {
  const file = AGENT_PLACES[agent].file(ports.process);
  // First: a hook that names a missing file protects nobody.
  installShim(shimPathsOf(ports), ports.disk);
  if (plan.changes.length === 0 || plan.after === null) return;
  refuseChanged(plan, file, ports);
  const madeFolder = ports.disk.lstat(dirname(file)) === null;
  keepAgentRecord(
    agent,
    {
      file,
      before: plan.before === null ? null : Buffer.from(plan.before),
      after: Buffer.from(plan.after),
      ...plan.inserted,
      madeFolder,
      installedAtMs: ports.clock.now(),
    },
    ports,
  );
  writeText(file, plan.after, ports);
}

function remove(agent: AgentName, plan: AgentPlan, ports: HookPorts): void {
  const record = readAgentRecord(agent, ports);
  const file = record?.file ?? AGENT_PLACES[agent].file(ports.process);
  refuseChanged(plan, file, ports);
  // Before the file: a guard that finds neither knows that it was meant.
  forgetAgentRecord(agent, ports);
  if (plan.after === null) {
    if (plan.before !== null) ports.disk.unlink(realFile(file, ports.disk));
    if (record?.madeFolder) removeIfEmpty(dirname(file), ports.disk);
  } else if (plan.after !== plan.before) writeText(file, plan.after, ports);
  const home = holdfastHome(ports);
  const isLast = (Object.keys(AGENT_PLACES) as AgentName[]).every((one) => readAgentRecord(one, ports) === null);
  if (!isLast) return;
  removeShim(home, ports.disk);
  const fired = join(home, "hooks");
  if (ports.disk.lstat(fired)?.kind === "dir")
    for (const { name } of ports.disk.list(fired).names)
      if (name.endsWith(".fired")) ports.disk.unlink(join(fired, name));
  removeIfEmpty(fired, ports.disk);
}

function refuseChanged({ before, target }: AgentPlan, file: string, ports: HookPorts): void {
  if (textOf(file, ports) === before) return;
  throw new HoldfastError("HOOK_CONFLICT", `${file} was changed in the meantime`, {
    hint: `holdfast hooks status ${target}`,
    data: { file },
  });
}

/** `null`: no file. Bytes that are no text are refused: they could not be given back. */
function textOf(file: string, ports: Pick<HookPorts, "disk">): string | null {
  try {
    const bytes = readWhole(ports.disk, realFile(file, ports.disk));
    if (bytes === null) return null;
    const text = bytes.toString("utf8");
    if (Buffer.from(text).equals(bytes)) return text;
    throw new HoldfastError("HOOK_CONFIG_INVALID", `${file} cannot be read: it is no UTF-8`, { data: { file } });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HoldfastError("HOOK_UNAVAILABLE", `${file} cannot be read: ${error.message}`, {
      hint: "see what lies there, and who may read it",
      data: { file },
      cause: error,
    });
  }
}

function writeText(file: string, text: string, ports: HookPorts): void {
  const { disk, process } = ports;
  try {
    makeFolders(disk, dirname(file), 0o755);
    const real = realFile(file, ports.disk);
    const temporary = `${real}.holdfast-${process.pid}`;
    const mode = disk.lstat(real)?.mode ?? 0o600;
    const fd = disk.createNew(temporary, mode);
    try {
      disk.write(fd, Buffer.from(text), null);
      disk.fchmod(fd, mode);
      disk.fsync(fd);
    } finally {
      disk.close(fd);
    }
    disk.rename(temporary, real);
    disk.syncDir(dirname(real));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new HoldfastError("HOOK_UNAVAILABLE", `${file} cannot be written: ${error.message}`, {
      hint: "see who may write there",
      data: { file },
      cause: error,
    });
  }
}
