import type { Clock } from "../../src/base/index.ts";

/** A clock that stands still until a test moves it. Both of its times move together; `jump` moves the wall clock alone. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  constructor(startMs = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#wallMs = startMs;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { untilMs: this.#monotonicMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets `ms` pass, waking sleepers in the order of their times; each gets its turn to run before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    for (let next = this.#nextSleeper(endMs); next !== null; next = this.#nextSleeper(endMs)) {
      this.#moveTo(next.untilMs);
      next.wake();
      await this.breathe();
    }
    this.#moveTo(endMs);
    await this.breathe();
  }

  /** Sets the wall clock forward or back, as an administrator or NTP would. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  #nextSleeper(endMs: number): { untilMs: number; wake: () => void } | null {
    let next: { untilMs: number; wake: () => void } | null = null;
    for (const sleeper of this.#sleepers) {
      if (sleeper.untilMs <= endMs && (next === null || sleeper.untilMs < next.untilMs)) next = sleeper;
    }
    return next;
  }

  #moveTo(monotonicMs: number): void {
    const passedMs = Math.max(0, monotonicMs - this.#monotonicMs);
    this.#monotonicMs += passedMs;
    this.#wallMs += passedMs;
  }
}
