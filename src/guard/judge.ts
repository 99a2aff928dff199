/**
 * The judge: what the eyes hand over is judged here, one thing after the other, and so is what had to wait: for git to end, for a window
 * to close, for a stash to be taken back.
 *
 * What waits is kept in memory only: after a crash the first look compares everything again. Repairs are carried out beside the
 * judging and put on record when they end; `idle` waits for them.
 */

import {
  ABSENT,
  type Entry,
  HoldfastError,
  isoTime,
  isSystemError,
  LIMITS,
  type TreePath,
  Turns,
} from "../base/index.ts";
import { OWN } from "../component/index.ts";
import { acceptCommitted } from "./accept-on.ts";
import { Brake } from "./brake.ts";
import { recordChecked } from "./checked.ts";
import type { Judge, RootTrouble, Settled } from "./contract.ts";
import type { Expectation, Expectations } from "./expectation.ts";
import { type Judged, judgePaths, type Occasion } from "./judging.ts";
import { Later } from "./later.ts";
import { presentIn } from "./looking.ts";
import { hasMovedSince } from "./moved-since.ts";
import { resolve } from "./resolve.ts";
import { named, resume } from "./respond.ts";
import { cannotRun, Interpreters } from "./unfit.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export interface GuardJudge extends Judge {
  /** Judges again what waited and is due. To be called about every second. */
  tick(): Promise<void>;
  /** Everything that must hold, against the last remembered states. */
  judgeAll(): Promise<void>;
  /** Resolves when all that was handed over is judged, and every repair is on record. */
  idle(): Promise<void>;
}

export function openJudge(world: GuardWorld): GuardJudge {
  return new TheJudge(world);
}

class TheJudge implements GuardJudge {
  readonly #world: GuardWorld;
  readonly #brake: Brake;
  readonly #interpreters: Interpreters;
  readonly #repairs = new Set<Promise<unknown>>();
  readonly #later = new Later();
  #branch: string | null;
  #heardSeq: number;
  readonly #turns = new Turns();

  constructor(world: GuardWorld) {
    this.#world = world;
    this.#brake = new Brake(world);
    this.#interpreters = new Interpreters(world);
    this.#branch = world.branch();
    this.#heardSeq = world.ledger.head().seq;
    this.#seedRepairTimes();
    this.#beside(resume(world));
  }

  firstSight(): void {
    this.#world.causes.firstSight();
  }

  judge(settled: Settled): Promise<void> {
    return this.#turns.inTurn(async () => {
      const { changes, blind, by } = settled;
      if (blind !== null) this.#recordBlind(blind);
      const expectations = this.#world.expectations();
      for (const { path, after } of changes) this.#keepUnaccepted(path, after, expectations);
      const occasion = { ...settled, presentOf: presentIn(this.#world.vault) };
      if (by === "event") {
        const expected = changes.flatMap(({ path }) => expectations.at(path) ?? []);
        await this.#judge(expected, { ...occasion, alsoFound: unreadable(settled, expectations) });
      } else {
        const beganMs = this.#world.ports.clock.monotonicMs();
        await this.#judgeEverything(
          { ...occasion, alsoFound: unreadable(settled, expectations) },
          settled.stillSettling,
        );
        this.#recordLook(by, this.#world.ports.clock.monotonicMs() - beganMs, expectations);
      }
      await this.#accept();
    });
  }

  judgeAll(): Promise<void> {
    return this.#turns.inTurn(() => this.#judgeEverything(this.#now()));
  }

  gitMoved(): Promise<void> {
    return this.#turns.inTurn(async () => {
      const branch = this.#world.branch();
      const hasSwitched = branch !== this.#branch;
      this.#branch = branch;
      await this.#accept();
      const now = this.#now();
      if (hasSwitched) await this.#judgeEverything({ ...now, sinceMs: now.sinceMs - REST_SEEN_MS });
      else await this.#judgeAgain([...this.#later.waiting(), ...this.#standingPaths()]);
    });
  }

  rootTrouble(trouble: RootTrouble | null): Promise<void> {
    return this.#turns.inTurn(async () => (trouble === null ? this.#brake.release() : this.#brake.pull(trouble)));
  }

  tick(): Promise<void> {
    return this.#turns.inTurn(async () => {
      if (this.#brake.isPulled) return;
      const { windows, standing, ports } = this.#world;
      const nowMs = ports.clock.now();
      const hasEnded = windows.endOverdue().length > 0;
      const again: TreePath[] = hasEnded || windows.open().length === 0 ? this.#later.deferred() : [];
      if (!standing.isInTheMiddle()) again.push(...this.#later.due(nowMs));
      if (this.#heardOfAcceptance()) again.push(...this.#standingPaths());
      await this.#judgeAgain(again);
    });
  }

  async idle(): Promise<void> {
    await this.#turns.over();
    while (this.#repairs.size > 0) await Promise.all(this.#repairs);
  }

  async #judge(expected: readonly Expectation[], occasion: Occasion): Promise<void> {
    if (this.#brake.isPulled) return;
    const judged = await judgePaths(expected, occasion, this.#world);
    const nowMs = this.#world.ports.clock.now();
    this.#recordDeferred(this.#later.keep(judged, expected, { sinceMs: occasion.sinceMs, nowMs }));
    for (const repair of judged.repairs) this.#beside(repair);
  }

  #recordDeferred(fresh: Judged["deferred"]): void {
    const { store, ledger } = this.#world;
    const [first] = fresh;
    if (first === undefined) return;
    const paths = fresh.map(({ path }) => path);
    const data = { reason: first.why, total: fresh.length };
    const summary = `${named(paths)} changed; judged later: ${first.why}`;
    store.transaction(() => void ledger.append({ event: "drift.deferred", actor: GUARD, paths, data, summary }));
  }

  async #judgeEverything(occasion: Occasion, stillSettling: Settled["stillSettling"] = new Set()): Promise<void> {
    const { vault } = this.#world;
    const present = new Map<TreePath, Entry>();
    for (const { path, entry } of vault.statesAt()) present.set(path, entry);
    const expected = this.#world
      .expectations()
      .all()
      .filter(({ path }) => !stillSettling.has(path));
    const unfit = await cannotRun(expected, this.#interpreters, this.#world.services);
    const alsoFound = [...(occasion.alsoFound ?? []), ...unfit];
    this.#forgetFit(new Set(alsoFound.map(({ drift }) => drift.path)));
    await this.#judge(expected, { ...occasion, alsoFound, presentOf: (path) => present.get(path) ?? ABSENT });
  }

  async #judgeAgain(paths: readonly TreePath[]): Promise<void> {
    if (paths.length === 0) return;
    const expectations = this.#world.expectations();
    const now = this.#now();
    const sinceMs = this.#later.sinceMs(paths, now.sinceMs);
    const expected: Expectation[] = [];
    for (const path of new Set(paths)) {
      const one = expectations.at(path);
      if (one === null) this.#later.forget(path);
      else expected.push(one);
    }
    await this.#judge(expected, { ...now, sinceMs });
  }

  #now(): Occasion {
    const nowMs = this.#world.ports.clock.now();
    return { sinceMs: nowMs, untilMs: nowMs, blind: null, presentOf: presentIn(this.#world.vault) };
  }

  async #accept(): Promise<void> {
    if (this.#world.standing.isInTheMiddle()) return;
    const accepted = await acceptCommitted(this.#world);
    if (accepted.length > 0) await this.#judgeAgain(accepted);
  }

  /** A file of a component that nobody accepted yet: a commit may, and `check` lists it. */
  #keepUnaccepted(path: TreePath, after: Entry, expectations: Expectations): void {
    const { goingOn } = this.#world;
    if (expectations.componentOf(path) === null || expectations.at(path) !== null) return;
    const branch = this.#world.branch();
    if (after.kind === "file" || after.kind === "link") goingOn.keep({ path, seq: 0 }, branch, after);
    else goingOn.drop(path, branch);
  }

  /** What could not run can again. */
  #forgetFit(unfit: ReadonlySet<TreePath>): void {
    const { incidents, store } = this.#world;
    const over = incidents
      .standing()
      .filter(({ drift }) => drift.change === "unfit" && !unfit.has(drift.path as TreePath));
    if (over.length === 0) return;
    store.transaction(() => resolve(incidents.clear(over.map(({ drift }) => drift.path)), "itself", this.#world));
  }

  #standingPaths(): TreePath[] {
    return this.#world.incidents.standing().map(({ drift }) => drift.path as TreePath);
  }

  /** Somebody accepted, repaired or restored something: what stood against it may be over. */
  #heardOfAcceptance(): boolean {
    const { ledger } = this.#world;
    const head = ledger.head().seq;
    if (head === this.#heardSeq) return false;
    const hasMoved = hasMovedSince(this.#heardSeq, ledger);
    this.#heardSeq = head;
    return hasMoved;
  }

  /** A sweep is the guardrail's check, on record whether it found anything or not: uptime is measured by it. */
  #recordLook(by: Settled["by"], ms: number, expectations: Expectations): void {
    const components = new Set(expectations.all().map(({ component }) => component));
    components.delete(OWN);
    if (components.size === 0 || this.#brake.isPulled) return;
    const standing = this.#world.incidents.standing().filter(({ drift }) => drift.response !== "note");
    const missing = standing.filter(({ drift }) => drift.kind === "deleted").map(({ drift }) => drift.path);
    const drifted = [...new Set(standing.map(({ drift }) => drift.component))].sort();
    recordChecked({ components: components.size, drifted, missing, deep: by === "deep-sweep", ms }, GUARD, this.#world);
  }

  #recordBlind({ fromMs, toMs, why }: NonNullable<Settled["blind"]>): void {
    const { store, ledger } = this.#world;
    const data = { from: isoTime(fromMs), to: isoTime(toMs), why };
    store.transaction(() =>
      ledger.append({
        event: "guard.blind",
        actor: GUARD,
        ok: false,
        data,
        summary: `nobody looked from ${data.from} to ${data.to}: ${why}`,
      }),
    );
  }

  /** Repairs of the last while, so that a restart does not begin to count anew. */
  #seedRepairTimes(): void {
    const { ledger, repairTimes, config, ports } = this.#world;
    const sinceMs = ports.clock.now() - config().guard.flap.withinMs;
    for (const record of ledger.read({ events: ["repair.started"], sinceMs })) {
      repairTimes.note(record.paths ?? [], Date.parse(record.ts));
    }
  }

  /** A refused store or disk is logged: the drift stands, and the next sweep judges it again. Anything else is a defect. */
  #beside(work: Promise<unknown>): void {
    const guarded = work
      .catch((error: unknown) => {
        if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
        this.#world.ports.log.error("a repair did not come to its end", error);
      })
      .finally(() => this.#repairs.delete(guarded));
    this.#repairs.add(guarded);
  }
}

/** Git's rest is told so long after its end at most. */
const REST_SEEN_MS = LIMITS.gitSettleMs + 2 * LIMITS.guardTickMs;

/** A protected path that nobody may read is drift, though its bytes cannot be looked at. */
function unreadable({ skipped }: Settled, expectations: Expectations): NonNullable<Occasion["alsoFound"]> {
  return skipped.flatMap(({ path, why }) => {
    const expected = /permission|EACCES|EPERM/i.test(why) ? expectations.at(path as TreePath) : null;
    if (expected === null || expected.accepted === null) return [];
    const { component, accepted } = expected;
    const drift = {
      path: expected.path,
      component,
      goal: accepted,
      present: accepted,
      matches: null,
      note: why,
    } as const;
    return [{ expected, drift: { ...drift, kind: "unreadable" as const, change: "unreadable" as const } }];
  });
}
