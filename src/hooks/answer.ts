/**
 * Answers an agent: by silence, after making sure that everything is remembered and noting who does what; or by denial with what to do
 * instead, when the command would take away what must stay.
 *
 * Nothing that goes wrong here stops an agent: what could not be done is told as "limited", and the command proceeds (unless the owner
 * set `hooks.onError: deny`).
 */

import { isAbsolute, join } from "node:path";
import { HoldfastError, isSystemError, LIMITS } from "../base/index.ts";
import { type CommandJudgement, type CommandPlace, type HookReport, judgeCommand } from "../cause/index.ts";
import { isAtOrBelow } from "../tree/index.ts";
import { aftermath } from "./aftermath.ts";
import {
  type AfterCommand,
  type AgentName,
  type BeforeCommand,
  type HookCall,
  type HookReply,
  SILENCE,
  type TurnEnd,
} from "./call.ts";
import { claimIn } from "./claim.ts";
import { denial } from "./denial.ts";
import type { HookWorld, KnownPath, TreeDesk } from "./desk.ts";
import { sessionNote } from "./session-note.ts";
import { type Threat, threatOf } from "./threat.ts";

export interface Asked {
  readonly call: HookCall;
  /** What the hook was installed for. */
  readonly installedFor: AgentName;
  /** The process that asks, the agent's mostly. */
  readonly pid: number;
}

export async function answerCall(asked: Asked, world: HookWorld): Promise<HookReply> {
  const { call, installedFor } = asked;
  // Cursor runs what was installed for Claude Code as well: its own hook answers.
  if (call.agent !== installedFor && world.isInstalled(call.agent)) return SILENCE;
  switch (call.kind) {
    case "before":
      return beforeCommand({ ...asked, call }, world);
    case "after":
      return afterCommand({ ...asked, call }, world);
    case "session":
      return atSessionStart(call, world);
    case "turn-end":
      return atTurnEnd(call, world);
  }
}

async function beforeCommand({ call, pid }: Asked & { call: BeforeCommand }, world: HookWorld): Promise<HookReply> {
  if (DIAGNOSIS.test(call.command) && call.session !== null) world.sessions?.noteDiagnosis(call.session);
  const cwd = folderOf(call, world);
  const judgement = judgeCommand(call.command, placeAt(cwd, world));
  if (judgement.kind === "harmless" && call.removes.length === 0) return SILENCE;
  const removes = call.removes.map((path) => (isAbsolute(path) ? path : join(cwd, path)));
  const desks = await world.desksAt(cwd, [...removes, ...placesIn(judgement)]);
  for (const desk of desks) {
    const threat = threatTo(desk, { judgement, removes }, world);
    if (threat !== null) return { kind: "deny", reason: denial(call, threat, world.program) };
  }
  return makeSure(reportOf(call, { cwd, pid, nowMs: world.nowMs() }), desks, world);
}

/** Everything is remembered, and it is known who is at work. */
async function makeSure(
  report: HookReport,
  desks: readonly TreeDesk[],
  { nowMs }: Pick<HookWorld, "nowMs">,
): Promise<HookReply> {
  const limits: string[] = [];
  for (const desk of desks) {
    try {
      const forgotten = await desk.remember();
      // Only now it begins: what was remembered just before is nobody's doing of this command.
      const unheard = desk.report({ ...report, startedMs: nowMs() });
      limits.push(...[forgotten, unheard].filter((why) => why !== null));
    } catch (error) {
      if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
      limits.push(error.message);
    }
  }
  const [why] = limits;
  if (why === undefined) return SILENCE;
  const text = `Holdfast: limited – ${why}`;
  return desks.some((desk) => desk.kept().onError === "deny")
    ? { kind: "deny", reason: `${text}; hooks.onError is deny` }
    : { kind: "notice", text };
}

async function afterCommand({ call, pid }: Asked & { call: AfterCommand }, world: HookWorld): Promise<HookReply> {
  const cwd = folderOf(call, world);
  const judgement = judgeCommand(call.command, placeAt(cwd, world));
  const places = aftermath(call, cwd, judgement);
  if (judgement.kind === "harmless" && places.length === 0) return SILENCE;
  const desks = await world.desksAt(cwd, [...placesIn(judgement), ...places]);
  if (judgement.kind !== "harmless") {
    const report = reportOf(call, { cwd, pid, nowMs: world.nowMs() });
    for (const desk of desks) await desk.ended({ ...report, endedMs: world.nowMs(), exitCode: call.exitCode });
  }
  const known: KnownPath[] = [];
  for (const place of places) {
    known.push(...(await knownAt(world.realPath(place), desks)));
    if (known.length >= PATHS_TOLD) break;
  }
  if (known.length === 0) return SILENCE;
  const next = known.map(({ path, isThere }) => `${world.program} ${isThere ? "diagnose" : "restore"} ${path}`);
  return { kind: "context", text: [...known.map(({ says }) => says), `→ ${next.join("; ")}`].join("\n") };
}

async function atSessionStart(call: HookCall, world: HookWorld): Promise<HookReply> {
  const desks = await world.desksAt(folderOf(call, world), []);
  const [desk] = desks;
  return desk === undefined
    ? SILENCE
    : { kind: "context", text: sessionNote(await desk.openIncidents(), world.program) };
}

async function atTurnEnd(call: TurnEnd, world: HookWorld): Promise<HookReply> {
  if (call.isRetry || (call.session !== null && world.sessions?.hasDiagnosed(call.session))) return SILENCE;
  const cwd = folderOf(call, world);
  const claimed = claimIn(call.message);
  if (claimed.length === 0) return SILENCE;
  const desks = await world.desksAt(cwd, []);
  for (const { path, says } of claimed) {
    const [known] = (
      await Promise.all(
        desks.flatMap(({ root }) => [join(cwd, path), join(root, path)]).map((place) => knownAt(place, desks)),
      )
    ).flat();
    if (known === undefined) continue;
    const reason = `You said "${says}" without a diagnosis. ${known.says}\nRun: ${world.program} diagnose ${known.path}\nThen answer again.`;
    return { kind: "send-back", reason };
  }
  return SILENCE;
}

const PATHS_TOLD = 2;

async function knownAt(place: string, desks: readonly TreeDesk[]): Promise<KnownPath[]> {
  const known = desks
    .filter(({ root }) => isAtOrBelow(place, root) && place !== root)
    .map((desk) => desk.knownOf(place.slice(desk.root.length + 1)));
  return (await Promise.all(known)).filter((one) => one !== null);
}

function folderOf({ cwd }: HookCall, world: HookWorld): string {
  return cwd === null || !isAbsolute(cwd) ? "/" : world.realPath(cwd);
}

function placeAt(cwd: string, { home, workTreeOf, scriptAt }: HookWorld): CommandPlace {
  return { cwd, home, workTreeOf, textOf: scriptAt };
}

function placesIn({ touches }: CommandJudgement): string[] {
  return touches.flatMap(({ path }) => (path === null ? [] : [path]));
}

function threatTo(
  desk: TreeDesk,
  { judgement, removes }: { judgement: CommandJudgement; removes: readonly string[] },
  world: HookWorld,
): (Threat & { components: readonly string[] }) | null {
  const { places } = desk.kept();
  const own = [world.holdfastHome];
  const threats = [places.keys(), own].map((paths) => threatOf(judgement.reading, paths, world.workTreeOf));
  const removed = removes.flatMap((place) => [...places.keys()].filter((path) => isAtOrBelow(path, place)));
  const paths = [...new Set([...threats.flatMap((threat) => threat?.paths ?? []), ...removed])];
  if (paths.length === 0) return null;
  const by = [...new Set(threats.flatMap((threat) => threat?.by ?? []))];
  const components = [...new Set(paths.map((path) => places.get(path) ?? "Holdfast's own memory"))].sort();
  return { paths, by: by.length === 0 ? ["apply_patch"] : by, components };
}

const DIAGNOSIS = /(?:^|[\s/;&|(])holdfast['"]?\s+diagnose\b/;

/** The same before and after. Between them a person may be asked, so its process cannot tell how long it runs. */
function reportOf(
  call: BeforeCommand | AfterCommand,
  { cwd, pid, nowMs }: { cwd: string; pid: number; nowMs: number },
): HookReport {
  const { agent, session, callId, command } = call;
  return {
    id: `${agent}-${keyOf(JSON.stringify([session, callId, command]))}`,
    command: command.slice(0, COMMAND_LENGTH_MAX),
    cwd,
    actor: { kind: "agent", name: agent === "gemini" ? "gemini-cli" : agent, ...(session === null ? {} : { session }) },
    pid,
    startedMs: nowMs,
    endedMs: null,
    exitCode: null,
    expiresMs: nowMs + LIMITS.hookedCommandMsMax,
  };
}

const COMMAND_LENGTH_MAX = 16_384;

/** Two times FNV-1a: told apart is enough, and the library for digests costs a fifth of a Node's start. */
function keyOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index += 1) {
    a = Math.imul(a ^ text.charCodeAt(index), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - index), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
