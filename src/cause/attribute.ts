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
 * × 0.8 when the command failed; a second witness of the same act halves what is missing to 1. Two acts that could both have
 * done it share: each keeps its part of their sum. Below 0.25 nobody is named.
 */

import type { Actor } from "../ledger/index.ts";
import { type Act, joinActs } from "./acts.ts";
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
  const present = witnesses.filter((witness) => !witness.reading.harmless && isInside(witness, window));
  const suspects = joinActs(present)
    .flatMap((act) => suspectOf(act, drift, window))
    .sort((a, b) => b.confidence - a.confidence);
  const [likeliest, ...rest] = share(suspects);
  const cause = likeliest !== undefined && likeliest.confidence >= NAMED_FROM ? likeliest : null;
  const others = cause === null ? share(suspects) : rest;
  return { cause, others: others.slice(0, OTHERS_MAX), recordedBy: recordedIn(present) };
}

/** Events come late by some milliseconds, and a process that was seen running may have gone on for a moment. */
const LATE_MS = 2_000;
const AHEAD_MS = 50;

function isInside({ startedMs, endedMs, seenMs }: Witness, { fromMs, toMs }: Window): boolean {
  return startedMs <= toMs + AHEAD_MS && (endedMs ?? seenMs) >= fromMs - LATE_MS;
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

interface Weighed {
  readonly witness: Witness;
  readonly confidence: number;
}

function weigh(witness: Witness, drift: readonly DriftedPath[], window: Window): Weighed {
  const { reading, source, startedMs, exitCode } = witness;
  const possibility = couldHaveDone(reading, drift);
  const isOpaque = !reading.understood && reading.touches.length === 0;
  const base = BY_WITNESS[source][possibility];
  const known = isOpaque && source !== "hook" ? Math.min(base, NOT_UNDERSTOOD) : base;
  const timely = isOpaque && window.fromMs - startedMs > LONG_BEFORE_MS ? Math.min(known, RAN_LONG_BEFORE) : known;
  return { witness, confidence: exitCode === null || exitCode === 0 ? timely : timely * 0.8 };
}

function suspectOf(act: Act, drift: readonly DriftedPath[], window: Window): Cause[] {
  const weighed = act.witnesses
    .map((witness) => weigh(witness, drift, window))
    .filter(({ confidence }) => confidence > 0)
    // Of a shell's text and the command in it, the command says more.
    .sort((a, b) => b.confidence - a.confidence || a.witness.reading.parts.length - b.witness.reading.parts.length);
  const [best] = weighed;
  if (best === undefined) return [];
  const sources = new Set(act.witnesses.map(({ source }) => source));
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
function describeAct({ script, witnesses }: Act, parts: readonly Witness[]): string {
  const hook = witnesses.find(({ source }) => source === "hook");
  const outer = hook !== undefined ? describeWitness(hook) : script === null ? null : describeCommand(script.argv);
  const seen = parts.filter(({ source }) => source !== "reflog" || parts.length === 1);
  // Of shells and the commands that they run, the commands.
  const commands = seen.filter(({ reading }) => reading.parts.length === 0);
  const lines = (commands.length > 0 ? commands : seen).map(describeWitness);
  const inner = [...new Set(lines)].filter((line) => line !== outer);
  if (outer === null) return inner[0] ?? describeWitness(witnesses[0]);
  const isSaidAlready = hook !== undefined && inner.every((line) => outer.includes(line));
  if (inner.length === 0 || isSaidAlready) return outer;
  const more = inner.length > PARTS_SHOWN_MAX ? "; …" : "";
  return `${outer} (${inner.slice(0, PARTS_SHOWN_MAX).join("; ")}${more})`;
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

function recordedIn(present: readonly Witness[]): Cause | null {
  const acts = joinActs(present.filter(({ reading }) => reading.recordedByGit));
  const [act] = acts;
  if (act === undefined) return null;
  const best = act.witnesses[0];
  return causeOf(act, best, { confidence: BY_WITNESS[best.source].yes, parts: [best] });
}

function round(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
