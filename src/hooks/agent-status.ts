/** Whether an agent's hook is installed, whether the agent runs it, and when it last did: a hook that never fired protects nobody. */

import { dirname, join } from "node:path";
import { HoldfastError, isoTime, isSystemError } from "../base/index.ts";
import { holdfastHome, readWhole } from "../tree/index.ts";
import { AGENT_PLACES } from "./agent-places.ts";
import { readAgentRecord } from "./agent-record.ts";
import type { AgentName } from "./call.ts";
import { lastFiredMs } from "./fired.ts";
import { hookCommand, isHookOf } from "./hook-command.ts";
import type { HookPorts, HookStatus } from "./hook-target.ts";
import { isScript, shimPath, shimPathsOf, shimText } from "./shim.ts";

export async function agentStatus(agent: AgentName, ports: HookPorts): Promise<HookStatus> {
  const { title, file: fileOf, wanted } = AGENT_PLACES[agent];
  const file = fileOf(ports.process);
  const home = holdfastHome(ports);
  const found = await look(agent, file, ports);
  const installed = found.events.length > 0;
  const firedMs = lastFiredMs(agent, ports);
  const trusted = installed ? await trustOf(agent, file, found, ports) : null;
  const again = `holdfast hooks install ${agent}`;
  const missing = wanted(hookCommand(agent, ports), { claimCheck: false })
    .flatMap((one) => (one.kind === "entry" ? [one.event] : []))
    .filter((event) => !found.events.includes(event));
  const shim = shimPath(home);
  const isShimWhole = isScript(shim, shimText(shimPathsOf(ports)), ports.disk);
  const problems = [
    ...(found.problem === null ? [] : [found.problem]),
    ...(installed && missing.length > 0 ? [`not called for ${missing.join(", ")} → ${again}`] : []),
    ...(installed && !isShimWhole
      ? [`${shim} is ${ports.disk.lstat(shim) === null ? "gone: nothing is checked" : "another one"} → ${again}`]
      : []),
    ...(installed ? (found.off ?? []) : []),
    ...(trusted === "no"
      ? [`${title} does not trust it yet, and skips it without a word → open /hooks in ${title}`]
      : []),
    ...(installed && firedMs === null ? [`it never fired: run a command in ${title}, then look again`] : []),
  ];
  return {
    target: agent,
    about: `${title} asks before it runs a command`,
    installed,
    trusted,
    lastFired: firedMs === null ? null : isoTime(firedMs),
    problems,
    facts: {
      file,
      shim,
      events: found.events.join(" "),
      installedAt: installedAt(agent, ports),
    },
  };
}

interface Found {
  readonly events: readonly string[];
  readonly problem: string | null;
  /** Switches of the agent itself that keep hooks from running. */
  readonly off?: readonly string[];
  readonly value: Readonly<Record<string, unknown>>;
}

async function look(agent: AgentName, file: string, ports: HookPorts): Promise<Found> {
  try {
    const text = readWhole(ports.disk, ports.disk.lstat(file)?.kind === "link" ? ports.disk.realpath(file) : file);
    if (text === null) return { events: [], problem: null, value: {} };
    const { configValue, eventsOfOurs } = await import("./json-config.ts");
    const config = { name: file, text: text.toString("utf8") };
    const value = configValue(config);
    return {
      events: eventsOfOurs(config, (command) => isHookOf(agent, command)),
      problem: null,
      value,
      off: switchedOff(agent, value),
    };
  } catch (error) {
    if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
    return { events: [], problem: error.message, value: {} };
  }
}

function switchedOff(agent: AgentName, value: Readonly<Record<string, unknown>>): string[] {
  if (agent === "claude-code" && value["disableAllHooks"] === true)
    return ["disableAllHooks is set: Claude Code runs no hook"];
  if (agent !== "gemini") return [];
  const settings = [value["hooksConfig"], value["hooks"]].flatMap((one) =>
    typeof one === "object" && one !== null ? [one as Record<string, unknown>] : [],
  );
  return settings.flatMap((one) => [
    ...(one["enabled"] === false ? ["hooks are switched off: Gemini CLI runs none"] : []),
    ...(Array.isArray(one["disabled"]) && one["disabled"].includes("holdfast")
      ? ['the hook "holdfast" is disabled: /hooks enable holdfast']
      : []),
  ]);
}

/**
 * Codex writes down what it trusts, by the place of each hook and its hash: `[hooks.state."<file>:pre_tool_use:0:0"]`. Whether the
 * hash is that of the present definition only Codex can say; a hook that fired since it was installed was trusted.
 */
async function trustOf(
  agent: AgentName,
  file: string,
  { value }: Found,
  ports: HookPorts,
): Promise<HookStatus["trusted"]> {
  if (agent !== "codex") return "yes";
  const firedMs = lastFiredMs(agent, ports);
  const installedMs = readAgentRecord(agent, ports)?.installedAtMs ?? null;
  if (firedMs !== null && installedMs !== null && firedMs >= installedMs) return "yes";
  const states = await codexHookStates(join(dirname(file), "config.toml"), ports);
  if (states === null) return "unknown";
  const place = placeOfOurs(value);
  if (place === null) return "unknown";
  const state = states[`${file}:pre_tool_use:${place}`];
  if (typeof state !== "object" || state === null) return "no";
  const { trusted_hash: hash, enabled } = state as Record<string, unknown>;
  return typeof hash === "string" && enabled !== false ? "unknown" : "no";
}

function placeOfOurs(value: Readonly<Record<string, unknown>>): string | null {
  const groups: unknown = (value["hooks"] as Record<string, unknown> | undefined)?.["PreToolUse"];
  if (!Array.isArray(groups)) return null;
  for (const [group, { hooks }] of (groups as { hooks?: { command?: string }[] }[]).entries()) {
    const at = (hooks ?? []).findIndex(({ command }) => isHookOf("codex", command ?? ""));
    if (at >= 0) return `${group}:${at}`;
  }
  return null;
}

/** `null` when it cannot be read. */
async function codexHookStates(file: string, ports: HookPorts): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const text = readWhole(ports.disk, file)?.toString("utf8") ?? "";
    const hooks: unknown = (await tomlOf(text))["hooks"];
    const state: unknown =
      typeof hooks === "object" && hooks !== null ? (hooks as Record<string, unknown>)["state"] : {};
    return typeof state === "object" && state !== null ? (state as Record<string, unknown>) : {};
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof HoldfastError)) throw error;
    return null;
  }
}

/** Not ours to mend: Codex itself says what is wrong with it. */
async function tomlOf(text: string): Promise<Record<string, unknown>> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) throw new HoldfastError("HOOK_CONFIG_INVALID", error.message, { cause: error });
    throw error;
  }
}

function installedAt(agent: AgentName, ports: HookPorts): string | null {
  try {
    const record = readAgentRecord(agent, ports);
    return record === null ? null : isoTime(record.installedAtMs);
  } catch (error) {
    if (error instanceof HoldfastError) return null;
    throw error;
  }
}
