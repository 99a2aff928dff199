/**
 * Runs orders: takes submissions in, picks what may begin, carries it out, settles what was taken aside.
 *
 * One engine a tree, in the process that holds the tree's lock: the daemon, or a command that found none. When the store cannot be
 * written (a full disk), nothing is lost: the engine waits, recovers what was under way, and goes on.
 */

import { HoldfastError, LIMITS, slices } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { hasCommands, withAgentCommand } from "./attempt.ts";
import { AwaitedOrders } from "./awaited-orders.ts";
import type { Beside } from "./beside.ts";
import { carryOut, type Group } from "./carry-out.ts";
import { Inbound, type Intake } from "./inbound.ts";
import type { Interruption } from "./interruption.ts";
import { isOver, type OrderRow } from "./order-row.ts";
import { Pause } from "./pause.ts";
import type { Reception, Submission } from "./receive.ts";
import { recover } from "./recover.ts";
import { type Candidate, type Claim, claimOfOrder, inTurn, pick } from "./schedule.ts";
import { Settler } from "./settler.ts";
import { isTrouble } from "./trouble.ts";
import { approve, cancelWaiting, complete, refuseDependent, retry } from "./words.ts";
import type { OrderWorld } from "./world.ts";

const NEVER = new AbortController().signal;
const GIVEN_UP = new HoldfastError("WO_INTERRUPTED", "a change was given up halfway; it is undone first");

export class Engine {
  readonly #world: OrderWorld;
  readonly #onChange: (rows: readonly OrderRow[]) => void;
  readonly #settler: Settler;
  readonly #pause: Pause;
  readonly #onDefect: (error: unknown) => void;
  readonly #running = new Map<string, { claim: Claim; abort: AbortController; done: Promise<void> }>();
  readonly #awaited: AwaitedOrders;
  readonly #inbound = new Inbound();
  readonly #beside = new Map<string, Beside>();
  #pumping: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #timer: AbortController | null = null;
  #defect: { error: unknown } | null = null;

  /** `onDefect` hears of errors that are nobody's fault but ours; nothing runs afterwards. It should end the process. */
  constructor(
    world: OrderWorld,
    onChange: (rows: readonly OrderRow[]) => void,
    onDefect: (error: unknown) => void = throwUncaught,
  ) {
    this.#world = world;
    this.#onChange = onChange;
    this.#onDefect = onDefect;
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
    for (const { order, beside } of submissions) if (beside) this.#beside.set(order.id, beside);
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

  /** Resolves when every aside that there is now is settled, or has to wait, as `trouble` says. */
  settled(): Promise<void> {
    return this.#settler.settled();
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
    const { book } = this.#world;
    const row = book.mustRow(id);
    const running = this.#running.get(id);
    const stage = isOver(row) ? `${row.stage} already` : `${row.stage}: it ends in a moment`;
    if (isOver(row) || (row.status === "running" && !running))
      throw new HoldfastError("WO_STATE", `${id} is ${stage}`, { data: { id, stage: row.stage } });
    if (running) running.abort.abort({ kind: "cancelled", actor, reason } satisfies Interruption);
    else cancelWaiting(id, actor, reason, this.#world);
    this.#changed([id]);
  }

  approve(id: string, actor: Actor): void {
    approve(id, actor, this.#world);
    this.#changed([id]);
    this.wake();
  }

  retry(id: string, actor: Actor): void {
    retry(id, actor, this.#world);
    this.#changed([id]);
    this.wake();
  }

  /** A routed order's agent, or a person, says how it ended. */
  complete(id: string, actor: Actor, outcome: { ok: boolean; summary: string }): void {
    complete(id, actor, outcome, this.#world);
    this.#changed([id]);
  }

  async #pump(): Promise<void> {
    do {
      this.#again = false;
      // What came in together is taken together: the first of many must not go alone.
      await this.#world.ports.clock.breathe();
      const intake = this.#inbound.take(this.#world);
      this.#again = intake !== null;
      try {
        if (this.#mayBegin()) this.#again = (await this.#begin(intake)) || this.#again;
        else if (intake !== null) await this.#carryOut({ rows: [], intake }, NEVER);
      } catch (error) {
        this.#pause.begin(error);
      }
    } while (this.#again && this.#defect === null);
  }

  #mayBegin(): boolean {
    if (this.#world.journal.abandoned.size > 0 && this.#pause.trouble === null) this.#pause.begin(GIVEN_UP);
    return !this.#stopped && this.#pause.trouble === null;
  }

  /** True when something began, and more might. What is taken in begins with those that wait. */
  async #begin(intake: Intake | null): Promise<boolean> {
    const { book, ports, config } = this.#world;
    const ahead = intake?.rowsAhead() ?? [];
    const isAhead = new Set<string>(ahead.map(({ id }) => id));
    const picked = pick({
      candidates: this.#candidates(inTurn(book.waitingRows(), ahead)),
      running: [...this.#running.values()].map(({ claim }) => claim),
      freeSlots: Math.max(0, config().orders.concurrency - this.#running.size),
      groupMax: LIMITS.orderGroupMax,
      nowMs: ports.clock.now(),
      stateOf: (id) => book.row(id),
    });
    const hopeless = picked.hopeless.filter(({ row }) => !isAhead.has(row.id));
    for (const { row, dependency } of hopeless) refuseDependent(row, dependency, this.#world);
    this.#changed(hopeless.map(({ row }) => row.id));
    for (const { row, claim } of picked.alone) this.#runAlone(row, claim);
    if (picked.group.length > 0 || intake !== null) await this.#carryOut({ rows: picked.group, intake }, NEVER);
    this.#sleepUntil(picked.nextDueMs);
    return picked.group.length > 0 || hopeless.length > 0;
  }

  *#candidates(rows: Iterable<OrderRow>): Generator<Candidate> {
    for (const row of rows) yield this.#candidate(row);
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
    const done = this.#carryOut({ rows: [row], intake: null }, abort.signal)
      .catch((error: unknown) => this.#pause.begin(error))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running.delete(row.id);
        this.wake();
      });
    this.#running.set(row.id, { claim, abort, done });
  }

  async #carryOut({ rows, intake }: Pick<Group, "rows" | "intake">, signal: AbortSignal): Promise<void> {
    const begun = new Set<string>(rows.map(({ id }) => id));
    const onTaken = (ids: readonly string[]) => this.#changed(ids.filter((id) => !begun.has(id)));
    try {
      await carryOut({ rows, intake, onTaken, besideOf: (id) => this.#beside.get(id) }, this.#world, signal);
    } catch (error) {
      // What was committed when the disk refused to say that it is durable has come to pass all the same.
      if (isTrouble(error)) await this.#tell(begun);
      if (intake === null || isTrouble(error)) throw error;
      // Whoever handed it in has heard; it must not end what others handed in. Were it the waiting ones' fault, it comes again.
      this.#world.ports.log.error("orders could not be taken in", error);
      return;
    }
    if (rows.length === 0) return;
    this.#pause.worked();
    await this.#tell(begun);
  }

  /** A group's views are many files: others are answered in between. Who waits for an order hears when its own are there. */
  async #tell(begun: ReadonlySet<string>): Promise<void> {
    this.#settler.look();
    const sliced = slices(this.#world.ports.clock);
    for (const id of begun) {
      this.#changed([id]);
      await sliced();
    }
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

  #changed(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const rows = ids.flatMap((id) => this.#world.book.row(id) ?? []);
    for (const row of rows) if (isOver(row)) this.#beside.delete(row.id);
    this.#onChange(rows);
    this.#awaited.changed(rows);
  }
}

function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
