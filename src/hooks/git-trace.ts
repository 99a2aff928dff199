/**
 * `git-trace`: lets every git command of this user write what it does into a folder of ours. Opt-in.
 *
 * Three settings in the user's global configuration, never in a repository's: git reads `trace2.*` from nowhere else. The folder is
 * never a socket, and only its user can enter it, because command lines can hold credentials. What stood in the file before is kept,
 * so that removal gives it back byte for byte. Crash: the configuration is the old or the new one; what it was is written down first.
 */

import { join } from "node:path";
import { HoldfastError, LIMITS } from "../base/index.ts";
import { gitTraceFolder, TRACED_VARIABLES } from "../cause/index.ts";
import { holdfastHome, makeFolders } from "../tree/index.ts";
import { editConfigFile, fileText, globalConfigFile, readSettings, refuseSpecial } from "./git-config.ts";
import { forgetInstallation, noteInstallation, readInstallation, withoutOurs } from "./git-trace-record.ts";
import type { HookChange, HookPlan, HookPorts, HookStatus, HookTarget } from "./hook-target.ts";

const SETTINGS = ["trace2.eventTarget", "trace2.envVars", "trace2.maxFiles"] as const;

export const gitTrace: HookTarget = {
  name: "git-trace",
  about: "every git command of this user says what it does, so that its doing can be told from others'",
  status,
  plan: (action, ports) => (action === "install" ? planInstall(ports) : planRemove(ports)),
  apply: (plan, ports) => (plan.action === "install" ? install(plan, ports) : remove(plan, ports)),
};

type Settings = Readonly<Record<(typeof SETTINGS)[number], string | null>>;

async function currentSettings(ports: HookPorts): Promise<Settings> {
  const found = await readSettings("trace2", ports);
  return Object.fromEntries(SETTINGS.map((name) => [name, found.get(name.toLowerCase()) ?? null])) as Settings;
}

/** What the settings become: another's list of variables is added to, another's limit is kept. */
function wantedSettings(current: Settings, folder: string): Settings {
  const listed = (current["trace2.envVars"] ?? "").split(",").map((name) => name.trim());
  const variables = [...new Set([...listed, ...TRACED_VARIABLES])].filter((name) => name !== "");
  return {
    "trace2.eventTarget": folder,
    "trace2.envVars": variables.join(","),
    "trace2.maxFiles": current["trace2.maxFiles"] ?? String(LIMITS.traceFilesMax),
  };
}

async function planInstall(ports: HookPorts): Promise<HookPlan> {
  const folder = gitTraceFolder(ports);
  const file = globalConfigFile(ports);
  refuseSpecial(file, ports);
  const current = await currentSettings(ports);
  const target = current["trace2.eventTarget"];
  if (target !== null && target !== folder && !isSwitchedOff(target)) {
    throw new HoldfastError("HOOK_CONFLICT", `git's trace goes to ${target} already`, {
      hint: `git config --global --unset trace2.eventTarget, then: holdfast hooks install git-trace`,
      data: { setting: "trace2.eventTarget", value: target, file },
    });
  }
  const wanted = wantedSettings(current, folder);
  const changes: HookChange[] = SETTINGS.filter((name) => current[name] !== wanted[name]).map((name) => ({
    file,
    setting: name,
    from: current[name],
    to: wanted[name],
  }));
  return { target: gitTrace.name, action: "install", changes, diff: null, notes: notes(ports) };
}

/** git(1): these say "no trace". */
function isSwitchedOff(target: string): boolean {
  return ["", "0", "false"].includes(target);
}

function notes({ process }: HookPorts): string[] {
  const environment = process.env("GIT_TRACE2_EVENT");
  return [
    "each git command takes about a millisecond longer",
    ...(environment ? ["GIT_TRACE2_EVENT is set here and overrides the setting"] : []),
  ];
}

async function install(plan: HookPlan, ports: HookPorts): Promise<void> {
  const folder = gitTraceFolder(ports);
  makeFolders(ports.disk, folder, 0o700);
  ports.disk.chmod(folder, 0o700);
  if (plan.changes.length === 0) return;
  await refuseChanged(plan, ports);
  const file = plan.changes[0]!.file;
  await editConfigFile(file, plan.changes, {
    ports,
    scratch: holdfastHome(ports),
    // Known before it is done: whatever happens then, removal can go back.
    before: ({ before, after }) => noteInstallation({ file, before, after, changes: plan.changes }, ports),
  });
}

async function planRemove(ports: HookPorts): Promise<HookPlan> {
  const installation = readInstallation(ports);
  const folder = gitTraceFolder(ports);
  const current = await currentSettings(ports);
  const file = installation?.file ?? globalConfigFile(ports);
  const known = installation?.changes ?? ourDefaults(current, folder);
  // A setting that somebody changed since is theirs.
  const changes = known
    .filter(({ setting, to }) => current[setting as keyof Settings] === to)
    .map(({ setting, from, to }): HookChange => ({ file, setting, from: to, to: from }));
  const note = installation === null && changes.length > 0 ? ["what stood there before is not known"] : [];
  return { target: gitTrace.name, action: "remove", changes, diff: null, notes: note };
}

/** Where the record of the installation was lost: what is exactly ours. */
function ourDefaults(current: Settings, folder: string): { setting: string; from: string | null; to: string | null }[] {
  if (current["trace2.eventTarget"] !== folder) return [];
  const ours = wantedSettings({ "trace2.eventTarget": null, "trace2.envVars": null, "trace2.maxFiles": null }, folder);
  return SETTINGS.filter((name) => current[name] === ours[name]).map((setting) => ({
    setting,
    from: null,
    to: ours[setting],
  }));
}

async function remove(plan: HookPlan, ports: HookPorts): Promise<void> {
  await refuseChanged(plan, ports);
  const installation = readInstallation(ports);
  const file = installation?.file ?? globalConfigFile(ports);
  if (plan.changes.length > 0) {
    const whole = installation === null ? undefined : withoutOurs(fileText(file, ports), installation);
    await editConfigFile(file, plan.changes, {
      ports,
      scratch: holdfastHome(ports),
      ...(whole === undefined ? {} : { whole }),
    });
  }
  forgetInstallation(ports);
  removeTraces(gitTraceFolder(ports), ports);
}

async function refuseChanged({ changes, target }: HookPlan, ports: HookPorts): Promise<void> {
  const current = await currentSettings(ports);
  const changed = changes.find(({ setting, from }) => current[setting as keyof Settings] !== from);
  if (changed === undefined) return;
  throw new HoldfastError("HOOK_CONFLICT", `${changed.setting} was changed in the meantime`, {
    hint: `holdfast hooks status ${target}`,
    data: { setting: changed.setting },
  });
}

/** They hold command lines. Git goes on without the folder. */
function removeTraces(folder: string, { disk }: HookPorts): void {
  if (disk.lstat(folder)?.kind !== "dir") return;
  let isEmpty = true;
  for (const { name, kind } of disk.list(folder).names) {
    if (kind === "file" && TRACE_NAME.test(name)) disk.unlink(join(folder, name));
    else isEmpty = false;
  }
  if (isEmpty) disk.rmdir(folder);
}

const TRACE_NAME = /^(?:\d{8}T\d{6}\.\d{6}Z-.*|git-trace2-discard)$/;

async function status(ports: HookPorts): Promise<HookStatus> {
  const folder = gitTraceFolder(ports);
  const current = await currentSettings(ports);
  const installed = current["trace2.eventTarget"] === folder;
  const stat = ports.disk.lstat(folder);
  const names = stat?.kind === "dir" ? ports.disk.list(folder).names.map(({ name }) => name) : [];
  const variables = (current["trace2.envVars"] ?? "").split(",");
  const problems = [
    ...(installed && stat?.kind !== "dir"
      ? ["the folder is missing: nothing is traced → holdfast hooks install git-trace"]
      : []),
    ...(installed && stat?.kind === "dir" && stat.mode !== 0o700
      ? ["others can enter the folder → holdfast hooks install git-trace"]
      : []),
    ...(installed && TRACED_VARIABLES.some((name) => !variables.includes(name))
      ? ["some agents' marks are not traced → holdfast hooks install git-trace"]
      : []),
    ...(names.includes("git-trace2-discard")
      ? ["the folder was full: git traces again when a daemon has read it → holdfast up"]
      : []),
    ...(ports.process.env("GIT_TRACE2_EVENT") ? ["GIT_TRACE2_EVENT is set here and overrides the setting"] : []),
  ];
  return {
    target: gitTrace.name,
    about: gitTrace.about,
    installed,
    trusted: null,
    lastFired: null,
    problems,
    facts: {
      file: globalConfigFile(ports),
      folder,
      eventTarget: current["trace2.eventTarget"],
      waiting: names.filter((name) => TRACE_NAME.test(name) && name !== "git-trace2-discard").length,
    },
  };
}
