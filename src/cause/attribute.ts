/**
 * Who did it: joins what the witnesses saw with what drifted. Pure; may end at "unknown".
 *
 * Only what ran inside the window around the drift, and only what could have done it, is a cause. Confidence:
 *
 *   witness    could have made all of it   a part, or it cannot be told
 *   hook       0.99                        0.80
 *   trace      0.95                        0.60
 *   process    0.85                        0.50
 *   reflog     0.60                        0.40
 *   any, of which nothing is understood:   0.30, and 0.10 when it ran long before
 *
 * × 0.8 when the command failed, × 0.4 when it had ended before the drift began; a second witness of the same act halves what is missing to 1. Two acts that could both have
 * done it share: each keeps its part of their sum. Below 0.25 nobody is named.
 */

import type { Actor } from "../ledger/index.ts";
import { type Act, isSameAct, joinActs } from "./acts.ts";
import { couldHaveDone, type Possibility } from "./command/could-have-done.ts";
import { describeCommand } from "./command/describe-command.ts";
import type { CommandReading } from "./command/reading.ts";
import type { DriftedPath } from "./drift-kind.ts";
import type { Witness, WitnessSource } from "./witnesses/witness.ts";

/** When the drift can have happened. Unix ms. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Cause {
  /** One line: the command, credentials hidden; `script (command)` where a script ran it. */
  readonly what: string;
  /** The whole that it was a part of, in the same words each time, whatever else of it was seen. */
  readonly act: string;
  readonly actor: Actor;
  readonly pid: number | null;
  /** 0 to 1. */
  readonly confidence: number;
  readonly source: WitnessSource;
  readonly reading: CommandReading;
  readonly exitCode: number | null;
}

export interface Attribution {
  /** `null`: unknown. */
  readonly cause: Cause | null;
  /** Others that could have done it as well, likeliest first. */
  readonly others: readonly Cause[];
  /** What git recorded in the window (a commit, merge, pull, rebase …), whether or not it touched the drifted paths. */
  readonly recordedBy: Cause | null;
}

const OTHERS_MAX = 5;
const NAMED_FROM = 0.25;
/** Nobody saw a hand on a file. */
const CERTAIN = 0.99;
/** A rival is one at least this likely, compared with the likeliest. */
const RIVAL_FROM = 0.5;

export function attribute(drift: readonly DriftedPath[], witnesses: readonly Witness[], window: Window): Attribution {
  const able = witnesses.filter(({ reading }) => !reading.harmless);
  const present = able
    .filter((witness) => isInside(witness, window))
    .map((witness) => withSurerTimes(witness, able))
    .filter((witness) => isInside(witness, window));
  const acts = joinActs(present);
  const suspects = acts.flatMap((act) => suspectOf(act, drift, window)).sort((a, b) => b.confidence - a.confidence);
  const [likeliest, ...rest] = share(suspects);
  const cause = likeliest !== undefined && likeliest.confidence >= NAMED_FROM ? likeliest : null;
  const others = cause === null ? share(suspects) : rest;
  const by = acts.find(({ witnesses }) => witnesses.some((one) => one.reading === suspects[0]?.reading));
  return { cause, others: others.slice(0, OTHERS_MAX), recordedBy: recordedIn(present, window, by ?? null) };
}

/** A process that was seen running may have gone on for a moment. */
const LATE_MS = 2_000;
/** Events come late by some milliseconds, on a busy machine by more. */
const LATE_MS_OF_ENDED = 500;
const AHEAD_MS = 50;

function isInside({ startedMs, endedMs, seenMs }: Witness, { fromMs, toMs }: Window): boolean {
  const isEarly = endedMs === null ? seenMs < fromMs - LATE_MS : endedMs < fromMs - LATE_MS_OF_ENDED;
  return startedMs <= toMs + AHEAD_MS && !isEarly;
}

/** The reflog knows a command to the second, and the process table not when it ended: who traced it does. */
function withSurerTimes(witness: Witness, all: readonly Witness[]): Witness {
  if (witness.source === "hook" || witness.source === "trace") return witness;
  const surer = all.filter(
    (other) =>
      (other.source === "hook" || other.source === "trace") && other.endedMs !== null && isSameAct(other, witness),
  );
  if (surer.length === 0) return witness;
  const startedMs = Math.min(...surer.map((other) => other.startedMs));
  return { ...witness, startedMs, endedMs: Math.max(...surer.map((other) => other.endedMs!)) };
}

const BY_WITNESS: Readonly<Record<WitnessSource, Readonly<Record<Possibility, number>>>> = {
  hook: { yes: 0.99, perhaps: 0.8, no: 0 },
  trace: { yes: 0.95, perhaps: 0.6, no: 0 },
  process: { yes: 0.85, perhaps: 0.5, no: 0 },
  reflog: { yes: 0.6, perhaps: 0.4, no: 0 },
};
const NOT_UNDERSTOOD = 0.3;
const RAN_LONG_BEFORE = 0.1;
const LONG_BEFORE_MS = 60_000;
/** A command may be over before its event is heard of. */
const EVENT_DELAY_MS = 50;

interface Weighed {
  readonly witness: Witness;
  readonly confidence: number;
}

function weigh(witness: Witness, drift: readonly DriftedPath[], window: Window): Weighed {
  const { reading, source, startedMs, endedMs, seenMs, exitCode } = witness;
  const possibility = couldHaveDone(reading, drift);
  const isOpaque = !reading.understood && reading.touches.length === 0;
  const base = BY_WITNESS[source][possibility];
  const known = isOpaque && source !== "hook" ? Math.min(base, NOT_UNDERSTOOD) : base;
  const timely = isOpaque && window.fromMs - startedMs > LONG_BEFORE_MS ? Math.min(known, RAN_LONG_BEFORE) : known;
  // When a process was found gone says little: it was last seen before that.
  const lastMs = source === "process" ? seenMs : endedMs;
  const hadEnded = endedMs !== null && lastMs !== null && lastMs < window.fromMs - EVENT_DELAY_MS;
  const failed = exitCode !== null && exitCode !== 0;
  return { witness, confidence: timely * (failed ? 0.8 : 1) * (hadEnded ? 0.4 : 1) };
}

function suspectOf(act: Act, drift: readonly DriftedPath[], window: Window): Cause[] {
  const weighed = act.witnesses
    .map((witness) => weigh(witness, drift, window))
    .filter(({ confidence }) => confidence > 0)
    // Of a shell's text and the command in it, the command says more.
    .sort((a, b) => b.confidence - a.confidence || a.witness.reading.parts.length - b.witness.reading.parts.length);
  const [best] = weighed;
  if (best === undefined) return [];
  const sources = new Set(weighed.map(({ witness }) => witness.source));
  const confidence = sources.size > 1 ? 1 - (1 - best.confidence) / 2 : best.confidence;
  return [
    causeOf(act, best.witness, {
      confidence: round(Math.min(CERTAIN, confidence)),
      parts: weighed.map(({ witness }) => witness),
    }),
  ];
}

function causeOf(
  act: Act,
  best: Witness,
  { confidence, parts }: { confidence: number; parts: readonly Witness[] },
): Cause {
  const surest = act.witnesses[0];
  const actor = act.witnesses.find((witness) => witness.actor.kind !== "unknown")?.actor ?? surest.actor;
  const pid = parts.find((part) => part.pid !== null && part.reading.understood)?.pid ?? best.pid ?? actor.pid ?? null;
  return {
    what: describeAct(act, parts),
    act: outerOf(act) ?? describeAct(act, parts),
    actor,
    pid,
    confidence,
    source: surest.source,
    reading: best.reading,
    exitCode: best.exitCode,
  };
}

const PARTS_SHOWN_MAX = 3;

/** `zsh tools/rollback.zsh (git reset --hard; rm -rf agents)`. */
function describeAct(act: Act, parts: readonly Witness[]): string {
  const hook = act.witnesses.find(({ source }) => source === "hook");
  const outer = hook !== undefined || act.script !== null ? outerOf(act) : null;
  const seen = parts.filter(({ source }) => source !== "reflog" || parts.length === 1);
  // Of shells and the commands that they run, the commands.
  const commands = seen.filter(({ reading }) => reading.parts.length === 0);
  const lines = (commands.length > 0 ? commands : seen).map(describeWitness);
  const inner = [...new Set(lines)].filter((line) => line !== outer);
  if (outer === null) return inner[0] ?? describeWitness(act.witnesses[0]);
  const isSaidAlready = hook !== undefined && inner.every((line) => outer.includes(line));
  if (inner.length === 0 || isSaidAlready) return outer;
  const more = inner.length > PARTS_SHOWN_MAX ? "; …" : "";
  return `${outer} (${inner.slice(0, PARTS_SHOWN_MAX).join("; ")}${more})`;
}

/** The hook's command, else the script, else the shell that ran it all; `null` where a command ran alone. */
function outerOf({ script, witnesses }: Act): string | null {
  const hook = witnesses.find(({ source }) => source === "hook");
  if (hook !== undefined) return describeWitness(hook);
  if (script !== null) return describeCommand(script.argv);
  const shells = witnesses.filter(({ reading }) => reading.parts.length > 0);
  const [first] = shells.sort((a, b) => a.startedMs - b.startedMs);
  return first === undefined ? null : describeWitness(first);
}

function describeWitness({ says, argv }: Witness): string {
  return says ?? describeCommand(argv);
}

/** Acts that are nearly as likely as the likeliest take from its confidence, and it from theirs. */
function share(sorted: readonly Cause[]): Cause[] {
  const most = sorted[0]?.confidence ?? 0;
  const rivals = sorted.filter(({ confidence }) => confidence >= most * RIVAL_FROM);
  const sum = rivals.reduce((total, { confidence }) => total + confidence, 0);
  if (rivals.length < 2) return [...sorted];
  return sorted
    .map((cause) =>
      rivals.includes(cause) ? { ...cause, confidence: round((cause.confidence ** 2 * TOGETHER) / sum) } : cause,
    )
    .sort((a, b) => b.confidence - a.confidence);
}

/** Two that share are together a little likelier than one alone: one of them it was. */
const TOGETHER = 1.2;

/**
 * A commit is made after what it records: one that had ended when the drift began recorded something else. Only git's own command
 * counts: that a shell was to run one proves nothing. Nor can it have recorded what the act did that came after it in the reflog, though
 * both are of the same second.
 */
function recordedIn(present: readonly Witness[], { fromMs }: Window, by: Act | null): Cause | null {
  const acts = joinActs(present.filter(({ reading }) => reading.recordedByGit));
  const act = acts.find(
    ({ witnesses }) =>
      recordedAtMs(witnesses) >= fromMs - RECORDED_SLACK_MS && (by === null || !isBefore(witnesses, by.witnesses)),
  );
  if (act === undefined) return null;
  const best = act.witnesses[0];
  return causeOf(act, best, { confidence: BY_WITNESS[best.source].yes, parts: [best] });
}

function recordedAtMs(witnesses: readonly Witness[]): number {
  const byGit = witnesses.filter(({ reading }) => reading.tool === "git" && reading.parts.length === 0);
  const traced = byGit.filter(({ source }) => source === "trace");
  return Math.max(...(traced.length > 0 ? traced : byGit).map(({ endedMs, seenMs }) => endedMs ?? seenMs));
}

const RECORDED_SLACK_MS = 100;

/** By the reflog; `false` where one of them has no line there. */
function isBefore(one: readonly Witness[], other: readonly Witness[]): boolean {
  const lines = (witnesses: readonly Witness[]) => witnesses.flatMap(({ line }) => line ?? []);
  const [ones, others] = [lines(one), lines(other)];
  return ones.length > 0 && others.length > 0 && Math.max(...ones) < Math.min(...others);
}

function round(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
