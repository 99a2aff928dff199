/** Submissions on their way in. Many that come at once are taken together, and share the commit of whoever takes them. */

import { LIMITS } from "../base/index.ts";
import type { VaultBatch } from "../vault/index.ts";
import { byPriority } from "./order-book.ts";
import type { OrderRow } from "./order-row.ts";
import { type Arrival, arrivalOf, type Reception, receive, rowAhead, type Submission } from "./receive.ts";
import type { OrderWorld } from "./world.ts";

interface Waiting {
  submissions: readonly Submission[];
  answer: (receptions: Reception[]) => void;
  fail: (error: unknown) => void;
}

export class Inbound {
  readonly #waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Answered once they are taken, durably; rejected when the store or the vault cannot be written. */
  add(submissions: readonly Submission[]): Promise<Reception[]> {
    return new Promise((answer, fail) => this.#waiting.push({ submissions, answer, fail }));
  }

  /** The next group, `null` when nobody waits. Who takes it answers, or fails. */
  take(world: OrderWorld): Intake | null {
    const group = this.#waiting.splice(0, LIMITS.orderGroupMax);
    return group.length === 0 ? null : new Intake(group, world);
  }
}

export class Intake {
  readonly #group: readonly Waiting[];
  readonly #world: OrderWorld;
  readonly #arrivals: Arrival[];
  #receptions: Reception[] = [];

  constructor(group: readonly Waiting[], world: OrderWorld) {
    this.#group = group;
    this.#world = world;
    this.#arrivals = group.flatMap(({ submissions }) => submissions.map(arrivalOf));
    for (const { formDigest, form } of this.#arrivals) world.book.keepForm(formDigest, form);
  }

  /** Rows of those that may begin with the commit that takes them in, by priority and arrival. */
  rowsAhead(): OrderRow[] {
    const ids = new Set<string>();
    const first = this.#arrivals.filter(({ order }) => !ids.has(order.id) && ids.add(order.id));
    return first.flatMap((arrival) => rowAhead(arrival, this.#world) ?? []).sort(byPriority);
  }

  put(batch: VaultBatch): void {
    for (const { raw, form, beside } of this.#arrivals) {
      batch.put(raw);
      batch.put(Buffer.from(form));
      for (const bytes of beside?.bytes ?? []) batch.put(bytes);
    }
  }

  /** Inside the commit. */
  record(): void {
    this.#receptions = this.#arrivals.map((arrival) => {
      arrival.beside?.taken();
      return receive(arrival, this.#world);
    });
  }

  /** After the commit. Returns the orders that it is about. */
  answer(): string[] {
    let from = 0;
    for (const { submissions, answer } of this.#group) {
      answer(this.#receptions.slice(from, from + submissions.length));
      from += submissions.length;
    }
    return this.#receptions.flatMap((reception) => ("id" in reception ? [reception.id] : []));
  }

  /** Of no effect on those that were answered. */
  fail(error: unknown): void {
    for (const { fail } of this.#group) fail(error);
  }
}
