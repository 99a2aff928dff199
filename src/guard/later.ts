/**
 * What is judged again later: what waits for git or a writer to end, what a window covers, what a stash holds for a while.
 *
 * In memory only: after a crash the first look compares everything again.
 */

import { LIMITS, type TreePath } from "../base/index.ts";
import type { Expectation } from "./expectation.ts";
import type { Judged } from "./judging.ts";

export class Later {
  readonly #due = new Map<TreePath, number>();
  readonly #deferred = new Set<TreePath>();
  /** Since when it differs: who did it is looked for from then on. */
  readonly #since = new Map<TreePath, number>();

  /** What waits, waits for the newest reason. Returns what is deferred for the first time. */
  keep(
    { waiting, deferred, noted }: Pick<Judged, "waiting" | "deferred" | "noted">,
    looked: readonly Expectation[],
    { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
  ): Judged["deferred"] {
    const kept = [...waiting, ...deferred.map(({ path }) => path), ...noted.map(({ path }) => path)];
    const since = kept.map((path) => [path, Math.min(sinceMs, this.#since.get(path) ?? sinceMs)] as const);
    const fresh = deferred.filter(({ path }) => !this.#deferred.has(path));
    for (const { path } of looked) this.forget(path);
    for (const path of waiting) this.#due.set(path, nowMs + LIMITS.guardWaitMs);
    for (const { path, dueMs } of noted) this.#due.set(path, dueMs);
    for (const { path } of deferred) this.#deferred.add(path);
    for (const [path, ms] of since) this.#since.set(path, ms);
    return fresh;
  }

  /** Nothing has to hold of it any more. */
  forget(path: TreePath): void {
    this.#due.delete(path);
    this.#deferred.delete(path);
    this.#since.delete(path);
  }

  waiting(): TreePath[] {
    return [...this.#due.keys()];
  }

  due(nowMs: number): TreePath[] {
    return [...this.#due].filter(([, dueMs]) => dueMs <= nowMs).map(([path]) => path);
  }

  deferred(): TreePath[] {
    return [...this.#deferred];
  }

  /** The earliest of `paths`, or `nowMs`. */
  sinceMs(paths: readonly TreePath[], nowMs: number): number {
    return paths.reduce((earliest, path) => Math.min(earliest, this.#since.get(path) ?? earliest), nowMs);
  }
}
