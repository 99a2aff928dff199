/** Sweeps that were asked for and have not begun: however many ask, it is one. */

import type { Blind } from "./contract.ts";
import { joined } from "./handover.ts";

export interface SweepRequest {
  readonly by: "sweep" | "deep-sweep" | "start";
  /** For people. */
  readonly why: string;
  readonly blind: Blind | null;
}

export class SweepRequests {
  #isSweeping = false;
  #next: { request: SweepRequest; done: PromiseWithResolvers<void> } | null = null;

  get isEmpty(): boolean {
    return this.#next === null;
  }

  /** None was asked for, and none is under way. */
  get areDone(): boolean {
    return this.#next === null && !this.#isSweeping;
  }

  /** Resolves when such a sweep was done; rejects with what it failed with. */
  ask(request: SweepRequest): Promise<void> {
    const done = this.#next?.done ?? newPromise();
    this.#next = { request: this.#next === null ? request : bothOf(this.#next.request, request), done };
    return done.promise;
  }

  /** Carries out what was asked for. A failure is told to who waits, and thrown; the sweep is asked for again. */
  async carryOut(sweep: (request: SweepRequest) => Promise<void>): Promise<void> {
    if (this.#next === null) return;
    const { request, done } = this.#next;
    this.#next = null;
    this.#isSweeping = true;
    try {
      await sweep(request);
      done.resolve();
    } catch (error) {
      void this.ask(request);
      done.reject(error);
      throw error;
    } finally {
      this.#isSweeping = false;
    }
  }

  refuse(error: Error): void {
    this.#next?.done.reject(error);
    this.#next = null;
  }
}

/** Mostly nobody waits for it. */
function newPromise(): PromiseWithResolvers<void> {
  const made = Promise.withResolvers<void>();
  made.promise.catch(() => undefined);
  return made;
}

function bothOf(a: SweepRequest, b: SweepRequest): SweepRequest {
  const by = [a, b].find((one) => one.by === "deep-sweep")?.by ?? (a.by === "start" ? a.by : b.by);
  return { by, why: a.why === b.why ? a.why : `${a.why}; ${b.why}`, blind: joined(a.blind, b.blind) };
}
