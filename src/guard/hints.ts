/**
 * Takes in what the watches say, synchronously and at next to no cost: notes the path, and counts.
 *
 * More hints than may be kept, or so many in one turn that the system may have dropped some, become one: look at everything when it
 * is quiet again.
 */

import { isOwnName, LIMITS, type Ports } from "../base/index.ts";
import type { FolderPath } from "../tree/index.ts";
import type { Blind, Judge } from "./contract.ts";
import { isRemembered, type Looker, pathOf } from "./looker.ts";
import type { Hinted, Settling } from "./settling.ts";

interface Parts {
  readonly settling: Settling;
  readonly looker: Looker;
  readonly judge: Pick<Judge, "firstSight">;
  readonly ports: Pick<Ports, "clock" | "watch">;
  /** Something is to be done. */
  readonly onWork: () => void;
}

const FIRST_SIGHT_MS_MIN = 250;
/** Between the steps of one of our own changes. */
const OWN_STEP_MS = 10;

export class Hints {
  readonly #parts: Parts;
  #lastMs = Number.NEGATIVE_INFINITY;
  #seenMs = Number.NEGATIVE_INFINITY;
  #inTurn = 0;
  #own: { folder: FolderPath; atMs: number } | null = null;
  #flood: { sinceMs: number; fromMs: number; why: string } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `name: null`: anything in the folder. */
  take(folder: FolderPath, name: string | null): void {
    const { settling, looker, onWork } = this.#parts;
    if (!this.#isBesideOwn(folder, name)) this.sight();
    this.#count();
    if (this.#flood !== null) return;
    const hinted = this.now();
    const isFirst = !settling.isHinted && !looker.hasWork;
    if (name === null) looker.hintFolder(folder, hinted);
    else if (isRemembered(name)) settling.hint(pathOf(folder, name), hinted);
    // A folder's own name may be about the folder itself.
    if (folder !== "" && (name === null || folder.endsWith(`/${name}`) || folder === name))
      settling.hint(folder, hinted);
    if (settling.size >= LIMITS.hintsMax) this.flood("more changed than hints can be kept of");
    else if (isFirst) onWork();
  }

  now(): Hinted {
    const { clock } = this.#parts.ports;
    return { sinceMs: clock.now(), atMs: clock.monotonicMs() };
  }

  /** The first event of a burst, in its own callback: whoever did it may be gone a millisecond later. */
  sight(): void {
    const { judge, ports } = this.#parts;
    const nowMs = ports.clock.monotonicMs();
    const isFirst = nowMs - this.#lastMs > LIMITS.burstQuietMs || nowMs - this.#seenMs > FIRST_SIGHT_MS_MIN;
    this.#lastMs = nowMs;
    if (!isFirst) return;
    this.#seenMs = nowMs;
    judge.firstSight();
  }

  /**
   * A temporary name of ours, or an event in the same folder within a moment of one: nobody is looked for, which would hold up the very
   * repair. Whoever else was there is seen with his next step.
   */
  #isBesideOwn(folder: FolderPath, name: string | null): boolean {
    const nowMs = this.#parts.ports.clock.monotonicMs();
    if (name !== null && isOwnName(name)) this.#own = { folder, atMs: nowMs };
    return this.#own?.folder === folder && nowMs - this.#own.atMs <= OWN_STEP_MS;
  }

  /** From here on nothing is kept; everything is to be looked at. */
  flood(why: string): void {
    const { settling, looker, ports, onWork } = this.#parts;
    const nowMs = ports.clock.monotonicMs();
    const oldestMs = Math.min(nowMs, settling.oldestMs());
    this.#flood ??= { sinceMs: nowMs, fromMs: ports.clock.now() - (nowMs - oldestMs), why };
    settling.clear();
    looker.forget();
    onWork();
  }

  /** The stretch that hints were lost in, when it is over; then hints are kept again. */
  takeFlood(): Blind | null {
    if (this.#flood === null || this.floodEndsMs() > this.#parts.ports.clock.monotonicMs()) return null;
    const { fromMs, why } = this.#flood;
    this.#flood = null;
    return { fromMs, toMs: this.#parts.ports.clock.now(), why };
  }

  /** Some were lost. */
  get isFlooded(): boolean {
    return this.#flood !== null;
  }

  /** When it is worth to look; `Infinity` without a flood. */
  floodEndsMs(): number {
    if (this.#flood === null) return Number.POSITIVE_INFINITY;
    return Math.min(this.#lastMs + LIMITS.floodQuietMs, this.#flood.sinceMs + LIMITS.floodWaitMsMax);
  }

  /** All events of one turn of the loop were waiting for it together. */
  #count(): void {
    const { ports } = this.#parts;
    this.#inTurn += 1;
    if (this.#inTurn === 1)
      void ports.clock.breathe().then(() => {
        this.#inTurn = 0;
      });
    if (this.#inTurn > ports.watch.queueLength / 2) this.flood("as many events at once as the system keeps");
  }
}
