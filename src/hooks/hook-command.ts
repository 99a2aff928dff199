/** The command that stands in an agent's configuration, and how it is known again. */

import { holdfastHome } from "../tree/index.ts";
import type { AgentName } from "./call.ts";
import type { HookPorts } from "./hook-target.ts";
import { quoted, shimPath } from "./shim.ts";

/** What stands in the agent's configuration. */
export function hookCommand(agent: AgentName, ports: Pick<HookPorts, "process" | "disk">): string {
  const path = shimPath(holdfastHome(ports));
  return `${/^[\w@%+=:,./-]+$/.test(path) ? path : quoted(path)} ${agent}`;
}

/** Also of a Holdfast that keeps its state elsewhere: two hooks of one kind would be one too many. */
export function isHookOf(agent: AgentName, command: string): boolean {
  return /(?:^|\/)holdfast-hook'?\s+(\S+)\s*$/.exec(command)?.[1] === agent;
}

/** Where a dotfiles manager keeps a configuration elsewhere, and a link in its place. */
export function realFile(file: string, disk: HookPorts["disk"]): string {
  return disk.lstat(file)?.kind === "link" ? disk.realpath(file) : file;
}
