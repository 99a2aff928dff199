/**
 * Which paths may have changed, and which of them have come to rest: data and times only, no disk.
 *
 *     hinted → (a look finds a change) → waiting → (the same look, its time later) → ready → taken, and remembered
 *
 * A path that looks otherwise at the end of its time waits again, `LIMITS.settleWaitMsMax` in all. Times are monotonic
 * milliseconds, but for `sinceMs`, which is Unix time and only told.
 */

import { LIMITS, type Stat, type TreePath } from "../base/index.ts";
import type { Glimpse } from "../vault/index.ts";

export interface Ready {
  readonly path: TreePath;
  /** When the first hint came. */
  readonly sinceMs: number;
}

type Pace = "content" | "missing" | "at-once";

export interface Hinted {
  readonly sinceMs: number;
  readonly atMs: number;
}

interface Waiting extends Hinted {
  readonly pace: Pace;
  readonly stat: Stat | null;
  readonly dueMs: number;
  /** It changed while it was waited for: others do not wait for it. */
  readonly restless: boolean;
}

export class Settling {
  readonly #hinted = new Map<TreePath, Hinted>();
  readonly #waiting = new Map<TreePath, Waiting>();
  readonly #ready = new Map<TreePath, Hinted & { pace: Pace; readyMs: number }>();

  get size(): number {
    return this.#hinted.size + this.#waiting.size + this.#ready.size;
  }

  has(path: TreePath): boolean {
    return this.#hinted.has(path) || this.#waiting.has(path) || this.#ready.has(path);
  }

  /** Everything that may have changed and is not remembered as it rests. */
  paths(): TreePath[] {
    return [this.#hinted, this.#waiting, this.#ready].flatMap((all) => [...all.keys()]);
  }

  /** The first hint of what has not settled yet. */
  hintedAt(path: TreePath): Hinted | null {
    return this.#waiting.get(path) ?? this.#hinted.get(path) ?? null;
  }

  hint(path: TreePath, now: Hinted): void {
    // What waits is looked at again at the end of its time, hinted or not.
    if (!this.#hinted.has(path) && !this.#waiting.has(path)) this.#hinted.set(path, now);
  }

  /** The paths to look at now: those hinted for the first time, and those whose time is over. */
  toLook(nowMs: number): TreePath[] {
    const fresh = [...this.#hinted.keys()];
    const due = [...this.#waiting].filter(([, { dueMs }]) => dueMs <= nowMs).map(([path]) => path);
    return [...fresh, ...due];
  }

  /**
   * What a look at `path` found. `restedMs`: for how long it has certainly not changed, as its times tell. `notBeforeMs`: git was
   * at work when it changed, and has to end first. `isHeld`: remembered already, and not told before it has rested.
   */
  looked(glimpse: Glimpse, now: { nowMs: number; restedMs: number; notBeforeMs: number; isHeld: boolean }): void {
    const { path, kind, stat } = glimpse;
    const before = this.#waiting.get(path) ?? null;
    const hinted = before ?? this.#hinted.get(path) ?? null;
    const first = this.#ready.get(path) ?? hinted;
    this.forget(path);
    if (hinted === null || first === null) return;
    const isNews = kind !== "nothing" && kind !== "same" && kind !== "left-out";
    if (!isNews && !now.isHeld) return;
    const pace = paceOf(glimpse);
    const isAsBefore = before !== null && before.pace === pace && looksEqual(before.stat, stat);
    if (isAsBefore && before.dueMs > now.nowMs) {
      this.#waiting.set(path, before);
      return;
    }
    const restsAlready = pace === "content" && before === null && now.restedMs >= SETTLE_MS.content;
    const { sinceMs, atMs } = first;
    const waitedMs = now.nowMs - atMs;
    const dueMs = Math.max(isAsBefore || restsAlready ? 0 : this.#dueMs(pace, before, hinted, now), now.notBeforeMs);
    if (dueMs <= now.nowMs || waitedMs >= LIMITS.settleWaitMsMax) {
      this.#ready.set(path, { sinceMs, atMs, pace, readyMs: now.nowMs });
    } else {
      this.#waiting.set(path, { sinceMs, atMs, pace, stat, dueMs, restless: before !== null && !isAsBefore });
    }
  }

  /** From the hint on, if this is the first look; else from now on. */
  #dueMs(pace: Pace, before: Waiting | null, hinted: Hinted, { nowMs }: { nowMs: number }): number {
    return (before === null ? hinted.atMs : nowMs) + SETTLE_MS[pace];
  }

  /**
   * At most `LIMITS.rememberPathsMax` of those that rest. One kind of change waits for the rest of its burst, so that what one cause
   * did is one batch.
   */
  takeReady(nowMs: number): Ready[] {
    const held = new Set<Pace>();
    for (const pace of ["content", "missing"] as const) if (this.#isBurstOpen(pace, nowMs)) held.add(pace);
    const taken: Ready[] = [];
    for (const [path, { sinceMs, pace }] of this.#ready) {
      if (taken.length === LIMITS.rememberPathsMax) break;
      if (!held.has(pace)) taken.push({ path, sinceMs });
    }
    for (const { path } of taken) this.#ready.delete(path);
    return taken;
  }

  /** They could not be remembered: they rest still, and are taken again after a while. */
  giveBack(taken: readonly Ready[], nowMs: number): void {
    for (const { path, sinceMs } of taken)
      this.#waiting.set(path, {
        sinceMs,
        atMs: nowMs,
        pace: "content",
        stat: null,
        dueMs: nowMs + LIMITS.guardTickMs,
        restless: true,
      });
  }

  /** Something was hinted that nobody looked at yet. */
  get isHinted(): boolean {
    return this.#hinted.size > 0;
  }

  /** When the next will have rested, hints apart; `Infinity`: none waits. */
  dueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#waiting.values()) due = Math.min(due, dueMs);
    for (const { readyMs } of this.#ready.values()) due = Math.min(due, readyMs + LIMITS.burstWaitMsMax);
    return due;
  }

  /** When the oldest hint came that is not settled yet. */
  oldestMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const all of [this.#hinted, this.#waiting, this.#ready])
      for (const { atMs } of all.values()) oldest = Math.min(oldest, atMs);
    return oldest;
  }

  forget(path: TreePath): void {
    this.#hinted.delete(path);
    this.#waiting.delete(path);
    this.#ready.delete(path);
  }

  clear(): void {
    this.#hinted.clear();
    this.#waiting.clear();
    this.#ready.clear();
  }

  #isBurstOpen(pace: Pace, nowMs: number): boolean {
    let oldest = Number.POSITIVE_INFINITY;
    for (const ready of this.#ready.values()) if (ready.pace === pace) oldest = Math.min(oldest, ready.readyMs);
    if (nowMs - oldest >= LIMITS.burstWaitMsMax) return false;
    for (const waiting of this.#waiting.values()) if (waiting.pace === pace && !waiting.restless) return true;
    return false;
  }
}

const SETTLE_MS: Record<Pace, number> = {
  content: LIMITS.settleContentMs,
  missing: LIMITS.settleMissingMs,
  "at-once": 0,
};

/** Links, folders, modes and kinds change in one step; files are written. */
function paceOf({ kind, stat }: Glimpse): Pace {
  if (stat === null) return "missing";
  return stat.kind === "file" && kind !== "mode" && kind !== "type" ? "content" : "at-once";
}

function looksEqual(a: Stat | null, b: Stat | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.kind === b.kind &&
    a.ino === b.ino &&
    a.sizeBytes === b.sizeBytes &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs
  );
}
