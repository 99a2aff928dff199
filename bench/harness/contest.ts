/**
 * A benchmark is a contest: ours, the peers that are installed and the physical floor, measured in turn in the same run.
 *
 * Interleaved (A B C, A B C …), because a machine's speed drifts by the minute: what is compared was measured side by side. Whoever
 * fails is named with its error and takes no further part; it ends nobody else's run.
 */

import { childrenCpuMs } from "./machine.ts";
import type { Stage } from "./stage.ts";

export interface Benchmark {
  readonly name: string;
  /** One line: what is measured. */
  readonly measures: string;
  readonly unit: Unit;
  readonly rounds: { usual: number; quick: number };
  /** Everything that is made once. Not measured. */
  prepare(stage: Stage): Promise<Contest> | Contest;
}

/** `per second`: more is better; of the others less. `as named`: each contestant's name tells its unit. */
export type Unit = "ms" | "per second" | "as named";

export interface Contest {
  readonly contestants: readonly Contestant[];
  readonly bounds: readonly Bound[];
  /** Peers that could not take part, with the reason. */
  readonly missing: readonly string[];
  /** What somebody who reads the figures has to know. */
  readonly notes: readonly string[];
}

export interface Contestant {
  readonly name: string;
  readonly role: "ours" | "peer" | "floor";
  /** Before each of its turns; not measured. */
  before?(round: number): void | Promise<void>;
  /** One turn: one figure or many, in the benchmark's unit. It does its own timing, so that nothing else is in it. */
  measure(round: number): number | readonly number[] | Promise<number | readonly number[]>;
}

/** What must hold: `limit` × the median of `against`, or `limit` in the benchmark's unit where `against` is `null`. */
export interface Bound {
  readonly kind: "gate" | "goal";
  readonly of: string;
  readonly statistic: "p50" | "p99";
  readonly against: string | null;
  readonly limit: number;
}

export interface Outcome {
  readonly name: string;
  readonly role: Contestant["role"];
  /** In the order in which they were measured. */
  readonly samples: readonly number[];
  /** Processor time of the child processes, ms a sample, one figure a turn; zeroes where nothing was started or it cannot be told. */
  readonly cpuMs: readonly number[];
  /** What ended its part; `null`: it took part to the end. */
  readonly failure: string | null;
}

export interface RunOptions {
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** One round more than asked for: the first warms caches, and is not counted. */
export async function runContest(contest: Contest, { rounds, signal, say }: RunOptions): Promise<Outcome[]> {
  const outcomes = contest.contestants.map(({ name, role }) => ({
    name,
    role,
    samples: [] as number[],
    cpuMs: [] as number[],
    failure: null as string | null,
  }));
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const [index, contestant] of contest.contestants.entries()) {
      const outcome = outcomes[index]!;
      signal.throwIfAborted();
      if (outcome.failure !== null) continue;
      try {
        await contestant.before?.(round);
        const cpuBeforeMs = childrenCpuMs();
        const measured = await contestant.measure(round);
        const cpuMs = childrenCpuMs() - cpuBeforeMs;
        if (round === 0) continue;
        const samples = typeof measured === "number" ? [measured] : measured;
        outcome.samples.push(...samples);
        outcome.cpuMs.push(cpuMs / samples.length);
      } catch (error) {
        signal.throwIfAborted();
        outcome.failure = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return outcomes;
}
