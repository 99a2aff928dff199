/** Those who wait until all that was hinted before has settled. */

interface Waiter {
  readonly untilMs: number;
  resolve(): void;
}

export class Waiters {
  readonly #waiting: Waiter[] = [];

  /** Resolves when what was hinted up to `untilMs` has settled. */
  wait(untilMs: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ untilMs, resolve }));
  }

  /** `oldestMs`: everything that was hinted before has settled. */
  release(oldestMs: number): void {
    for (const waiter of this.#waiting.splice(0)) {
      if (oldestMs > waiter.untilMs) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }
}
