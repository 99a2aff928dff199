/** One piece of work after the other: what waits for something does not let the next begin. */

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Whoever asked hears of a failure; the next in turn begins all the same. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when everything that was asked for has ended. */
  async over(): Promise<void> {
    await this.#last;
  }
}
