/** One command that somebody saw, whoever saw it. Command lines are whole here and only here: what is stored goes through `describeCommand`. */

import type { Actor } from "../../ledger/index.ts";
import type { CommandReading } from "../command/reading.ts";

/** From the surest to the least sure. */
export type WitnessSource = "hook" | "trace" | "process" | "reflog";

export interface Witness {
  readonly source: WitnessSource;
  readonly argv: readonly string[];
  /** How it is shown, where the command line itself is not known: printable, without credentials. */
  readonly says?: string;
  readonly reading: CommandReading;
  readonly cwd: string | null;
  /** Unix ms. `endedMs` is `null` for a command that still ran when it was last seen, and `seenMs` tells when that was. */
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly seenMs: number;
  /** Of a line of the reflog: which came first, where their times are known to the second only. */
  readonly line?: number;
  /** `null` where nobody saw it end. */
  readonly exitCode: number | null;
  readonly pid: number | null;
  /** With the pid, tells one process from a later one of the same id. */
  readonly startKey: string | null;
  readonly actor: Actor;
  /** Its parents, nearest first, as far as they were seen. A trace knows only their short names. */
  readonly parents: readonly WitnessedParent[];
}

export interface WitnessedParent {
  readonly pid: number | null;
  readonly name: string;
  readonly argv: readonly string[];
  readonly startedMs: number | null;
  /** Of another session: an agent, a service manager. It started this work and is no part of it. */
  readonly isOutside?: true;
}
