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

export class DueViews {
  readonly #ports: Pick<Ports, "clock" | "log">;
  readonly #write: (view: string) => Promise<void>;
  /** View → monotonic milliseconds. */
  readonly #due = new Map<string, number>();
  readonly #trouble = new Map<string, Trouble>();
  #writing: Promise<void> | null = null;
  #timer: AbortController | null = null;

  constructor(ports: Pick<Ports, "clock" | "log">, write: (view: string) => Promise<void>) {
    this.#ports = ports;
    this.#write = write;
  }

  get trouble(): Trouble[] {
    return [...this.#trouble.values()];
  }

  /** The earlier time counts, so that a view which changes all the time is written all the same. */
  plan(view: string, delayMs: number): void {
    const dueMs = this.#ports.clock.monotonicMs() + delayMs;
    this.#due.set(view, Math.min(dueMs, this.#due.get(view) ?? dueMs));
    this.#arm();
  }

  /** Tries at once; what is refused becomes trouble. */
  now(view: string, write: () => void): void {
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
      this.#arm();
    });
    return this.#writing;
  }

  async #writeDue(): Promise<void> {
    for (let view = this.#next(); view !== null; view = this.#next()) {
      this.#due.delete(view);
      try {
        await this.#write(view);
        this.#trouble.delete(view);
      } catch (error) {
        this.#note(view, error);
      }
    }
  }

  #next(): string | null {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [view, dueMs] of this.#due) if (dueMs <= nowMs) return view;
    return null;
  }

  #arm(): void {
    this.#timer?.abort();
    if (this.#due.size === 0 || this.#writing !== null) return;
    const timer = new AbortController();
    this.#timer = timer;
    const waitMs = Math.min(...this.#due.values()) - this.#ports.clock.monotonicMs();
    void this.#ports.clock
      .sleep(Math.max(0, waitMs), timer.signal)
      .then(() => (timer.signal.aborted ? undefined : this.#run()));
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
