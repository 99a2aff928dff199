/**
 * Never a loop with an owner: what was repaired so often within so long is repaired no more, and a person is called. Pure.
 *
 * Counted by path, whatever the cause: whoever takes something away again and again may do so by different commands.
 */

export interface FlapLimit {
  readonly repairs: number;
  readonly withinMs: number;
}

export class RepairTimes {
  readonly #times = new Map<string, number[]>();

  note(paths: Iterable<string>, atMs: number): void {
    for (const path of paths) this.#times.set(path, [...(this.#times.get(path) ?? []), atMs]);
  }

  /** Those of `paths` that were repaired `limit.repairs` times within `limit.withinMs` before now. */
  flapping(paths: Iterable<string>, limit: FlapLimit, nowMs: number): Set<string> {
    const flapping = new Set<string>();
    for (const path of paths) {
      const recent = (this.#times.get(path) ?? []).filter((atMs) => nowMs - atMs < limit.withinMs);
      if (recent.length === 0) this.#times.delete(path);
      else this.#times.set(path, recent);
      if (recent.length >= limit.repairs) flapping.add(path);
    }
    return flapping;
  }

  /** A person repaired it: counting begins anew. */
  forgive(paths: Iterable<string>): void {
    for (const path of paths) this.#times.delete(path);
  }
}
