/**
 * Runs whose `holdfast` died: ended without force, by whoever writes next.
 *
 * A command that lives on is waited for, as long as somebody looks again and again (the daemon), and not longer than
 * `LIMITS.runOrphanMsMax`: it may be a server.
 */

import { HoldfastError, isSystemError, LIMITS } from "../base/index.ts";
import { childOf, isSameAlive } from "./child-file.ts";
import { type EndedRun, endRun } from "./end-run.ts";
import type { Run } from "./run.ts";
import type { RollbackWorld } from "./world.ts";

export class AbandonedRuns {
  readonly #world: RollbackWorld;
  /** Since when a command lives on without its `holdfast`. Monotonic ms. */
  readonly #orphanedMs = new Map<string, number>();

  constructor(world: RollbackWorld) {
    this.#world = world;
  }

  /** A refused store or disk is logged: the run stays open, and the next look tries again. */
  async end(): Promise<EndedRun[]> {
    const ended: EndedRun[] = [];
    for (const run of this.#world.runs.all()) {
      if (!this.#isAbandoned(run)) continue;
      try {
        ended.push(await endRun(run, { exitCode: null, signal: null, abandoned: true }, this.#world));
        this.#orphanedMs.delete(run.id);
      } catch (error) {
        if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
        this.#world.ports.log.error("a run that crashed could not be ended; it is tried again", error, { run: run.id });
      }
    }
    return ended;
  }

  #isAbandoned(run: Run): boolean {
    const { ports, tree } = this.#world;
    if (isSameAlive(run, ports)) return false;
    const child = childOf(tree.state, run.id, ports);
    if (child === null || !isSameAlive(child, ports)) return true;
    const nowMs = ports.clock.monotonicMs();
    const sinceMs = this.#orphanedMs.get(run.id) ?? nowMs;
    this.#orphanedMs.set(run.id, sinceMs);
    return nowMs - sinceMs > LIMITS.runOrphanMsMax;
  }
}
