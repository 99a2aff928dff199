/**
 * One judgement: what must hold → what differs → who did it → facts → decisions → what is done. Gather, decide, apply; the same way
 * for a change that just settled, for a sweep, and for what had to wait.
 */

import { type Entry, LIMITS, sameEntry, type TreePath } from "../base/index.ts";
import { acceptFromPerson } from "./accept-on.ts";
import { annotated } from "./annotate.ts";
import { discards, type Found } from "./cause-finder.ts";
import type { Settled } from "./contract.ts";
import { type Decision, decide } from "./decide.ts";
import { type Decided, drawUp, enter, isUnderWay, newsOf } from "./docket.ts";
import type { Drift } from "./drift.ts";
import type { Expectation } from "./expectation.ts";
import { gatherFacts, type StashHold, type Suspect } from "./facts.ts";
import { findCause } from "./find-cause.ts";
import { type Looked, look } from "./looking.ts";
import { movedSince } from "./moved-since.ts";
import { ownWrites } from "./own-writes.ts";
import { type Return, returnsFor } from "./repair-order.ts";
import { resolve } from "./resolve.ts";
import { beginRepairs } from "./respond.ts";
import { whereTheyWent } from "./where-they-went.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface Occasion extends Pick<Settled, "sinceMs" | "untilMs" | "blind"> {
  readonly presentOf: (path: TreePath) => Entry;
  /** Found by other means than by comparing: what cannot be read, what cannot run. */
  readonly alsoFound?: readonly Suspect[];
}

/** What is left to do, and to look at again. */
export interface Judged {
  /** Each resolves when what came of it is on record. */
  readonly repairs: Promise<void>[];
  readonly waiting: TreePath[];
  readonly deferred: { readonly path: TreePath; readonly why: string }[];
  readonly noted: { readonly path: TreePath; readonly dueMs: number }[];
}

export async function judgePaths(
  expectations: readonly Expectation[],
  occasion: Occasion,
  world: GuardWorld,
): Promise<Judged> {
  const judged: Judged = { repairs: [], waiting: [], deferred: [], noted: [] };
  const asOf = world.ledger.head().seq;
  const looked = await look(expectations, occasion.presentOf, false, world);
  const differing = unsettled([...looked.drifts, ...(occasion.alsoFound ?? [])], world);
  const busy = stillWritten(differing, occasion, world);
  judged.waiting.push(...busy);
  const suspects = differing.filter(({ drift }) => !busy.has(drift.path));
  settleHeld(looked.held, world);
  if (suspects.length === 0) return judged;
  const found = await findCause(suspects, occasion, world);
  const sure = discards(found.cause) ? await lookAtDiscarded(suspects, occasion, world) : suspects;
  const { facts, stashes } = await gatherFacts(sure, found, world);
  const wentTo = whereTheyWent(
    sure.map(({ drift }) => drift),
    occasion,
    world,
  );
  // Nothing is waited for between this and the decision: whoever ends a window has accepted what it left.
  const moved = movedSince(
    asOf,
    sure.map(({ expected }) => expected),
    world,
  );
  judged.waiting.push(...moved);
  const decided = sure
    .map((suspect, index) => ({
      ...suspect,
      drift: annotated(suspect.drift, found.cause, wentTo, world),
      decision: decide(facts[index]!),
    }))
    .filter(({ drift: { path } }) => !moved.has(path));
  await apply(stopFlapping(decided, world), { found, stashes, occasion, judged }, world);
  return judged;
}

/** Without what Holdfast is writing itself, and without what stands as it stood and waits for a person. */
function unsettled(suspects: readonly Suspect[], world: GuardWorld): Suspect[] {
  if (suspects.length === 0) return [];
  const isOwn = ownWrites(world);
  const standing = new Map(world.incidents.standing().map((one) => [`${one.drift.change} ${one.drift.path}`, one]));
  return suspects.filter(({ drift }) => {
    if (drift.change !== "unfit" && isOwn(drift.path, drift.present)) return false;
    const known = standing.get(`${drift.change} ${drift.path}`);
    return known?.drift.response !== "raise" || !sameEntry(known.drift.present, drift.present);
  });
}

/** Emptied or cut off, and somebody has it open for writing: the rest may be on its way. Not for ever: a log may be open for years. */
function stillWritten(suspects: readonly Suspect[], { sinceMs }: Occasion, { tree, ports }: GuardWorld): Set<TreePath> {
  const short = suspects.filter(({ drift: { change } }) => change === "emptied" || change === "torn");
  const isLate = ports.clock.now() - sinceMs > LIMITS.settleWaitMsMax;
  if (isLate || short.length > LIMITS.openWritersAskedMax) return new Set();
  const isWritten = ({ drift: { path, present } }: Suspect) => {
    const place = `${tree.root}/${path}`;
    const stat = ports.disk.lstat(place);
    const hasGoneOn = stat?.kind === "file" && present.kind === "file" && stat.sizeBytes !== present.sizeBytes;
    return hasGoneOn || ports.process.isOpenForWriting(place) === true;
  };
  return new Set(short.filter(isWritten).map(({ drift: { path } }) => path));
}

/** As it should be: whatever stood against it is over, unless a repair of it is about to say so itself. */
export function settleHeld(held: Looked["held"], world: GuardWorld): void {
  const { incidents, goingOn, store } = world;
  const branch = world.branch();
  const going = new Set(goingOn.pathsOn(branch));
  const standing = new Map(incidents.standing().map((one) => [one.drift.path, one]));
  const cleared: TreePath[] = [];
  for (const { expected, isAccepted } of held) {
    const { path } = expected;
    const known = standing.get(path);
    if (known && known.drift.change !== "unfit" && !isBeingRepaired(known.wo, world)) cleared.push(path);
    if (isAccepted && going.has(path)) goingOn.drop(path, branch);
  }
  if (cleared.length > 0) store.transaction(() => resolve(incidents.clear(cleared), "itself", world));
}

function isBeingRepaired(wo: string | null, world: GuardWorld): boolean {
  return wo !== null && isUnderWay(wo, world);
}

/** Git threw something away: what it brought may be old on any branch. */
async function lookAtDiscarded(
  suspects: readonly Suspect[],
  { presentOf }: Occasion,
  world: GuardWorld,
): Promise<Suspect[]> {
  const fresh = suspects.filter(({ drift }) => drift.change === "new");
  if (fresh.length === 0) return [...suspects];
  const { drifts } = await look(
    fresh.map(({ expected }) => expected),
    presentOf,
    true,
    world,
  );
  const again = new Map(drifts.filter(({ drift }) => drift.change !== "mode").map((one) => [one.drift.path, one]));
  return suspects.map((one) => (one.drift.change === "new" ? (again.get(one.drift.path) ?? one) : one));
}

const FLAPPING: Decision = {
  row: 19,
  response: "raise",
  severity: "high",
  why: "it was put back again and again, and goes again and again: a person must look",
};

function stopFlapping(decided: readonly Decided[], { repairTimes, config, ports }: GuardWorld): Decided[] {
  const wanted = decided.filter(({ decision }) => decision.response === "repair").map(({ drift }) => drift.path);
  const flapping = repairTimes.flapping(wanted, config().guard.flap, ports.clock.now());
  return decided.map((one) =>
    flapping.has(one.drift.path) ? { ...one, decision: { ...FLAPPING, row: one.decision.row } } : one,
  );
}

interface Applying {
  readonly found: Found;
  readonly stashes: ReadonlyMap<string, StashHold>;
  readonly occasion: Occasion;
  readonly judged: Judged;
}

async function apply(
  decided: readonly Decided[],
  { found, stashes, occasion, judged }: Applying,
  world: GuardWorld,
): Promise<void> {
  const having = (...responses: Decision["response"][]) =>
    decided.filter(({ decision }) => responses.includes(decision.response));
  judged.waiting.push(...pathsOf(having("wait")));
  judged.deferred.push(...having("defer").map(({ drift, decision }) => ({ path: drift.path, why: decision.why })));
  for (const { drift } of having("note")) {
    const sinceMs = stashes.get(drift.path)?.sinceMs ?? world.ports.clock.now();
    judged.noted.push({ path: drift.path, dueMs: sinceMs + LIMITS.stashRaiseMs });
  }
  const accepted = having("accept");
  if (accepted.length > 0 && found.cause) {
    const states = accepted.map(({ expected, drift }) => ({ expected, present: drift.present }));
    await acceptFromPerson(states, found.cause, world);
  }
  goOn(having("healthy"), having("healthy", "accept"), decided, world);
  const news = newsOf(having("note", "raise", "repair"), world);
  if (news.length > 0) judged.repairs.push(...(await openCase(news, { found, occasion }, world)));
}

/** What is going on is what a later repair returns to; whatever stood against it is over. */
function goOn(healthy: readonly Decided[], over: readonly Decided[], all: readonly Decided[], world: GuardWorld): void {
  const { goingOn, incidents, store } = world;
  const stillWrong = new Set(pathsOf(all.filter((one) => !over.includes(one))));
  const branch = world.branch();
  store.transaction(() => {
    for (const { expected, drift } of healthy) {
      if (drift.present.kind !== "absent" && drift.change !== "mode") goingOn.keep(expected, branch, drift.present);
    }
    const cleared = pathsOf(over).filter((path) => !stillWrong.has(path));
    resolve(incidents.clear(cleared), over.length > healthy.length ? "accept" : "itself", world);
  });
}

/** An incident, opened or joined, with the repairs that begin in the same commit. */
async function openCase(
  news: readonly Decided[],
  { found, occasion }: Pick<Applying, "found" | "occasion">,
  world: GuardWorld,
): Promise<Judged["repairs"]> {
  const wanted = world.engine === null ? [] : news.filter(({ decision }) => decision.response === "repair");
  const growing = new Set(pathsOf(wanted.filter(({ expected }) => expected.treatment.appendOnly)));
  const drifts: Drift[] = wanted.map(({ drift }) => drift);
  const returns: Return[] = wanted.length === 0 ? [] : await returnsFor(drifts, (path) => growing.has(path), world);
  const entry = { decided: news, found, occasion, alsoRecord: (id: string) => escalateFlapping(news, id, world) };
  if (returns.length > 0) return [(await beginRepairs(drawUp(entry, world), returns, { world })).ended];
  await enter(entry, world);
  return [];
}

function escalateFlapping(news: readonly Decided[], incident: string, { incidents }: GuardWorld): void {
  const stopped = news.find(({ decision }) => decision.why === FLAPPING.why);
  if (stopped === undefined || incidents.row(incident)?.escalated !== null) return;
  const summary = `${incident} escalated: ${stopped.drift.path}: ${FLAPPING.why}`;
  const data = { reason: FLAPPING.why };
  incidents.record({ event: "incident.escalated", actor: GUARD, ok: false, incident, data, summary });
}

function pathsOf(decided: readonly Decided[]): TreePath[] {
  return decided.map(({ drift }) => drift.path);
}
