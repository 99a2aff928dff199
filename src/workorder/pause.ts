/**
 * After the store or the disk refused: nothing new begins until what was in the middle is undone. Then the orders run again.
 *
 * What goes on undisturbed meanwhile: orders with commands that are under way, and taking orders in.
 */

import type { HoldfastError } from "../base/index.ts";
import { recover } from "./recover.ts";
import { asTrouble, retryDelayMs } from "./trouble.ts";
import type { OrderWorld } from "./world.ts";

export class Pause {
  /** What keeps orders from being carried out right now; `null` when nothing does. */
  trouble: HoldfastError | null = null;
  readonly #world: OrderWorld;
  readonly #onUndone: (id: string) => void;
  readonly #onOver: () => void;
  readonly #onDefect: (error: unknown) => void;
  readonly #stop = new AbortController();
  #waiting = false;
  #failures = 0;

  constructor(
    world: OrderWorld,
    on: { undone: (id: string) => void; over: () => void; defect: (error: unknown) => void },
  ) {
    this.#world = world;
    this.#onUndone = on.undone;
    this.#onOver = on.over;
    this.#onDefect = on.defect;
  }

  /** Throws what is no trouble of the outside world. */
  begin(error: unknown): void {
    this.trouble = asTrouble(error);
    this.#world.ports.log.error("orders wait", error);
    if (this.#waiting) return;
    this.#waiting = true;
    this.#failures += 1;
    void this.#recoverLater().catch(this.#onDefect);
  }

  /** An order got all its way: the next failure is a first one again. */
  worked(): void {
    this.#failures = 0;
  }

  end(): void {
    this.#stop.abort();
  }

  async #recoverLater(): Promise<void> {
    await this.#world.ports.clock.sleep(retryDelayMs(this.#failures), this.#stop.signal);
    this.#waiting = false;
    if (this.#stop.signal.aborted) return;
    try {
      await recover(this.#world, { abandonedOnly: true, onUndone: this.#onUndone });
      this.trouble = null;
      this.#onOver();
    } catch (error) {
      this.begin(error);
    }
  }
}
