/**
 * launchd, or systemd's user manager: where its units lie, and what it says of one. Asked by their own programs, each with a time limit.
 *
 * Nothing is a legal answer: in a container, over ssh without a session, under cron, there may be no manager to ask.
 */

import { isAbsolute, join } from "node:path";
import { isSystemError, LIMITS, type Ports } from "../base/index.ts";

export type ManagerPorts = Pick<Ports, "disk" | "process">;

/** What the manager knows of a unit. `scheduled`: something starts it now and then, so that it need not be running. */
export type UnitState =
  | { readonly loaded: false }
  | {
      readonly loaded: true;
      readonly running: boolean;
      /** It waits to start it again. */
      readonly restarting: boolean;
      readonly scheduled: boolean;
      /** Of its last run; `null` where there was none, or a signal ended it. */
      readonly exitCode: number | null;
    };

export interface Manager {
  readonly kind: "launchd" | "systemd";
  /** The folder of units that are written; the others are only read. */
  readonly folder: string;
  readonly folders: readonly string[];
  /** `null`: nobody answers. */
  state(label: string): Promise<UnitState | null>;
  /** Units by their files' names; started now, and at each login. Returns what was refused, in the manager's own words. */
  start(files: readonly string[]): Promise<string | null>;
  /** Stopped, and not started again. */
  stop(files: readonly string[]): Promise<string | null>;
}

export function managerOf(ports: ManagerPorts): Manager {
  return ports.process.platform === "darwin" ? launchd(ports) : systemd(ports);
}

/** `com.x` → `com.x.service`; what is named as a unit stays. */
export function unitFileNames(label: string, kind: Manager["kind"]): string[] {
  if (kind === "launchd") return [`${label}.plist`];
  return /\.(service|timer)$/.test(label) ? [label] : [`${label}.service`];
}

async function ask(command: readonly [string, ...string[]], { process }: ManagerPorts) {
  if (process.which(command[0]) === null) return null;
  const runtime = `/run/user/${process.uid}`;
  const env = process.env("XDG_RUNTIME_DIR") ? {} : { XDG_RUNTIME_DIR: runtime };
  try {
    return await process.run({ command, cwd: "/", env, timeoutMs: LIMITS.serviceAskMs });
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

// ------------------------------------------------------------------------------------------------------------ systemd

function systemd(ports: ManagerPorts): Manager {
  const { process } = ports;
  const config = process.env("XDG_CONFIG_HOME");
  const folder = join(config && isAbsolute(config) ? config : join(process.home(), ".config"), "systemd", "user");
  const systemctl = (...words: string[]) => ask(["systemctl", "--user", "--no-ask-password", ...words], ports);
  const said = (answer: Awaited<ReturnType<typeof ask>>) => {
    if (answer === null) return "systemctl is not there";
    return answer.exitCode === 0 ? null : answer.stderr.trim().split("\n")[0] || `systemctl ended ${answer.exitCode}`;
  };
  return {
    kind: "systemd",
    folder,
    folders: [folder, join(process.home(), ".local/share/systemd/user"), "/etc/systemd/user", "/usr/lib/systemd/user"],
    async state(label) {
      const [unit] = unitFileNames(label, "systemd");
      const answer = await systemctl("show", unit!, `--property=${PROPERTIES.join(",")}`);
      return answer === null || answer.exitCode !== 0 ? null : systemdState(answer.stdout);
    },
    async start(files) {
      const reloaded = said(await systemctl("daemon-reload"));
      if (reloaded !== null) return reloaded;
      return said(await systemctl("enable", "--now", ...startable(files)));
    },
    async stop(files) {
      const stopped = said(await systemctl("disable", "--now", ...files));
      await systemctl("daemon-reload");
      return stopped;
    },
  };
}

const PROPERTIES = ["LoadState", "ActiveState", "SubState", "ExecMainCode", "ExecMainStatus", "TriggeredBy"];

/** What a timer starts is not started by itself. */
function startable(files: readonly string[]): string[] {
  return files.filter((file) => !files.includes(file.replace(/\.service$/, ".timer")) || file.endsWith(".timer"));
}

/** The answer of `systemctl show`. Pure. */
export function systemdState(text: string): UnitState {
  const values = new Map(text.split("\n").map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  const load = values.get("LoadState");
  if (load !== "loaded") return { loaded: false };
  const active = values.get("ActiveState") ?? "";
  const sub = values.get("SubState") ?? "";
  // CLD_EXITED is 1; a run that a signal ended has no exit code.
  const hasExited = values.get("ExecMainCode") === "1";
  return {
    loaded: true,
    running: active === "active" || active === "reloading" || (active === "activating" && sub !== "auto-restart"),
    restarting: sub === "auto-restart",
    scheduled: (values.get("TriggeredBy") ?? "") !== "",
    exitCode: hasExited ? Number(values.get("ExecMainStatus")) : null,
  };
}

// ------------------------------------------------------------------------------------------------------------ launchd

function launchd(ports: ManagerPorts): Manager {
  const { process } = ports;
  const folder = join(process.home(), "Library", "LaunchAgents");
  const domain = `gui/${process.uid}`;
  const launchctl = (...words: string[]) => ask(["launchctl", ...words], ports);
  const each = async (files: readonly string[], words: (file: string) => string[]) => {
    const refused: string[] = [];
    for (const file of files) {
      const answer = await launchctl(...words(file));
      if (answer === null) return "launchctl is not there";
      if (answer.exitCode !== 0)
        refused.push(answer.stderr.trim().split("\n")[0] || `launchctl ended ${answer.exitCode}`);
    }
    return refused[0] ?? null;
  };
  return {
    kind: "launchd",
    folder,
    folders: [folder, "/Library/LaunchAgents"],
    async state(label) {
      const answer = await launchctl("print", `${domain}/${label}`);
      if (answer === null) return null;
      if (answer.exitCode === 0) return launchdState(answer.stdout);
      // 113: could not find service. Anything else is about the domain: nobody is logged in.
      return answer.exitCode === 113 ? { loaded: false } : null;
    },
    start: (files) => each(files, (file) => ["bootstrap", domain, join(folder, file)]),
    stop: (files) => each(files, (file) => ["bootout", `${domain}/${file.replace(/\.plist$/, "")}`]),
  };
}

/** The answer of `launchctl print`. Pure. */
export function launchdState(text: string): UnitState {
  const value = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, "m").exec(text)?.[1]?.trim() ?? null;
  const exit = /^-?\d+/.exec(value("last exit code") ?? "")?.[0];
  return {
    loaded: true,
    running: value("state") === "running",
    restarting: value("state") === "spawn scheduled",
    scheduled: /^\s*(?:run interval|com\.apple\.launchd\.calendarinterval|"Hour"|"Minute")/m.test(text),
    exitCode: exit === undefined ? null : Number(exit),
  };
}
