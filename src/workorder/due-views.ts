/**
 * Writes views when they are due, one at a time. One that cannot be written is kept as trouble, for `status`; it is tried again when
 * it is planned again, and with every flush.
 */

import type { Ports } from "../base/index.ts";
import { asTrouble } from "./trouble.ts";

/** As the daemon tells it. */
export interface Trouble {
  code: string;
  message: string;
  hint: string;
}

const SLICE_MS = 4;

export class DueViews {
  readonly #ports: Pick<Ports, "clock" | "log">;
  readonly #write: (view: string) => Promise<void>;
  /** View → monotonic milliseconds. */
  readonly #due = new Map<string, number>();
  readonly #trouble = new Map<string, Trouble>();
  /** Of views that are planned with a spacing: not before. */
  readonly #notBefore = new Map<string, { spacingMs: number; ms: number }>();
  #writing: Promise<void> | null = null;
  #timer: { abort: AbortController; dueMs: number } | null = null;

  constructor(ports: Pick<Ports, "clock" | "log">, write: (view: string) => Promise<void>) {
    this.#ports = ports;
    this.#write = write;
  }

  get trouble(): Trouble[] {
    return [...this.#trouble.values()];
  }

  /**
   * The earlier time counts, so that a view which changes all the time is written all the same; but two times in a row lie at least
   * `spacingMs` apart.
   */
  plan(view: string, delayMs: number, spacingMs = 0): void {
    const soonestMs = this.#ports.clock.monotonicMs() + delayMs;
    const spaced = this.#notBefore.get(view) ?? { spacingMs, ms: 0 };
    if (spacingMs > 0) this.#notBefore.set(view, spaced);
    const dueMs = Math.min(Math.max(soonestMs, spaced.ms), this.#due.get(view) ?? Number.POSITIVE_INFINITY);
    this.#due.set(view, dueMs);
    this.#arm(dueMs);
  }

  /** Tries at once; what is refused becomes trouble. What was planned of it is done with that. */
  now(view: string, write: () => void): void {
    this.#due.delete(view);
    try {
      write();
      this.#trouble.delete(view);
    } catch (error) {
      this.#note(view, error);
    }
  }

  /** All that is planned or in trouble is tried before it resolves. */
  async flush(): Promise<void> {
    for (const view of [...this.#due.keys(), ...this.#trouble.keys()]) this.#due.set(view, 0);
    while (this.#next() !== null) await this.#run();
  }

  #run(): Promise<void> {
    this.#writing ??= this.#writeDue().finally(() => {
      this.#writing = null;
      if (this.#due.size > 0) this.#arm(Math.min(...this.#due.values()));
    });
    return this.#writing;
  }

  async #writeDue(): Promise<void> {
    const { clock } = this.#ports;
    let sliceBeganMs = clock.monotonicMs();
    for (let view = this.#next(); view !== null; view = this.#next()) {
      this.#due.delete(view);
      try {
        await this.#write(view);
        this.#trouble.delete(view);
      } catch (error) {
        this.#note(view, error);
      }
      const spaced = this.#notBefore.get(view);
      if (spaced !== undefined) spaced.ms = clock.monotonicMs() + spaced.spacingMs;
      if (clock.monotonicMs() - sliceBeganMs < SLICE_MS) continue;
      await clock.breathe();
      sliceBeganMs = clock.monotonicMs();
    }
  }

  #next(): string | null {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [view, dueMs] of this.#due) if (dueMs <= nowMs) return view;
    return null;
  }

  #arm(dueMs: number): void {
    if (this.#writing !== null || (this.#timer !== null && this.#timer.dueMs <= dueMs)) return;
    this.#timer?.abort.abort();
    const timer = { abort: new AbortController(), dueMs };
    this.#timer = timer;
    const waitMs = Math.max(0, dueMs - this.#ports.clock.monotonicMs());
    void this.#ports.clock.sleep(waitMs, timer.abort.signal).then(() => {
      if (this.#timer !== timer) return;
      this.#timer = null;
      void this.#run();
    });
  }

  /** Anything but a refusal of the disk or the store is a defect, and goes on up. */
  #note(view: string, error: unknown): void {
    const known = asTrouble(error);
    const { code, message } = known;
    const hint = code === "WO_IO" ? "it is tried again by itself" : known.hint;
    if (this.#trouble.get(view)?.message !== message)
      this.#ports.log.error(`the view ${view} cannot be written`, error);
    this.#trouble.set(view, { code, message, hint });
  }
}
