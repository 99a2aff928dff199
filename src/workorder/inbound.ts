/** Submissions on their way in. Many that come at once share one commit. */

import { LIMITS } from "../base/index.ts";
import { type Reception, receiveAll, type Submission } from "./receive.ts";
import type { OrderWorld } from "./world.ts";

interface Waiting {
  submissions: readonly Submission[];
  answer: (receptions: Reception[]) => void;
  fail: (error: unknown) => void;
}

export class Inbound {
  readonly #world: OrderWorld;
  readonly #waiting: Waiting[] = [];

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Answered once they are taken, durably; rejected when the store or the vault cannot be written. */
  add(submissions: readonly Submission[]): Promise<Reception[]> {
    return new Promise((answer, fail) => this.#waiting.push({ submissions, answer, fail }));
  }

  /** Takes the next group in. Returns the orders that it is about. */
  async takeGroup(): Promise<string[]> {
    const group = this.#waiting.splice(0, LIMITS.orderGroupMax);
    if (group.length === 0) return [];
    try {
      const receptions = await receiveAll(
        group.flatMap(({ submissions }) => submissions),
        this.#world,
      );
      let from = 0;
      for (const { submissions, answer } of group) {
        answer(receptions.slice(from, from + submissions.length));
        from += submissions.length;
      }
      return receptions.flatMap((reception) => ("id" in reception ? [reception.id] : []));
    } catch (error) {
      for (const { fail } of group) fail(error);
      return [];
    }
  }
}
