/**
 * Runs orders: takes submissions in, picks what may begin, carries it out, settles what was taken aside.
 *
 * One engine a tree, in the process that holds the tree's lock: the daemon, or a command that found none. When the store cannot be
 * written (a full disk), nothing is lost: the engine waits, recovers what was under way, and goes on.
 */

import { HoldfastError, LIMITS } from "../base/index.ts";
import type { Actor, EventData } from "../ledger/index.ts";
import { hasCommands, withAgentCommand } from "./attempt.ts";
import { AwaitedOrders } from "./awaited-orders.ts";
import { carryOut } from "./carry-out.ts";
import { Inbound } from "./inbound.ts";
import type { Interruption } from "./interruption.ts";
import { isOver, type OrderRow } from "./order-row.ts";
import { Pause } from "./pause.ts";
import { decideWay, type Reception, type Submission } from "./receive.ts";
import { recover } from "./recover.ts";
import { type Candidate, type Claim, claimOfOrder, pick } from "./schedule.ts";
import { Settler } from "./settler.ts";
import { EXECUTOR, type OrderWorld } from "./world.ts";

const CANDIDATES_MAX = 512;
const GIVEN_UP = new HoldfastError("WO_INTERRUPTED", "a change was given up halfway; it is undone first");

export class Engine {
  readonly #world: OrderWorld;
  readonly #onChange: (ids: readonly string[]) => void;
  readonly #settler: Settler;
  readonly #pause: Pause;
  readonly #onDefect: (error: unknown) => void;
  readonly #running = new Map<string, { claim: Claim; abort: AbortController; done: Promise<void> }>();
  readonly #awaited: AwaitedOrders;
  readonly #inbound: Inbound;
  #pumping: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #timer: AbortController | null = null;
  #defect: { error: unknown } | null = null;

  /** `onDefect` hears of errors that are nobody's fault but ours; nothing runs afterwards. It should end the process. */
  constructor(
    world: OrderWorld,
    onChange: (ids: readonly string[]) => void,
    onDefect: (error: unknown) => void = throwUncaught,
  ) {
    this.#world = world;
    this.#onChange = onChange;
    this.#onDefect = onDefect;
    this.#inbound = new Inbound(world);
    this.#awaited = new AwaitedOrders(world.book);
    const defect = (error: unknown) => this.#fail(error);
    this.#settler = new Settler(world, defect);
    this.#pause = new Pause(world, { undone: (id) => this.#changed([id]), over: () => this.settle(), defect });
  }

  /** What keeps orders from being carried out, or asides from being settled, right now: for `status`. */
  get trouble(): HoldfastError | null {
    return this.#pause.trouble ?? this.#settler.trouble;
  }

  /** To be called once, before anything else writes. */
  async recover(): Promise<void> {
    await recover(this.#world, { abandonedOnly: false, onUndone: (id) => this.#changed([id]) });
    this.#settler.look();
  }

  /** Durable when it resolves. Many at once share one commit. */
  submit(submissions: readonly Submission[]): Promise<Reception[]> {
    const taken = this.#inbound.add(submissions);
    this.wake();
    return taken;
  }

  /** Resolves when the order is over, held or routed. */
  finished(id: string): Promise<OrderRow> {
    return this.#awaited.atRest(id);
  }

  /** To be called after a change set that did not come from an order (a restore) is done, undone or given up. */
  settle(): void {
    this.#settler.look();
    this.wake();
  }

  wake(): void {
    if (this.#pumping !== null) {
      this.#again = true;
      return;
    }
    this.#pumping = this.#pump()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#pumping = null;
        if (this.#again) this.wake();
      });
  }

  /** Resolves when nothing can begin, nothing runs, and every aside is settled – or has to wait, as `trouble` says. */
  async drained(): Promise<void> {
    this.wake();
    while (this.#pumping !== null || this.#running.size > 0) {
      await this.#pumping;
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    }
    await this.#settler.settled();
    if (this.#defect !== null) throw this.#defect.error;
  }

  /** Ends running commands and undoes their orders; what waits stays pending. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.abort();
    for (const { abort } of this.#running.values()) abort.abort({ kind: "ended" } satisfies Interruption);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    await this.#pumping;
    this.#pause.end();
    this.#settler.end();
    await this.#settler.settled();
  }

  /** A pending order ends at once; a running one as soon as its command does. */
  cancel(id: string, actor: Actor, reason: string): void {
    const row = this.#world.book.mustRow(id);
    if (isOver(row))
      throw new HoldfastError("WO_STATE", `${id} is ${row.stage} already`, { data: { id, stage: row.stage } });
    const running = this.#running.get(id);
    if (running) running.abort.abort({ kind: "cancelled", actor, reason } satisfies Interruption);
    else this.#record(id, actor, "wo.cancelled", { reason }, `${id} cancelled: ${reason}`);
    this.#changed([id]);
  }

  approve(id: string, actor: Actor): void {
    this.#mustBe(id, "held");
    this.#record(id, actor, "wo.approved", {}, `${id} approved by ${actor.name}`);
    this.#changed([id]);
    this.wake();
  }

  retry(id: string, actor: Actor): void {
    const row = this.#world.book.mustRow(id);
    if (row.status !== "failed" && row.status !== "cancelled") {
      throw new HoldfastError(
        "WO_STATE",
        `${id} is ${row.stage}: only a failed or cancelled order can be tried again`,
        { data: { id, stage: row.stage } },
      );
    }
    const { store, book } = this.#world;
    store.transaction(() => {
      this.#record(id, actor, "wo.retried", { attempt: row.attempt + 1 }, `${id} is tried again by ${actor.name}`);
      // A person who tries it again has looked at it; an agent must not get past a person's word that way.
      decideWay(
        { order: book.order(row), agent: row.agent, via: actor.kind === "agent" ? row.via : "cli" },
        this.#world,
      );
    });
    this.#changed([id]);
    this.wake();
  }

  /** A routed order's agent, or a person, says how it ended. */
  complete(id: string, actor: Actor, outcome: { ok: boolean; summary: string }): void {
    this.#mustBe(id, "routed");
    if (outcome.ok)
      this.#record(id, actor, "wo.completed", { summary: outcome.summary }, `${id} completed: ${outcome.summary}`);
    else this.#record(id, actor, "wo.failed", { message: outcome.summary }, `${id} failed: ${outcome.summary}`);
    this.#changed([id]);
  }

  async #pump(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.#changed(await this.#inbound.takeGroup());
        this.#again ||= !this.#inbound.isEmpty;
        if (this.#mayBegin()) this.#again = (await this.#begin()) || this.#again;
      } catch (error) {
        this.#pause.begin(error);
      }
    } while (this.#again && this.#defect === null);
  }

  #mayBegin(): boolean {
    if (this.#world.journal.abandoned.size > 0 && this.#pause.trouble === null) this.#pause.begin(GIVEN_UP);
    return !this.#stopped && this.#pause.trouble === null;
  }

  /** True when something began, and more might. */
  async #begin(): Promise<boolean> {
    const { book, ports, config } = this.#world;
    const rows = book
      .rows({ statuses: ["pending"], limit: CANDIDATES_MAX })
      .filter(({ stage }) => stage === "received");
    const picked = pick({
      candidates: rows.map((row) => this.#candidate(row)),
      running: [...this.#running.values()].map(({ claim }) => claim),
      freeSlots: Math.max(0, config().orders.concurrency - this.#running.size),
      groupMax: LIMITS.orderGroupMax,
      nowMs: ports.clock.now(),
      stateOf: (id) => book.row(id),
    });
    for (const { row, dependency } of picked.hopeless) this.#refuseDependent(row, dependency);
    for (const { row, claim } of picked.alone) this.#runAlone(row, claim);
    if (picked.group.length > 0) await this.#carryOut(picked.group, new AbortController().signal);
    this.#sleepUntil(picked.nextDueMs);
    return picked.group.length > 0 || picked.hopeless.length > 0;
  }

  #candidate(row: OrderRow): Candidate {
    const order = withAgentCommand(this.#world.book.order(row), row, this.#world);
    try {
      return {
        row,
        claim: claimOfOrder(order, (path) => this.#world.places.parse(path)),
        commands: hasCommands(order),
      };
    } catch (error) {
      // A path that may not be named claims nothing; planning refuses the order with the reason.
      if (error instanceof HoldfastError) return { row, claim: [], commands: false };
      throw error;
    }
  }

  #runAlone(row: OrderRow, claim: Claim): void {
    const abort = new AbortController();
    const done = this.#carryOut([row], abort.signal)
      .catch((error: unknown) => this.#pause.begin(error))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running.delete(row.id);
        this.wake();
      });
    this.#running.set(row.id, { claim, abort, done });
  }

  async #carryOut(rows: readonly OrderRow[], signal: AbortSignal): Promise<void> {
    await carryOut(rows, this.#world, signal);
    this.#pause.worked();
    this.#settler.look();
    this.#changed(rows.map(({ id }) => id));
  }

  #refuseDependent(row: OrderRow, dependency: string): void {
    const error = new HoldfastError("WO_DEPENDENCY", `${row.id} depends on ${dependency}, which did not succeed`, {
      hint: `holdfast wo show ${dependency}`,
    });
    const data = { code: error.code, message: error.message, hint: error.hint };
    this.#record(row.id, EXECUTOR, "wo.refused", data, error.message);
    this.#changed([row.id]);
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    if (this.#defect !== null) return;
    this.#defect = { error };
    this.#onDefect(error);
  }

  #sleepUntil(dueMs: number | null): void {
    this.#timer?.abort();
    if (dueMs === null) return;
    const timer = new AbortController();
    this.#timer = timer;
    const { clock } = this.#world.ports;
    void clock.sleep(Math.max(1, dueMs - clock.now()), timer.signal).then(() => {
      if (!timer.signal.aborted && !this.#stopped) this.wake();
    });
  }

  #mustBe(id: string, stage: OrderRow["stage"]): void {
    const row = this.#world.book.mustRow(id);
    if (row.stage !== stage)
      throw new HoldfastError("WO_STATE", `${id} is ${row.stage}, not ${stage}`, { data: { id, stage: row.stage } });
  }

  #record<E extends "wo.cancelled" | "wo.approved" | "wo.retried" | "wo.completed" | "wo.failed" | "wo.refused">(
    id: string,
    actor: Actor,
    event: E,
    data: EventData[E],
    summary: string,
  ): void {
    const { store, book } = this.#world;
    const ok = event !== "wo.failed" && event !== "wo.refused";
    store.transaction(() => book.record({ event, actor, wo: book.mustRow(id).id, ok, data, summary }));
  }

  #changed(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#onChange(ids);
    this.#awaited.changed(ids);
  }
}

function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
